import type { Faults } from "../faults";
import { ServiceRecord } from "./ServiceRecord";
import { givePairs, pairOf } from "./servicePorts";
import type { SwarmSetSpec } from "./serviceSpec";

const programs = new WeakMap<object, ProgramPorts>();

/** The ports that the services of a program have, whichever swarm they are on. */
export class ProgramPorts {
    private readonly pairs = new Map<string, readonly number[]>();
    /** Swarm, port and protocol to the set that has it. */
    private readonly fixed = new Map<string, string>();

    static of(program: object): ProgramPorts {
        const ports = programs.get(program) ?? new ProgramPorts();
        programs.set(program, ports);
        return ports;
    }

    /** Gives a set its pairs; what is wrong goes to `faults`. */
    async give(
        { name, ports, swarm: { publish } }: Pick<SwarmSetSpec, "name" | "ports" | "swarm">,
        swarm: string,
        faults: Faults,
    ): Promise<readonly number[]> {
        const known = await ServiceRecord.pairs();
        const taken = new Set<number>();
        for (const [other, pairs] of [...known, ...this.pairs]) {
            if (other !== name) for (const pair of pairs) taken.add(pair);
        }
        for (const [index, { host, protocol }] of ports.entries()) {
            if (host === undefined) continue;
            const key = `${swarm} ${host}/${protocol}`;
            const other = this.fixed.get(key);
            this.fixed.set(key, other ?? name);
            if (other !== undefined && other !== name) {
                const why = publish === "mesh" ? "is the whole swarm's" : "is on all nodes that may run it";
                faults.add(`${name}.ports[${index}].host`, `${host}, which ${why}, is ${other}'s; give another`);
            }
            const pair = pairOf(host);
            if (pair !== undefined) taken.add(pair);
        }
        const count = ports.filter(({ host }) => host === undefined).length;
        const pairs = givePairs(count, known.get(name) ?? [], taken);
        if (pairs === undefined) {
            faults.add(`${name}.ports`, "has no ports left on the swarm, 30000 to 32767; take another set away first");
        }
        this.pairs.set(name, pairs ?? []);
        return pairs ?? [];
    }
}
