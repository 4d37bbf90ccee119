import type { ServiceSurvival } from "./types";

const SHOWN_PAIRS = 100;

/**
 * What losing whole domains does to one service. Exact: each replica is in one domain, so losses add up, and the
 * fullest domains are the fewest that take enough.
 *
 * @param counts replicas a domain
 * @param needs how many replicas must be left
 * @param names the domains, in the order of `counts`
 * @param label what a domain is, for the sentence
 */
export function survival(
    service: string,
    counts: readonly number[],
    needs: number,
    names: readonly string[],
    label: string,
): ServiceSurvival {
    const replicas = counts.reduce((sum, count) => sum + count, 0);
    /** Losing so many replicas stops the service. */
    const fatal = replicas - needs + 1;
    const held = [...counts.keys()].filter((domain) => (counts[domain] ?? 0) > 0);
    const alone = fatal <= 0 ? [] : held.filter((domain) => (counts[domain] ?? 0) >= fatal);
    const others = fatal <= 0 ? [] : held.filter((domain) => (counts[domain] ?? 0) < fatal);
    let pairs = 0;
    const stoppedByPair: [string, string][] = [];
    for (const [i, a] of others.entries()) {
        for (const b of others.slice(i + 1)) {
            if ((counts[a] ?? 0) + (counts[b] ?? 0) < fatal) continue;
            pairs++;
            if (stoppedByPair.length < SHOWN_PAIRS) stoppedByPair.push([names[a] ?? "", names[b] ?? ""]);
        }
    }
    const figures = {
        service,
        replicas,
        needs,
        fewestLosses: fewest(counts, fatal),
        stoppedBy: alone.map((domain) => names[domain] ?? ""),
        pairs,
        stoppedByPair,
    };
    return { ...figures, sentence: sentence(figures, label) };
}

/**
 * How many of the fullest domains hold `fatal` replicas. With a need of 0 no loss is fatal: one more than there are.
 */
function fewest(counts: readonly number[], fatal: number): number {
    let lost = 0;
    let domains = 0;
    for (const count of [...counts].filter((of) => of > 0).sort((a, b) => b - a)) {
        if (lost >= fatal) return domains;
        lost += count;
        domains++;
    }
    return lost >= fatal ? domains : domains + 1;
}

function sentence(of: Omit<ServiceSurvival, "sentence">, label: string): string {
    if (of.fewestLosses === 0)
        return `${of.service} has ${of.replicas} replicas and needs ${of.needs}: it does not serve`;
    if (of.stoppedBy.length > 0) return `losing ${label} ${listed(of.stoppedBy, "or")} stops ${of.service}`;
    const [pair] = of.stoppedByPair;
    const survives = `${of.service} survives the loss of any`;
    if (pair !== undefined) return `${survives} one ${label}; losing ${listed(pair, "and")} stops it`;
    return `${survives} ${of.fewestLosses - 1} ${label}s`;
}

function listed(names: readonly string[], word: string): string {
    if (names.length > 4) return `${names.slice(0, 3).join(", ")} ${word} ${names.length - 3} others`;
    return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} ${word} ${names.at(-1)}`;
}
