/**
 * The service that a replica belongs to: of those that are known the longest with whose name and a hyphen the replica's name
 * begins; else what comes before the last hyphen.
 */
export function serviceOf(replica: string, known: { has(name: string): boolean }): string {
    const last = replica.lastIndexOf("-");
    for (let end = last; end > 0; end = replica.lastIndexOf("-", end - 1)) {
        if (known.has(replica.slice(0, end))) return replica.slice(0, end);
    }
    return last < 0 ? replica : replica.slice(0, last);
}
