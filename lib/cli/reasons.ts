import { compareNames, count } from "../pictures/scene";
import type { PlacementUnplaced } from "../placement";
import { serviceOf } from "../placement/serviceOf";
import { plain, wrapText } from "./paint";
import type { TextStyle } from "./placeText";

/** Replicas without a host, those of a service that have the same reasons as one, and equal reasons of hosts as one line. */
export function unplacedLines(
    unplaced: readonly PlacementUnplaced[],
    { paint, width }: TextStyle,
    services: ReadonlySet<string> = new Set(),
): string[] {
    const folded = new Map<string, { replicas: string[]; reasons: PlacementUnplaced["reasons"] }>();
    for (const { replica, reasons } of unplaced) {
        const key = JSON.stringify([serviceOf(replica, services), reasons]);
        const entry = folded.get(key) ?? { replicas: [], reasons };
        entry.replicas.push(replica);
        folded.set(key, entry);
    }
    return [...folded.values()].flatMap(({ replicas, reasons }) => {
        const names = replicasOf(replicas, services);
        return [
            paint.bad(`${names} ${replicas.length === 1 ? "fits" : "fit"} on no host:`),
            ...foldReasons(reasons).map(
                ({ reason, hosts }) => `  ${wrapText(`${plain(reason)}: ${namesOf(hosts)}`, width - 2, "      ")}`,
            ),
        ];
    });
}

/**
 * Equal reasons together, those of most hosts first; a host with several reasons is at each. Amounts that differ from host to
 * host become a range.
 */
export function foldReasons(reasons: PlacementUnplaced["reasons"]): { reason: string; hosts: string[] }[] {
    const folded = new Map<string, { hosts: string[]; left: number[] }>();
    for (const [host, text] of Object.entries(reasons)) {
        for (const part of text.replaceAll(` on host ${host}`, " on the host").split("; ")) {
            const key = part.replace(/\d+(?= left$)/, "#");
            const entry = folded.get(key) ?? { hosts: [], left: [] };
            entry.hosts.push(host);
            entry.left.push(Number(/(\d+) left$/.exec(part)?.[1] ?? 0));
            folded.set(key, entry);
        }
    }
    return [...folded]
        .map(([key, { hosts, left }]) => {
            const [low, high] = [Math.min(...left), Math.max(...left)];
            const range = low === high ? String(low) : `${low} to ${high}`;
            return { reason: key.replace(/#(?= left$)/, range), hosts: hosts.sort(compareNames) };
        })
        .sort((a, b) => b.hosts.length - a.hosts.length || (a.reason < b.reason ? -1 : 1));
}

/** `web-0`, or `web-0 to web-3`, or `5 replicas of web (web-0, web-2, ...)`. */
export function replicasOf(replicas: readonly string[], services: ReadonlySet<string>): string {
    const sorted = [...replicas].sort(compareNames).map(plain);
    if (sorted.length <= 4) return sorted.join(", ");
    return `${sorted.length} replicas of ${plain(serviceOf(replicas[0] ?? "", services))} (${sorted[0]}, ${sorted[1]}, ...)`;
}

/** `vm1, vm2`, or `20 hosts (vm1, vm2, vm3, ...)`. */
export function namesOf(hosts: readonly string[]): string {
    const sorted = hosts.map(plain);
    return sorted.length <= 5
        ? sorted.join(", ")
        : `${count(sorted.length, "host")} (${sorted.slice(0, 3).join(", ")}, ...)`;
}
