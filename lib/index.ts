export { FusionBalancer, type FusionBalancerArgs } from "./balancer/FusionBalancer";
export type { Algorithm, HaproxyBackend, HaproxyFrontend, HaproxyServer, HaproxySpec } from "./balancer/haproxySpec";
export { renderHaproxyConfig } from "./balancer/renderHaproxyConfig";
export {
    type Endpoint,
    FusionContainerSet,
    type FusionContainerSetArgs,
    type HealthCheck,
} from "./containers/FusionContainerSet";
export type { ExistingHost } from "./dockerHost";
export * from "./graph";
export { FusionHypervisor, type FusionHypervisorArgs } from "./hypervisor/FusionHypervisor";
export { FusionInputError, type InputFault } from "./inputError";
export * from "./pictures";
export * from "./placement";
export type { SshTarget } from "./ssh";
export { FusionVm, type FusionVmArgs } from "./vm/FusionVm";
export { type PlaceVmsArgs, placeVms } from "./vm/placeVms";
export type { VmToPlace } from "./vm/planVms";
export { type CloudInitDocuments, type CloudInitSpec, renderCloudInit } from "./vm/renderCloudInit";
