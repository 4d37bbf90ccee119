import { Faults, show } from "../faults";
import { isIp } from "./checkWords";

/** What keepalived is told on one of two machines. */
export interface KeepalivedSpec {
    /** The balancer's. */
    name: string;
    /** The balancer's, which has the probe. */
    directory: string;
    /** The virtual address with the length of its network's prefix: `192.0.2.10/24`. */
    address: string;
    /** VRRP's number of the pair, 1 to 255. */
    routerId: number;
    /** The machine's own address, and the other one's: of the same kind as the virtual one. */
    own: string;
    peer: string;
    /** The network interface that gets the virtual address. @default what `$INTERFACE` is said to be in a line before */
    interface?: string | undefined;
    /** Seconds that it keeps out of it after its start, so that the other machine, started with it, gets the address. @default 0 */
    startupDelaySeconds?: number;
}

/** What a balancer that cannot be used by clients loses of the priority that both have. */
const PRIORITY = 200;
const NOT_READY = -50;

/** Seconds between two advertisements. A master that is silent for three of them, and a little, is followed by the other one. */
const ADVERT_SECONDS = 0.5;

/**
 * Renders the configuration of keepalived (2.0 and later) on one of two balancers' machines.
 *
 * Both begin as backups of the same priority, so neither takes the address from the other as long as both are well. One without a
 * running HAProxy gives it up at once; one whose HAProxy does not answer, or has a backend without a server, has less priority
 * and loses it to one that is better. Where both are as bad the address stays, and what still can be is served. VRRP's `nopreempt` would do the
 * first alone: with it the other one does not come in for less priority.
 *
 * @throws FusionInputError naming every value that could be more than a word of keepalived's language
 */
export function renderKeepalivedConfig(spec: KeepalivedSpec): string {
    check(spec);
    const delay = spec.startupDelaySeconds ?? 0;
    return [
        section("global_defs", [
            `router_id ${spec.name}`,
            "enable_script_security",
            "script_user root",
            "vrrp_version 3",
            "vrrp_check_unicast_src",
            ...(delay > 0 ? [`vrrp_startup_delay ${delay}`] : []),
        ]),
        section("vrrp_script alive", [
            `script "${spec.directory}/probe alive"`,
            ...["interval 1", "timeout 2", "fall 1", "rise 1", "init_fail"],
        ]),
        section("vrrp_script ready", [
            `script "${spec.directory}/probe ready"`,
            ...["interval 1", "timeout 2", "fall 2", "rise 2", `weight ${NOT_READY}`],
        ]),
        section(`vrrp_instance ${spec.name}`, [
            "state BACKUP",
            `interface ${spec.interface ?? "$INTERFACE"}`,
            `virtual_router_id ${spec.routerId}`,
            `priority ${PRIORITY}`,
            `advert_int ${ADVERT_SECONDS}`,
            `unicast_src_ip ${spec.own}`,
            ...["unicast_peer {", `    ${spec.peer}`, "}"],
            ...["virtual_ipaddress {", `    ${spec.address}`, "}"],
            ...["track_script {", "    alive", "    ready", "}"],
        ]),
    ].join("\n");
}

const section = (title: string, lines: readonly string[]): string =>
    `${title} {\n${lines.map((line) => `    ${line}\n`).join("")}}\n`;

function check({ name, directory, address, routerId, own, peer, ...others }: KeepalivedSpec): void {
    const faults = new Faults();
    const words = (path: string, value: unknown, pattern: RegExp, example: string) => {
        if (typeof value !== "string" || !pattern.test(value)) {
            faults.add(path, `is no word that keepalived would take: ${show(value)}; give one such as "${example}"`);
        }
    };
    faults.name("name", name);
    words("directory", directory, /^(\/[A-Za-z0-9_@+=.-]+)+$/, "/var/lib/fusion/lb");
    words("address", address, /^[0-9A-Fa-f.:]+\/\d{1,3}$/, "192.0.2.10/24");
    for (const [path, value] of Object.entries({ address: address?.split("/")[0], own, peer })) {
        if (typeof value !== "string" || !isIp(value)) {
            faults.add(path, `is no IP address: ${show(value)}; give one such as "192.0.2.11"`);
        }
    }
    faults.integer("routerId", routerId, 1, 255, "give a number such as 51");
    if (others.interface !== undefined) {
        words("interface", others.interface, interfacePattern, "eth0");
    }
    faults.integer("startupDelaySeconds", others.startupDelaySeconds ?? 0, 0, 3600, "give seconds, such as 10");
    faults.throwIfAny();
}

/** A network interface's name, as Linux has them. */
export const interfacePattern = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}$/;
