import type * as pulumi from "@pulumi/pulumi";
import type { DockerHostSpec } from "../dockerHost";
import type { Faults } from "../faults";
import { lastOfType } from "../lastState";
import { programOf, type Round } from "../program";
import { allocateAddresses } from "../vm/allocateAddresses";
import { settleAddress } from "../vm/settleAddress";
import type { VmSpec } from "../vm/vmSpec";
import { AddressRecord } from "./AddressRecord";
import { checkCards } from "./checkCards";
import { checkNetworks, segmentOf } from "./checkNetworks";
import type { HypervisorSpec } from "./hypervisorSpec";

interface Hypervisor {
    component: pulumi.ComponentResource;
    name: string;
    spec: HypervisorSpec;
}

interface Machine {
    spec: VmSpec;
    hypervisor: HypervisorSpec;
}

/** The addresses that are held in a segment, and by what name a machine is known there. */
interface Held {
    held: ReadonlyMap<string, string>;
    idOf(vm: string, hypervisor: HypervisorSpec): string;
}

const programs = new WeakMap<object, ProgramNetworks>();
const hypervisorsOfHosts = new WeakMap<DockerHostSpec, HypervisorSpec>();

/** The hypervisor that a Docker host runs on; undefined for a machine that exists already. */
export const hypervisorOf = (host: DockerHostSpec): HypervisorSpec | undefined => hypervisorsOfHosts.get(host);

/** The networks of a program and the addresses in them, decided round by round once all components of a round are known. */
export class ProgramNetworks {
    private readonly hypervisors = new Map<HypervisorSpec, Hypervisor>();
    /** Checked and decided in this round; decided in earlier ones. */
    private news: { hypervisors: HypervisorSpec[]; machines: Machine[] } = { hypervisors: [], machines: [] };
    private readonly earlier: { hypervisors: HypervisorSpec[]; machines: Machine[] } = {
        hypervisors: [],
        machines: [],
    };
    /** Hypervisor to the records that it has had; those of them that are to be written. */
    private readonly turns = new Map<HypervisorSpec, number>();
    private records: { spec: HypervisorSpec; turn: number; held: ReadonlyMap<string, string> }[] = [];
    private readonly rounds = new WeakSet<Round>();

    private constructor() {}

    /** Those of the program that constructs a component now. */
    static current(round: Round): ProgramNetworks {
        const program = programOf(round);
        const networks = programs.get(program) ?? new ProgramNetworks();
        programs.set(program, networks);
        if (!networks.rounds.has(round)) {
            networks.rounds.add(round);
            round.first((faults) => networks.decide(faults));
        }
        return networks;
    }

    /** All hypervisors of the program so far. */
    get all(): HypervisorSpec[] {
        return [...this.hypervisors.keys()];
    }

    addHypervisor(component: pulumi.ComponentResource, spec: HypervisorSpec): void {
        this.hypervisors.set(spec, { component, name: spec.name, spec });
        this.news.hypervisors.push(spec);
    }

    /** A machine whose `spec.address` is "" gets one. */
    addMachine(spec: VmSpec, hypervisor: HypervisorSpec): void {
        hypervisorsOfHosts.set(spec, hypervisor);
        this.news.machines.push({ spec, hypervisor });
    }

    /** Writes into the state what has been decided for a hypervisor, before anything is done about it. */
    record(spec: HypervisorSpec): void {
        const hypervisor = this.hypervisors.get(spec);
        const due = this.records.filter((record) => record.spec === spec);
        this.records = this.records.filter((record) => record.spec !== spec);
        for (const { turn, held } of due) {
            if (hypervisor !== undefined) {
                new AddressRecord(hypervisor, turn, held);
            }
        }
    }

