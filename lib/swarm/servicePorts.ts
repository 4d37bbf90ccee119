/** Ports of services: above those of containers, below the range that Linux takes for outgoing connections. */
const FIRST_PORT = 30_000;
/** How many pairs there are: the ports 30,000 to 32,767. */
const PAIRS = 1_384;

/** Which port of its pairs a version of a service has: two versions run beside each other while one takes over. */
export type Turn = 0 | 1;

/** A port that a service publishes. */
export interface PublishedPort {
    /** The port in the container. */
    target: number;
    published: number;
    protocol: "tcp" | "udp";
}

/** The port of a pair in a turn. */
export const pairPort = (pair: number, turn: Turn): number => FIRST_PORT + 2 * pair + turn;

/** The pair that a port belongs to; undefined for one of none. */
export function pairOf(port: number): number | undefined {
    const pair = Math.floor((port - FIRST_PORT) / 2);
    return pair >= 0 && pair < PAIRS ? pair : undefined;
}

/**
 * Gives a service its pairs of ports, the same on all nodes. What it had it keeps, in the order of its ports, so that balancers
 * find the first port where it was.
 *
 * @param count ports that get theirs by the library
 * @param before the pairs that it had
 * @param taken pairs of other services, and those of fixed ports
 * @returns undefined where there are none left
 */
export function givePairs(
    count: number,
    before: readonly number[],
    taken: ReadonlySet<number>,
): readonly number[] | undefined {
    const pairs = before.slice(0, count);
    const used = new Set([...taken, ...before]);
    for (let pair = 0; pairs.length < count; pair++) {
        if (pair >= PAIRS) return undefined;
        if (!used.has(pair)) pairs.push(pair);
    }
    return pairs;
}

/** A set's ports, and how they are reached. */
interface Published {
    ports: readonly { container: number; host: number | undefined; protocol: "tcp" | "udp" }[];
    swarm: { publish: "host" | "mesh" };
}

/** The ports of a service's version. Those of the mesh are all versions'. */
export function publishedPorts({ ports, swarm }: Published, pairs: readonly number[], turn: Turn): PublishedPort[] {
    let next = 0;
    return ports.map(({ container, host, protocol }) => ({
        target: container,
        published: host ?? pairPort(pairs[next++] ?? 0, swarm.publish === "mesh" ? 0 : turn),
        protocol,
    }));
}
