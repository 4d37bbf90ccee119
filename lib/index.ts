export type {
    AcmeArgs,
    BackendArgs,
    CertificateArgs,
    HaproxyArgs,
    Listener,
    MetricsArgs,
    StandbyArgs,
    TlsArgs,
} from "./balancer/balancerArgs";
export { FusionBalancer, type FusionBalancerArgs } from "./balancer/FusionBalancer";
export type {
    Algorithm,
    HaproxyBackend,
    HaproxyBind,
    HaproxyClients,
    HaproxyFrontend,
    HaproxyRoute,
    HaproxyServer,
    HaproxySpec,
    HaproxyTimeouts,
    Mode,
} from "./balancer/haproxySpec";
export { renderHaproxyConfig } from "./balancer/renderHaproxyConfig";
export type { Endpoint } from "./containers/endpoint";
export {
    type FileArgs,
    FusionContainerSet,
    type FusionContainerSetArgs,
} from "./containers/FusionContainerSet";
export type { HealthCheck } from "./containers/healthSpec";
export type { UpdateArgs } from "./containers/updateSpec";
export type { VolumeArgs } from "./containers/volumeSpec";
export type { ExistingHost } from "./dockerHost";
export * from "./graph";
export { FusionHypervisor, type FusionHypervisorArgs } from "./hypervisor/FusionHypervisor";
export { libvirtUri } from "./hypervisor/libvirtUri";
export type { LibvirtUriArgs } from "./hypervisor/uriParts";
export type { ArchivedImage, BuiltImage, ImageArgs } from "./images/imageArgs";
export { FusionInputError, type InputFault } from "./inputError";
export { FusionJob, type FusionJobArgs } from "./jobs/FusionJob";
export type * as libvirt from "./libvirt";
export * from "./pictures";
export * from "./placement";
export { reviewMarkdown } from "./review/markdown/reviewMarkdown";
export type { ReviewRules, SettledRules, Stop } from "./review/rules";
export { summarisePreview } from "./review/summarisePreview";
export type * from "./review/types";
export type { SshTarget } from "./ssh";
export { FusionSwarm, type FusionSwarmArgs, type OverlayArgs } from "./swarm/FusionSwarm";
export type { SwarmArgs } from "./swarm/serviceArgs";
export type { DockerArgs } from "./vm/dockerSpec";
export { FusionVm, type FusionVmArgs } from "./vm/FusionVm";
export type { GuestArgs } from "./vm/guestSpec";
export { type PlaceVmsArgs, placeVms } from "./vm/placeVms";
export type { VmToPlace } from "./vm/planVms";
export type { ProxyArgs } from "./vm/proxySpec";
export { type CloudInitDocuments, type CloudInitSpec, renderCloudInit } from "./vm/renderCloudInit";