    private async decide(faults: Faults): Promise<void> {
        const { hypervisors, machines } = this.news;
        this.news = { hypervisors: [], machines: [] };
        checkNetworks(hypervisors, this.earlier.hypervisors, faults);
        const fresh = new Set(hypervisors);
        this.earlier.hypervisors.push(...hypervisors);
        const holders = await this.holders();
        for (const segment of new Set(machines.map(({ hypervisor }) => segmentOf(hypervisor)))) {
            this.allocate(
                machines.filter(({ hypervisor }) => segmentOf(hypervisor) === segment),
                this.heldIn(segment, holders),
                faults,
            );
        }
        this.earlier.machines.push(...machines);
        checkCards(this.earlier.machines, faults);
        for (const spec of this.earlier.hypervisors) {
            this.remember(spec, machines, fresh.has(spec) ? (holders.get(spec) ?? new Map()) : new Map());
        }
    }

    /** Hypervisor to machine to the address that it holds: machines that were there after the last deployment. */
    private async holders(): Promise<ReadonlyMap<HypervisorSpec, ReadonlyMap<string, string>>> {
        const last = await lastOfType("fusion:index:FusionVm");
        const found = new Map<HypervisorSpec, ReadonlyMap<string, string>>();
        for (const hypervisor of this.hypervisors.values()) {
            const held = await AddressRecord.of(hypervisor);
            for (const vm of held.keys()) {
                const machine = last.get(vm);
                const elsewhere = machine?.hypervisor !== undefined && machine.hypervisor !== hypervisor.name;
                if (machine === undefined || elsewhere) {
                    held.delete(vm);
                }
            }
            found.set(hypervisor.spec, held);
        }
        return found;
    }

    /** Who holds an address in a segment, which may be on several hypervisors. */
    private heldIn(segment: string, holders: ReadonlyMap<HypervisorSpec, ReadonlyMap<string, string>>): Held {
        const decided = this.earlier.machines.filter(({ hypervisor }) => segmentOf(hypervisor) === segment);
        const members = [...holders].filter(([hypervisor]) => segmentOf(hypervisor) === segment);
        const several =
            new Set([...members.map(([one]) => one), ...decided.map(({ hypervisor }) => hypervisor)]).size > 1;
        const idOf = (vm: string, { name }: HypervisorSpec) => (several ? `${vm} on ${name}` : vm);
        const held = new Map<string, string>();
        for (const [hypervisor, addresses] of members) {
            for (const [vm, address] of addresses) {
                held.set(idOf(vm, hypervisor), address);
            }
        }
        for (const { spec, hypervisor } of decided) {
            held.set(idOf(spec.name, hypervisor), spec.address);
        }
        return { idOf, held };
    }

    private allocate(members: readonly Machine[], { idOf, held }: Held, faults: Faults): void {
        const network = members[0]?.hypervisor.network;
        // A network that is wrong has been told of, and has no addresses to give.
        if (network === undefined || network.cidr.prefix === 0) {
            return;
        }
        const byId = new Map(members.map((machine) => [idOf(machine.spec.name, machine.hypervisor), machine]));
        const wishes = [...byId].map(([vm, { spec }]) => ({ vm, ...(spec.address !== "" && { given: spec.address }) }));
        const { addresses, refused } = allocateAddresses(network, wishes, held);
        for (const { vm, reason } of refused) {
            faults.add(`${byId.get(vm)?.spec.name}.address`, reason);
        }
        for (const [vm, address] of addresses) {
            const machine = byId.get(vm);
            if (machine?.spec.address === "") {
                settleAddress(machine.spec, machine.hypervisor.network, address);
            }
        }
    }

    private remember(spec: HypervisorSpec, machines: readonly Machine[], leaving: ReadonlyMap<string, string>): void {
        const own = machines.filter(({ hypervisor }) => hypervisor === spec);
        const turn = (this.turns.get(spec) ?? 0) + 1;
        if (turn === 1 || own.length > 0) {
            const held = own.map(({ spec: { name, address } }): [string, string] => [name, address]);
            this.turns.set(spec, turn);
            this.records.push({ spec, turn, held: new Map([...leaving, ...held]) });
        }
    }
}
