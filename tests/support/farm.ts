import * as pulumi from "@pulumi/pulumi";
import * as fusion from "../../lib";

/** A registry that is not there: an image with a digest is then taken as it is. */
export const image = (version: string) => `127.0.0.1:1/httpd@sha256:${version.repeat(64)}`;

export interface FarmArgs {
    vms?: string[];
    replicas?: number;
    image?: string;
    env?: Record<string, pulumi.Input<string>>;
    vm?: Partial<fusion.FusionVmArgs>;
    set?: Partial<fusion.FusionContainerSetArgs>;
    balancer?: Partial<fusion.FusionBalancerArgs>;
    hypervisor?: Partial<fusion.FusionHypervisorArgs>;
    /** Further components for the same hypervisor: name to network. */
    more?: Record<string, fusion.FusionHypervisorArgs["network"]>;
    /** The hypervisor component's name. */
    rack?: string;
    opts?: (component: string) => pulumi.ComponentResourceOptions;
}

/** The example's four steps: machines on a hypervisor, containers in them, a balancer in front. */
export function farm(args: FarmArgs = {}): Record<string, pulumi.Output<unknown>> {
    const opts = args.opts ?? (() => ({}));
    const uri = "qemu:///system";
    const { rack: on = "rack" } = args;
    const rack = new fusion.FusionHypervisor(on, { uri, domainType: "qemu", ...args.hypervisor }, opts(on));
    for (const [name, network] of Object.entries(args.more ?? {})) {
        new fusion.FusionHypervisor(name, { uri, domainType: "qemu", network });
    }
    const vms = (args.vms ?? ["vm1", "vm2"]).map(
        (name) =>
            new fusion.FusionVm(
                name,
                {
                    hypervisor: rack,
                    image: { source: "/etc/hosts", sha256: "a".repeat(64) },
                    address: `10.77.0.1${name.slice(2)}`,
                    ssh: { authorizedKeys: ["ssh-ed25519 OPERATOR"] },
                    ...args.vm,
                },
                opts(name),
            ),
    );
    const web = new fusion.FusionContainerSet(
        "web",
        {
            hosts: vms,
            image: args.image ?? image("1"),
            replicas: args.replicas ?? 2,
            ports: [{ container: 80 }],
            healthCheck: { http: {} },
            ...(args.env && { env: args.env }),
            ...args.set,
        },
        opts("web"),
    );
    const lb = new fusion.FusionBalancer(
        "lb",
        { listen: 8080, backends: [web], host: rack, ...args.balancer },
        opts("lb"),
    );
    const addresses = pulumi.all(vms.map((vm) => vm.address));
    const ready = pulumi.all(vms.map((vm) => vm.ready));
    return { url: lb.url, config: lb.config, endpoints: web.endpoints, placement: web.placement, addresses, ready };
}
