import { networkOf } from "../cidr";
import type { BaseImageFacts, DomainFacts, HypervisorSurvey, NetworkFacts, RouteFacts } from "./survey";
import { MARK } from "./surveyScript";
import { attribute, elements, text } from "./xmlText";

/** libvirt's numbers of a domain's states, as virsh calls them (virDomainState). */
const STATES = ["no state", "running", "idle", "paused", "in shutdown", "shut off", "crashed", "pmsuspended"];

/**
 * Reads what the survey's script has written.
 *
 * @returns undefined where it was cut off
 */
export function readSurvey(output: string, poolPath: string): HypervisorSurvey | undefined {
    const parts = new Map<string, string>();
    for (const part of `\n${output}`.split(`\n${MARK}`).slice(1)) {
        const end = part.indexOf("\n");
        parts.set(part.slice(0, end), part.slice(end + 1));
    }
    if (!parts.has("end")) {
        return undefined;
    }
    const lines = (name: string) => (parts.get(name) ?? "").split("\n").filter((line) => line.trim() !== "");
    const facts = new Map([...lines("facts"), ...lines("storage"), ...lines("more-storage")].map(splitAt("=")));
    const version = (pattern: RegExp) => pattern.exec(parts.get("libvirt") ?? "")?.[1];
    const mebibytes = (fact: string) => Math.floor(Number(facts.get(fact) ?? 0) / 1024);
    return {
        reachable: true,
        host: facts.get("host") ?? "",
        user: facts.get("user") ?? "",
        root: facts.get("uid") === "0",
        libvirt: version(/^Running against daemon: (\S+)$/m),
        qemu: version(/^Running hypervisor: \S+ (\S+)$/m),
        kvmDevice: facts.get("kvm") === "yes",
        cpus: Number(facts.get("cpus") ?? 0),
        memoryMiB: { total: mebibytes("memTotal"), available: mebibytes("memAvailable") },
        storage: {
            path: poolPath,
            exists: facts.get("exists") === "yes",
            ...(facts.get("blockedBy") && { blockedBy: facts.get("blockedBy") }),
            writable: facts.get("writable") === "yes",
            owner: facts.get("owner") ?? "",
            freeGiB: Number(facts.get("freeKiB") ?? 0) / 2 ** 20,
            closedTo: facts.get("closedTo"),
            files: parts.has("files") ? lines("files") : undefined,
        },
        qemuUser: facts.get("qemuUser"),
        apparmor: facts.get("apparmor") === "Y",
        securityModels: elements(parts.get("security") ?? "", "model").filter((model) => model !== "none"),
        bridgeNetfilter: facts.get("bridgeNetfilter") === "1",
        forwardPolicy: facts.get("forward") || undefined,
        firewallBackend: facts.get("firewallBackend") || undefined,
        domains: readDomains(lines("domain-names"), lines("autostart"), parts.get("domains") ?? ""),
        networks: readNetworks(parts.get("networks") ?? "", lines("active")),
        pools: readPools(parts.get("pools") ?? ""),
        routes: readRoutes(lines("routes"), lines("addresses")),
        devices: lines("devices"),
        baseImages: readImages(lines("images"), lines("overlays")),
        programs: new Map(lines("programs").map(readProgram)),
    };
}

/** The two halves of a line at the first separator. */
const splitAt =
    (separator: string) =>
    (line: string): [string, string] => {
        const at = line.indexOf(separator);
        return at < 0 ? [line, ""] : [line.slice(0, at), line.slice(at + separator.length)];
    };

function readDomains(named: string[], autostart: string[], stats: string): Map<string, DomainFacts> {
    const starts = new Set(autostart.map((line) => line.trim()));
    const uuids = new Map(named.map((line) => splitAt(" ")(line.trim())).map(([uuid, name]) => [name.trim(), uuid]));
    const domains = new Map<string, DomainFacts>();
    for (const block of stats.split(/^Domain: '/m).slice(1)) {
        const [head = "", ...rest] = block.split("\n");
        const name = head.slice(0, head.lastIndexOf("'"));
        const values = new Map(rest.map((line) => splitAt("=")(line.trim())));
        const number = (key: string) => Number(values.get(key) ?? 0);
        domains.set(name, {
            uuid: uuids.get(name) ?? "",
            state: STATES[number("state.state")] ?? "no state",
            memoryMiB: Math.round(number("balloon.maximum") / 1024),
            vcpus: number("vcpu.current"),
            autostart: starts.has(name),
        });
    }
    return domains;
}

function readNetworks(xml: string, activeUuids: string[]): Map<string, NetworkFacts> {
    const active = new Set(activeUuids.map((line) => line.trim()));
    const networks = elements(xml, "network").map((network): [string, NetworkFacts] => {
        const ranges = [...network.matchAll(/<(?:ip|route)\s([^>]*)>/g)].map(([, attributes = ""]) => {
            const address = attribute(attributes, "address") ?? "";
            const mask = attribute(attributes, "prefix") ?? attribute(attributes, "netmask");
            return networkOf(address, mask);
        });
        const uuid = text(network, "uuid");
        const bridge = /<bridge\s([^>]*)>/.exec(network)?.[1];
        return [
            text(network, "name"),
            {
                uuid,
                bridge: bridge === undefined ? undefined : attribute(bridge, "name"),
                active: active.has(uuid),
                cidrs: ranges.filter((cidr) => cidr !== undefined),
            },
        ];
    });
    return new Map(networks);
}

const readPools = (xml: string): Map<string, string> =>
    new Map(elements(xml, "pool").map((pool) => [text(pool, "name"), text(pool, "path")]));

/** Routes and the networks of addresses, each once; what is of the machine itself alone (loopback, link) is left out. */
function readRoutes(routes: string[], addresses: string[]): RouteFacts[] {
    const found = new Map<string, RouteFacts>();
    const add = (address: string, device: string) => {
        const [ip = "", prefix] = address.split("/");
        const cidr = networkOf(ip, prefix);
        if (cidr !== undefined && !cidr.endsWith("/0") && !/^(127\.|::1\/|fe80:|ff)/.test(cidr)) {
            found.set(`${cidr} ${device}`, { cidr, device });
        }
    };
    for (const line of routes) {
        const refusing = /^(?:blackhole|unreachable|prohibit) ([0-9a-f.:]+(?:\/\d+)?)(?:.*?\bdev (\S+))?/.exec(line);
        const match = refusing ?? /^(?:(?:unicast|local) )?([0-9a-f.:]+(?:\/\d+)?) .*?\bdev (\S+)/.exec(line);
        add(match?.[1] ?? "", match?.[2] ?? "");
    }
    for (const line of addresses) {
        const match = /^\d+: (\S+)\s+inet6? (\S+)/.exec(line);
        add(match?.[2] ?? "", (match?.[1] ?? "").replace(/@.*$/, ""));
    }
    return [...found.values()];
}

function readImages(images: string[], overlays: string[]): BaseImageFacts[] {
    const uses = overlays.map(splitAt("\t"));
    return images.map((line) => {
        const [blocks = "0", size = "0", ...words] = line.split(" ");
        const path = words.join(" ");
        return {
            file: path.slice(path.lastIndexOf("/") + 1),
            sizeMiB: Math.ceil((Number(blocks) * Number(size)) / 2 ** 20),
            // What cannot be read may use any.
            usedBy: uses.filter(([base]) => base === path || base === "?").map(([, file]) => file),
        };
    });
}

function readProgram(line: string): [string, string] {
    const [name, told] = splitAt(" ")(line);
    return [name, /\d+\.\d[\w.]*/.exec(told)?.[0] ?? ""];
}
