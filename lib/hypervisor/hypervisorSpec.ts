import { type Faults, show } from "../faults";
import type { FusionHypervisorArgs } from "./FusionHypervisor";
import { checkedCapacity, checkedLabels, type HypervisorCapacity } from "./hypervisorFacts";
import { type LibvirtConnection, needsSsh, parseLibvirtUri } from "./libvirtUri";
import { anyNetwork, anyNetwork6, type NetworkSpec, networkSpec } from "./networkSpec";
import { defaultPoolPath } from "./session";

/** The arguments of a hypervisor as validated plain values. Where an argument is wrong, a harmless value stands for it. */
export interface HypervisorSpec {
    name: string;
    connection: LibvirtConnection;
    domainType: "kvm" | "qemu";
    network: NetworkSpec;
    pool: { name: string; path: string };
    labels: Record<string, string>;
    capacity: HypervisorCapacity;
}

/** Stands for a hypervisor that is none: from it no fault follows. */
export const noHypervisor: HypervisorSpec = {
    name: "",
    connection: { uri: "", localUri: "", ssh: undefined, session: false },
    domainType: "qemu",
    network: {
        ...{ mode: "existing", name: "", bridge: "", device: "", cidr: anyNetwork, cidr6: anyNetwork6 },
        ...{ gateway: "", defaultRoute: false, nameservers: [] },
    },
    pool: { name: "", path: "" },
    labels: {},
    capacity: {},
};

/** Checks the arguments; what is wrong goes to `faults`, with paths from the component's name on. */
export function hypervisorSpec(name: string, args: FusionHypervisorArgs, faults: Faults): HypervisorSpec {
    faults.name(name, name);
    const connection = checkConnection(name, args, faults);
    const domainType = args.domainType ?? "kvm";
    faults.oneOf(`${name}.domainType`, domainType, ["kvm", "qemu"]);
    const network = networkSpec(name, args.network, connection.session, faults);
    const pool = args.pool?.name ?? name;
    if (args.pool?.name !== undefined) {
        faults.name(`${name}.pool.name`, pool);
    }
    const path = args.pool?.path ?? defaultPoolPath(connection, pool);
    if (path === undefined) {
        faults.add(`${name}.pool.path`, `is missing; give a directory of the user's whose libvirt ${args.uri} is`);
    } else if (args.pool?.path !== undefined && !/^(\/[A-Za-z0-9_@%+=:,.-]+)+$/.test(path)) {
        faults.add(
            `${name}.pool.path`,
            `is not an absolute path that libvirt takes: ${show(path)}; give one such as "/var/lib/libvirt/images/rack"`,
        );
    }
    return {
        name,
        connection,
        domainType,
        network,
        pool: { name: pool, path: path ?? "" },
        labels: checkedLabels(`${name}.labels`, args.labels ?? {}, faults),
        capacity: checkedCapacity(`${name}.capacity`, args.capacity ?? {}, faults),
    };
}

function checkConnection(name: string, { uri, ssh }: FusionHypervisorArgs, faults: Faults): LibvirtConnection {
    const connection = parseLibvirtUri(uri, ssh);
    if (typeof connection === "string") {
        faults.add(`${name}.uri`, connection);
        return { uri: "", localUri: "", ssh: undefined, session: false };
    }
    if (ssh === undefined && needsSsh(uri)) {
        faults.add(
            `${name}.ssh`,
            `is missing: commands cannot be run on the hypervisor over TLS; say how to log in there, such as { address: "rack1", user: "root" }`,
        );
    }
    if (connection.session && connection.ssh !== undefined && !/[?&]socket=/.test(uri)) {
        faults.add(
            `${name}.uri`,
            `names no socket of the user's libvirt: ${show(uri)}; add "?socket=/run/user/UID/libvirt/libvirt-sock"`,
        );
    }
    return connection;
}
