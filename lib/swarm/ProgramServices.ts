import { type Faults, show } from "../faults";
import type { SwarmService } from "../graph";
import { checkSwarmSurvival } from "./checkSurvival";
import { mostPerNode, type SwarmSetSpec } from "./serviceSpec";
import type { SwarmSpec } from "./swarmSpec";

/** A set and the swarm that it is on. */
interface Member {
    readonly set: SwarmSetSpec;
    readonly swarm: Pick<SwarmSpec, "name" | "nodes">;
}

const programs = new WeakMap<object, ProgramServices>();

/** The sets of a program that are on swarms: what they survive is a matter of all that they depend on. */
export class ProgramServices {
    private readonly members: Member[] = [];

    static of(program: object): ProgramServices {
        const services = programs.get(program) ?? new ProgramServices();
        programs.set(program, services);
        return services;
    }

    add(member: Member): void {
        this.members.push(member);
    }

    /** Whether a set depends on sets of its own swarm, and holds what it `survives`; what is wrong goes to `faults`. */
    check({ set, swarm }: Member, faults: Faults): void {
        const { name, service, survives } = set;
        const others = this.members.filter((other) => other.swarm.name === swarm.name).map((other) => other.set);
        const known = others.map((other) => other.name);
        const given = service.dependsOn ?? [];
        for (const [index, other] of given.entries()) {
            if (known.includes(other)) continue;
            const what = `${show(other)} is no set on the swarm ${swarm.name}, whose sets are ${show(known.sort())}`;
            faults.add(`${name}.placement.dependsOn[${index}]`, `${what}; name one of them, or leave it out`);
        }
        if (given.every((other) => known.includes(other))) {
            checkSwarmSurvival(name, others.map(boundsOf), swarm.nodes, survives, faults);
        }
    }
}

/** What binds Swarm to a set's placement. */
function boundsOf({ name, ports, service, swarm }: SwarmSetSpec): SwarmService {
    const { replicas, nodes, spreadOver } = swarm;
    const most = mostPerNode({ swarm, ports });
    return {
        ...{ name, replicas: replicas ?? "global", demand: service.demand, nodes: nodes.map((node) => node.name) },
        ...(replicas !== undefined && most !== undefined && { maxPerNode: most }),
        ...(spreadOver !== undefined && { spreadOver }),
        ...(service.needs !== undefined && { needs: service.needs }),
        ...(service.dependsOn !== undefined && { dependsOn: [...service.dependsOn] }),
    };
}
