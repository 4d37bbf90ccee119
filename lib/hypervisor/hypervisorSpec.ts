import { createHash } from "node:crypto";
import { type Cidr, parseCidr } from "../cidr";
import { type Faults, show } from "../faults";
import type { FusionHypervisorArgs } from "./FusionHypervisor";
import { checkedCapacity, checkedLabels, type HypervisorCapacity } from "./hypervisorFacts";
import { type LibvirtConnection, parseLibvirtUri } from "./libvirtUri";

/** The arguments of a hypervisor as validated plain values. Where an argument is wrong, a harmless value stands for it. */
export interface HypervisorSpec {
    name: string;
    connection: LibvirtConnection;
    domainType: "kvm" | "qemu";
    network: { name: string; bridge: string; cidr: Cidr };
    pool: { name: string; path: string };
    labels: Record<string, string>;
    capacity: HypervisorCapacity;
}

const anyNetwork: Cidr = {
    text: "0.0.0.0/0",
    prefix: 0,
    network: "0.0.0.0",
    gateway: "0.0.0.1",
    broadcast: "255.255.255.255",
};

/** Checks the arguments; what is wrong goes to `faults`, with paths from the component's name on. */
export function hypervisorSpec(name: string, args: FusionHypervisorArgs, faults: Faults): HypervisorSpec {
    faults.name(name, name);
    const connection = parseLibvirtUri(args.uri);
    if (typeof connection === "string") {
        faults.add(`${name}.uri`, connection);
    }
    const domainType = args.domainType ?? "kvm";
    faults.oneOf(`${name}.domainType`, domainType, ["kvm", "qemu"]);
    const cidrText = args.network?.cidr ?? "10.77.0.0/24";
    const cidr = parseCidr(cidrText);
    if (cidr === undefined || cidr.prefix < 8 || cidr.prefix > 29) {
        faults.add(
            `${name}.network.cidr`,
            `is not an IPv4 network of /8 to /29: ${show(cidrText)}; give one such as "10.77.0.0/24"`,
        );
    }
    const network = args.network?.name ?? name;
    faults.name(`${name}.network.name`, network);
    const bridge = args.network?.bridge ?? bridgeFor(network);
    if (!/^[a-z][a-z0-9-]{0,14}$/.test(bridge)) {
        faults.add(
            `${name}.network.bridge`,
            `is no name for a bridge: ${show(bridge)}; use up to 15 lower-case letters, digits and '-', beginning with a letter`,
        );
    }
    const pool = args.pool?.name ?? name;
    faults.name(`${name}.pool.name`, pool);
    const path = args.pool?.path ?? `/var/lib/libvirt/images/${pool}`;
    if (!/^(\/[A-Za-z0-9_@%+=:,.-]+)+$/.test(path)) {
        faults.add(
            `${name}.pool.path`,
            `is not an absolute path that libvirt takes: ${show(path)}; give one such as "/var/lib/libvirt/images/rack"`,
        );
    }
    return {
        name,
        connection: typeof connection === "string" ? { uri: "", localUri: "", ssh: undefined } : connection,
        domainType,
        network: { name: network, bridge, cidr: cidr ?? anyNetwork },
        pool: { name: pool, path },
        labels: checkedLabels(`${name}.labels`, args.labels ?? {}, faults),
        capacity: checkedCapacity(`${name}.capacity`, args.capacity ?? {}, faults),
    };
}

/** A name of at most 15 characters, which is Linux's limit, that differs for every network. */
function bridgeFor(network: string): string {
    return `fus-${createHash("sha256").update(network).digest("hex").slice(0, 8)}`;
}
