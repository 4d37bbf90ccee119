import * as pulumi from "@pulumi/pulumi";
import type { Faults } from "../faults";
import type { PlacementExplanation } from "../placement";
import type { Round } from "../program";
import { makeSshFolder } from "../sshFolder";
import type { HeldPorts } from "./assignPorts";
import type { ContainerSetSpec } from "./containerSetSpec";
import { explainSet } from "./explainSet";
import { moveWords } from "./moveWords";
import { type PlacementMemory, PlacementRecord } from "./PlacementRecord";
import { replicasOf } from "./placeSets";
import { giveRoundPorts, placeRound, type RoundPlan, type SetPlan, type Settled } from "./planRound";
import { portSurvey } from "./portsInUse";
import { type RunningContainer, runningContainer, slotsOfContainers } from "./runningContainers";

const planners = new WeakMap<Round, RoundPlanner>();
const programs = new WeakMap<object, Settled>();

/** Gathers the container sets of one round and decides, once all are known, where their replicas run. */
export class RoundPlanner {
    private readonly sets: { component: pulumi.ComponentResource; spec: ContainerSetSpec }[] = [];
    private decided: RoundPlan | undefined;
    private readonly records = new Map<string, PlacementMemory>();
    private readonly containers = new Map<string, RunningContainer>();

    /** What earlier rounds of the program have decided; under Pulumi's mocks, where there is no stack, of the same hosts. */
    private readonly program = pulumi.runtime.getStackResource();

    private constructor(round: Round) {
        round.before((faults) => this.decide(faults));
    }

    static of(round: Round): RoundPlanner {
        const planner = planners.get(round) ?? new RoundPlanner(round);
        planners.set(round, planner);
        return planner;
    }

    add(component: pulumi.ComponentResource, spec: ContainerSetSpec): void {
        this.sets.push({ component, spec });
    }

    /** Where the set's replicas run. There once the round is valid. */
    plan(set: string): SetPlan {
        return this.decided?.plans.get(set) ?? new Map();
    }

    /** Why the set's replicas are where they are. There once the round is valid. */
    explain(set: string): Record<string, PlacementExplanation> {
        return this.decided === undefined ? {} : explainSet(this.decided, set);
    }

    /** What a preview says of the set's replicas that move; undefined where none does. */
    moveWords(set: string): string | undefined {
        return this.decided === undefined ? undefined : moveWords(this.decided, set);
    }

    /** The container that a replica has. */
    runningOf(replica: string): RunningContainer | undefined {
        return this.containers.get(replica);
    }

    /** The containers that the set's replicas have. */
    containersOf(set: string): RunningContainer[] {
        const names = new Set([...(this.records.get(set)?.held.keys() ?? []), ...this.plan(set).keys()]);
        return [...names].flatMap((replica) => this.containers.get(replica) ?? []);
    }

    /** What the last deployment of the set has remembered before it did anything. */
    lastOf(set: string): PlacementMemory | undefined {
        return this.records.get(set);
    }

    /** The replicas that the set had and has no more, with their hosts. */
    goneOf(set: string): Record<string, string> {
        const plan = this.plan(set);
        const gone = [...(this.records.get(set)?.held ?? [])].filter(([replica]) => !plan.has(replica));
        return Object.fromEntries(gone.map(([replica, { vm }]) => [replica, vm]));
    }

    /** What the set's secrets were hashed with last time. */
    saltOf(set: string): string | undefined {
        return this.records.get(set)?.salt;
    }

    private async decide(faults: Faults): Promise<void> {
        const held = new Map<string, HeldPorts>();
        for (const { component, spec } of this.sets) {
            const record = await PlacementRecord.of(component, spec.name);
            this.records.set(spec.name, record);
            for (const replica of new Set([...record.held.keys(), ...replicasOf(spec)])) {
                const container = await runningContainer(component, replica, spec.ports);
                const wanted = record.held.get(replica);
                if (container !== undefined) this.containers.set(replica, container);
                // Where it is counts, and not where it was to go.
                const last = container ?? wanted;
                if (last !== undefined) held.set(replica, last);
            }
        }
        // An answer to wrong questions would only add to the errors.
        if (faults.size === 0) {
            const specs = this.sets.map(({ spec }) => spec);
            const homes = Object.assign({}, ...specs.map(({ name }) => this.records.get(name)?.homes));
            const problem = { sets: specs, held, homes };
            const placement = placeRound(problem, this.settled(), faults);
            if (placement === undefined) return;
            const taken = [
                ...(await PlacementRecord.all()),
                ...(await slotsOfContainers()),
                ...(await portsInUse(specs, placement.growing)),
            ];
            this.decided = giveRoundPorts(placement, problem, taken, this.settled(), faults);
        }
    }

    private settled(): Settled {
        const program = this.program ?? this.sets[0]?.spec.hosts[0] ?? this;
        const settled = programs.get(program) ?? { sets: [], plans: new Map() };
        programs.set(program, settled);
        return settled;
    }
}

/** What runs on hosts beside what the stack knows of; asked only where a replica is to get ports. */
function portsInUse(specs: readonly ContainerSetSpec[], growing: ReadonlySet<string>) {
    const all = new Map(specs.flatMap(({ hosts }) => hosts.map((host) => [host.name, host] as const)));
    const hosts = [...all.values()].filter(({ name }) => growing.has(name));
    if (hosts.some(({ ssh }) => ssh !== undefined)) {
        makeSshFolder();
    }
    return portSurvey.ask(hosts);
}
