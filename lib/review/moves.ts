import { maskText } from "./mask";
import type { SetFacts, Side } from "./placements";
import type { HostLoad, Move } from "./types";

/** The replicas that run on another host afterwards, with the reasons that the sets have told. */
export function movesOf(sets: readonly SetFacts[], said: ReadonlyMap<string, readonly string[]>): Move[] {
    return sets.flatMap(({ before, after, change }) => {
        const words = (said.get(change.urn) ?? []).join("\n");
        return [...after].flatMap(([replica, to]) => {
            const from = before.get(replica);
            if (from === undefined || from === to) return [];
            return [{ replica, from, to, why: reasonIn(words, replica) }];
        });
    });
}

/** See `moveWords`: `  web-2: h3 -> h1 (h3 is gone)`. */
function reasonIn(words: string, replica: string): string {
    const line = words.split("\n").find((one) => one.startsWith(`  ${replica}: `));
    return maskText(/-> \S+ \((.*)\)$/.exec(line ?? "")?.[1] ?? "");
}

/** What of each host is taken before and after, for hosts where that changes. */
export function loadsOf(before: Side, after: Side): HostLoad[] {
    const [was, is] = [sharesOf(before), sharesOf(after)];
    return [...new Set([...was.keys(), ...is.keys()])].sort().flatMap((key) => {
        const [host = "", dimension = ""] = key.split("\n");
        const [old, fresh] = [was.get(key), is.get(key)];
        if (old?.share === fresh?.share && old?.left === fresh?.left) return [];
        return [{ host, dimension, before: old?.share, after: fresh?.share, left: fresh?.left }];
    });
}

function sharesOf({ hosts, services, assignment }: Side): Map<string, { share: number; left: number }> {
    const demands = new Map(services.map(({ name, demand }) => [name, demand]));
    const taken = new Map<string, number>();
    for (const [replica, host] of Object.entries(assignment)) {
        // A replica is called like its set and a number, or its host.
        const set = [...demands.keys()]
            .filter((name) => replica.startsWith(`${name}-`))
            .sort((a, b) => b.length - a.length)[0];
        for (const [dimension, amount] of Object.entries(demands.get(set ?? "") ?? {})) {
            const key = `${host}\n${dimension}`;
            taken.set(key, (taken.get(key) ?? 0) + amount);
        }
    }
    return new Map(
        hosts.flatMap(({ name, capacity }) =>
            Object.entries(capacity).map(([dimension, all]) => {
                const used = taken.get(`${name}\n${dimension}`) ?? 0;
                return [`${name}\n${dimension}`, { share: all > 0 ? used / all : 0, left: all - used }] as const;
            }),
        ),
    );
}
