import { networkOf } from "../cidr";
import { type Finding, nothingOwned, type Wanted } from "../doctor/wanted";
import { needsSsh, parseLibvirtUri } from "../hypervisor/libvirtUri";
import { defaultPoolPath } from "../hypervisor/session";
import { UsageError } from "./io";

/** What is asked of one hypervisor on the command line. @throws UsageError for what is wrong with it */
export function wantedByOptions(uri: string, values: ReadonlyMap<string, string>): Wanted {
    const connection = parseLibvirtUri(uri);
    if (typeof connection === "string") {
        throw new UsageError(`--uri ${connection}`);
    }
    if (needsSsh(uri)) {
        const host = new URL(uri).hostname;
        throw new UsageError(
            `--uri ${uri}: commands cannot be run on the hypervisor over TLS; give qemu+ssh://root@${host}/system`,
        );
    }
    const path = values.get("pool") ?? defaultPoolPath(connection, "")?.replace(/\/$/, "");
    if (path === undefined || !path.startsWith("/")) {
        throw new UsageError(`--pool must be an absolute path on the hypervisor, got "${path ?? ""}"`);
    }
    const memoryMiB = amount("memory", values.get("memory"));
    const diskGiB = amount("disk", values.get("disk"));
    const cidr = values.get("cidr");
    return {
        name: "hypervisor",
        connection,
        pool: { path },
        ...(cidr !== undefined && { network: { made: true, cidrs: [network(cidr)] } }),
        vms: memoryMiB + diskGiB > 0 ? [{ name: "new machines", vcpus: 1, memoryMiB, diskGiB }] : [],
        balancers: [],
        owned: nothingOwned,
    };
}

function amount(name: string, text: string | undefined): number {
    if (text !== undefined && !/^[1-9]\d{0,8}$/.test(text)) {
        throw new UsageError(`--${name} must be a whole number above 0, got "${text}"; give one such as 64`);
    }
    return Number(text ?? 0);
}

function network(cidr: string): string {
    const [address = "", prefix] = cidr.split("/");
    const text = prefix === undefined ? undefined : networkOf(address, prefix);
    if (text === undefined) {
        throw new UsageError(`--cidr is no network: "${cidr}"; give one such as 10.77.0.0/24`);
    }
    return text;
}

/** The options that findings' paths stand for. */
const OPTIONS: Readonly<Record<string, string>> = {
    "hypervisor.uri": "--uri",
    "hypervisor.pool.path": "--pool",
    "hypervisor.network.cidr": "--cidr",
    "hypervisor.network.cidr6": "--cidr",
    "new machines.memoryMiB": "--memory",
};

/** A finding about what was asked for on the command line, named by its option. */
export const byOption = (finding: Finding): Finding => ({ ...finding, path: OPTIONS[finding.path] ?? finding.path });
