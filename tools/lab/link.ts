import { run } from "../run";
import type { Lab } from "./lab";
import { shortHash } from "./lock";
import { knownHostsFile } from "./sshd";

/** One end of a cable between two labs. */
export interface LabEnd {
    /** IPv4 address in the lab's namespace. */
    address: string;
    /** Name of the interface there. */
    device: string;
}

/**
 * Puts a cable between two labs: a pair of interfaces with addresses of their own. It goes with either lab's namespace. A
 * second call changes nothing.
 *
 * @returns the ends in `a` and in `b`
 */
export async function linkLabs(a: Lab, b: Lab): Promise<[LabEnd, LabEnd]> {
    const ends = cableEnds(a.dir, b.dir);
    const [one, other] = ends;
    const there = await run("ip", ["-n", a.namespace, "link", "show", one.device], { allowFailure: true });
    if (there.code !== 0) {
        const peer = ["type", "veth", "peer", "name", other.device, "netns", b.namespace];
        await run("ip", ["link", "add", one.device, "netns", a.namespace, ...peer]);
    }
    for (const [lab, end] of [
        [a, one],
        [b, other],
    ] as const) {
        await run("ip", ["-n", lab.namespace, "address", "replace", `${end.address}/30`, "dev", end.device]);
        await run("ip", ["-n", lab.namespace, "link", "set", end.device, "up"]);
    }
    return ends;
}

/** Names and addresses that are the pair's own, whichever other labs there are. */
export function cableEnds(a: string, b: string): [LabEnd, LabEnd] {
    const hash = shortHash(`${a}\0${b}`);
    const number = (Number.parseInt(hash.slice(0, 4), 16) & 0x3fff) * 4;
    const address = (offset: number) => `10.254.${(number + offset) >> 8}.${(number + offset) & 255}`;
    return [
        { address: address(1), device: `lab-${hash}` },
        { address: address(2), device: `lab-${hash}` },
    ];
}

/** The URI by which another lab reaches this one's libvirt at an address, its host key pinned. */
export function remoteUri(lab: Lab, address: string): string {
    const query = `keyfile=${encodeURIComponent(lab.sshKey)}&knownhosts=${encodeURIComponent(knownHostsFile(lab.dir))}`;
    return `qemu+ssh://root@${address}/system?${query}`;
}
