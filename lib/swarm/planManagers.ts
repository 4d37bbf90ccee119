/** What is known of a host that may be a manager. */
export interface ManagerCandidate {
    name: string;
    labels: Readonly<Record<string, string>>;
}

/** What fails as one, the greater first: managers are to be in different ones. */
const DOMAINS = ["zone", "hypervisor"] as const;

/**
 * Which hosts are the managers of a swarm. Those that are stay, as far as they are wanted; others come where, zone before
 * hypervisor, fewest are, so that what fails as one takes as few as can be. Hosts without such a label count as in the same one. The
 * answer does not depend on the order of the hosts.
 *
 * @param count how many; all hosts where there are fewer
 * @param before those that were, of hosts that may be no more
 * @param must one that is a manager in any case
 * @returns their names, sorted
 */
export function planManagers(
    hosts: readonly ManagerCandidate[],
    count: number,
    before: readonly string[],
    must?: string,
): string[] {
    const sorted = [...hosts].sort((a, b) => (a.name < b.name ? -1 : 1));
    const chosen = sorted.filter(({ name }) => name === must || before.includes(name));
    while (chosen.length > count) {
        const others = chosen.filter(({ name }) => name !== must);
        const most = others.reduce((a, b) => (compare(crowd(b, chosen), crowd(a, chosen)) >= 0 ? b : a));
        chosen.splice(chosen.indexOf(most), 1);
    }
    while (chosen.length < Math.min(count, sorted.length)) {
        const free = sorted.filter((host) => !chosen.includes(host));
        chosen.push(free.reduce((a, b) => (compare(crowd(b, chosen), crowd(a, chosen)) < 0 ? b : a)));
    }
    return chosen.map(({ name }) => name).sort();
}

/** How many of the chosen are in the host's zone, and on its hypervisor. */
const crowd = ({ labels }: ManagerCandidate, chosen: readonly ManagerCandidate[]): number[] =>
    DOMAINS.map((label) => chosen.filter((other) => other.labels[label] === labels[label]).length);

function compare(a: readonly number[], b: readonly number[]): number {
    const at = a.findIndex((value, index) => value !== b[index]);
    return at < 0 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}
