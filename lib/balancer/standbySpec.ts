import { createHash } from "node:crypto";
import * as ipaddr from "ipaddr.js";
import { checkSshTarget } from "../checkSshTarget";
import { type Faults, show } from "../faults";
import type { SshTarget } from "../ssh";
import { stackName } from "../stackName";
import type { StandbyArgs } from "./balancerArgs";
import { isIp } from "./checkWords";
import type { FusionBalancerArgs } from "./FusionBalancer";
import { interfacePattern } from "./renderKeepalivedConfig";

/** The second of two balancers, as validated plain values. */
export interface StandbySpec {
    /** How its machine is reached; undefined: this machine. */
    ssh: SshTarget | undefined;
    /** The virtual address with the length of its network's prefix. */
    address: string;
    interface: string | undefined;
    routerId: number;
    /** IP addresses of the first machine and of the standby's. */
    peers: readonly [string, string];
}

/** How the two machines are reached over ssh. */
interface Reached {
    first: SshTarget | undefined;
    standby: SshTarget | undefined;
}

/** Checks what a balancer is told of its standby; what is wrong goes to `faults`. */
export function standbySpec(
    name: string,
    { host, standby }: FusionBalancerArgs,
    ssh: Reached,
    faults: Faults,
): StandbySpec | undefined {
    if (standby === undefined) {
        return undefined;
    }
    const path = `${name}.standby`;
    if (standby.host === undefined) {
        faults.add(`${path}.host`, "is missing; give another machine than that of the balancer's host");
    } else if (standby.host === host || isSame(ssh)) {
        faults.add(`${path}.host`, "is the machine of the first balancer; give another one, which fails apart from it");
    }
    if (ssh.standby !== undefined) {
        checkSshTarget(`${path}.host.ssh`, ssh.standby, faults);
    }
    if (standby.interface !== undefined && !interfacePattern.test(standby.interface)) {
        faults.add(
            `${path}.interface`,
            `is no name of a network interface: ${show(standby.interface)}; give one such as "eth0"`,
        );
    }
    const { routerId = routerIdOf(name) } = standby;
    faults.integer(
        `${path}.routerId`,
        routerId,
        1,
        255,
        "give a number that no other pair in the network has, such as 51",
    );
    const peers = peersOf(path, standby, ssh, faults);
    checkAddress(`${path}.address`, standby.address, peers, faults);
    return { ssh: ssh.standby, address: standby.address, interface: standby.interface, routerId, peers };
}

const isSame = ({ first, standby }: Reached): boolean =>
    first !== undefined && standby !== undefined && identity(first) === identity(standby);

const identity = ({ address, port = 22, jump }: SshTarget): string =>
    `${address} ${port} ${jump === undefined ? "" : identity(jump)}`;

/** The same for a name in every deployment, and another for most others. */
function routerIdOf(name: string): number {
    const hash = createHash("sha256").update(`${stackName()}/${name}`).digest();
    return (hash.readUInt16BE(0) % 255) + 1;
}

/** The addresses by which the two machines reach each other. */
function peersOf(path: string, { peers }: StandbyArgs, ssh: Reached, faults: Faults): StandbySpec["peers"] {
    if (peers !== undefined) {
        const [first = "", standby = "", ...more] = peers;
        if (more.length > 0 || !isIp(first) || !isIp(standby) || first === standby) {
            faults.add(
                `${path}.peers`,
                `must be two IP addresses, the first machine's and the standby's, got ${show(peers)}; give ["192.0.2.11", "192.0.2.12"]`,
            );
            faults.cover(`${path}.peers`);
        }
        return [first, standby];
    }
    const reached = [ssh.first?.address ?? "", ssh.standby?.address ?? ""] as const;
    for (const [index, one] of reached.entries()) {
        if (!isIp(one)) {
            const which = index === 0 ? "the first balancer" : "the standby";
            const why = one === "" ? `${which} is on this machine` : `${which} is reached as ${show(one)}`;
            faults.add(
                `${path}.peers`,
                `is missing, and ${why}, which is no IP address; give those of both machines, such as ["192.0.2.11", "192.0.2.12"]`,
            );
            faults.cover(`${path}.peers`);
        }
    }
    return reached;
}

function checkAddress(path: string, given: unknown, peers: StandbySpec["peers"], faults: Faults): void {
    const [, address = "", prefix = ""] = /^([0-9A-Fa-f.:]+)(?:\/(\d{1,3}))?$/.exec(String(given)) ?? [];
    const bits = address.includes(":") ? 128 : 32;
    if (typeof given !== "string" || !isIp(address) || Number(prefix) > bits || prefix === "0") {
        faults.add(
            path,
            `is no address with the length of its network's prefix: ${show(given)}; give one such as "192.0.2.10/24"`,
        );
        return;
    }
    if (prefix === "") {
        faults.add(
            path,
            `lacks the length of its network's prefix: ${show(given)}; did you mean "${address}/${bits === 32 ? 24 : 64}"?`,
        );
    } else if (isNone(address, Number(prefix))) {
        faults.add(
            path,
            `is no address that a machine may have: ${show(given)}; give a free one of the machines' network`,
        );
    }
    if (peers.some((peer) => isIp(peer) && ipaddr.parse(peer).toString() === ipaddr.parse(address).toString())) {
        faults.add(path, `is the own address of one of the machines: ${show(given)}; give a free one of their network`);
    }
    const other = peers.find((peer) => isIp(peer) && peer.includes(":") !== address.includes(":"));
    if (other !== undefined) {
        const kind = (one: string) => (one.includes(":") ? "IPv6" : "IPv4");
        faults.add(
            path,
            `is ${kind(address)}, and the machines reach each other by ${kind(other)} (${other}); give standby.peers of the same kind`,
        );
    }
}

/** Whether an address is that of a network itself, of all its machines, of the machine itself, or of many. */
function isNone(address: string, prefix: number): boolean {
    const parsed = ipaddr.parse(address);
    if (["loopback", "multicast", "unspecified", "broadcast"].includes(parsed.range())) {
        return true;
    }
    if (!(parsed instanceof ipaddr.IPv4) || prefix >= 31) {
        return false;
    }
    const text = `${address}/${prefix}`;
    return [ipaddr.IPv4.networkAddressFromCIDR(text), ipaddr.IPv4.broadcastAddressFromCIDR(text)].some(
        (one) => one.toString() === parsed.toString(),
    );
}
