import type * as pulumi from "@pulumi/pulumi";
import * as libvirt from "../libvirt";
import { isOwn, type NetworkSpec } from "./networkSpec";

const libvirtModes: Partial<Record<NetworkSpec["mode"], string>> = { nat: "nat", routed: "route", isolated: "none" };

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
            mode: libvirtModes[spec.mode] ?? "nat",
            bridge: spec.bridge,
            addresses: [spec.cidr.text, ...(spec.cidr6 === undefined ? [] : [spec.cidr6.text])],
            // Addresses are fixed in the machines themselves: leases are what users of libvirt suffer from.
            dhcp: { enabled: false },
            autostart: true,
        },
        opts,
    );
}
