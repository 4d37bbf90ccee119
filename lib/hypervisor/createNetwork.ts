import type * as pulumi from "@pulumi/pulumi";
import * as libvirt from "../libvirt";
import { isOwn, type NetworkSpec } from "./networkSpec";

const libvirtModes: Partial<Record<NetworkSpec["mode"], string>> = { nat: "nat", routed: "route", isolated: "none" };

const modeOf = ({ mode }: NetworkSpec): string => libvirtModes[mode] ?? "nat";

/**
 * What another network in place of the last one does to its machines, in words; undefined where the network stays. A change
 * of the addresses is a change of each machine, too, and told there.
 *
 * @param last what the state has of the network
 * @param machines those that the last deployment has left on the hypervisor
 */
export function tellNetworkChange(
    name: string,
    last: Readonly<Record<string, unknown>> | undefined,
    spec: NetworkSpec,
    machines: readonly string[],
): string | undefined {
    const changes = Object.entries({ mode: modeOf(spec), bridge: spec.bridge, name: spec.name })
        .filter(([key, value]) => typeof last?.[key] === "string" && value !== undefined && last[key] !== value)
        .map(([key, value]) => `network.${key} (${last?.[key]} -> ${value})`);
    if (!isOwn(spec) || changes.length === 0 || machines.length === 0) {
        return undefined;
    }
    const [are, have] = machines.length === 1 ? ["is", "has its card"] : ["are", "have their cards"];
    return `${name}: libvirt makes its network anew, for ${changes.join(", ")}. ${machines.join(", ")} ${have} on it and ${are} restarted all at once, not in turn.`;
}

/** The machines' network where libvirt is to make it; undefined where it is there already. */
export function createNetwork(
    name: string,
    spec: NetworkSpec,
    opts: pulumi.CustomResourceOptions,
): libvirt.Network | undefined {
    if (!isOwn(spec)) {
        return undefined;
    }
    return new libvirt.Network(
        name,
        {
            name: spec.name,
            mode: modeOf(spec),
            bridge: spec.bridge,
            addresses: [spec.cidr.text, ...(spec.cidr6 === undefined ? [] : [spec.cidr6.text])],
            // Addresses are fixed in the machines themselves: leases are what users of libvirt suffer from.
            dhcp: { enabled: false },
            autostart: true,
        },
        opts,
    );
}
