import { type Faults, show } from "../faults";
import type { FusionHypervisorArgs } from "./FusionHypervisor";
import { type LibvirtConnection, parseLibvirtUri } from "./libvirtUri";
import { type NetworkSpec, networkSpec } from "./networkSpec";

/** The arguments of a hypervisor as validated plain values. Where an argument is wrong, a harmless value stands for it. */
export interface HypervisorSpec {
    name: string;
    connection: LibvirtConnection;
    domainType: "kvm" | "qemu";
    network: NetworkSpec;
    pool: { name: string; path: string };
}

/** Checks the arguments; what is wrong goes to `faults`, with paths from the component's name on. */
export function hypervisorSpec(name: string, args: FusionHypervisorArgs, faults: Faults): HypervisorSpec {
    faults.name(name, name);
    const connection = parseLibvirtUri(args.uri);
    if (typeof connection === "string") {
        faults.add(`${name}.uri`, connection);
    }
    const domainType = args.domainType ?? "kvm";
    faults.oneOf(`${name}.domainType`, domainType, ["kvm", "qemu"]);
    const session = typeof connection !== "string" && /\/session$/.test(connection.localUri.replace(/\?.*/, ""));
    const network = networkSpec(name, args.network, session, faults);
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
        network,
        pool: { name: pool, path },
    };
}
