import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { knownValue } from "../known";
import type { SshTarget } from "../ssh";
import { type GuestMount, mountLines, mountScript } from "./cloudInit/mountScript";
import { createDomain, type DomainPlan, type Machine } from "./createDomain";
import { domainHash } from "./domainArgs";
import { applyScript, stopScript } from "./domainScripts";
import { domainInterfaces } from "./interfaces";
import { MachineRecord } from "./MachineRecord";
import { type MachineChange, type MachineFacts, machineChange, mountsMove, writeFacts } from "./machineFacts";
import { type MachineMemory, type MachineSight, nextMemory } from "./machineMemory";
import { type MachineTarget, readyScript, stopCommand } from "./readyScript";
import { textHash } from "./seedScript";
import { tellChange, urgencyOf } from "./tellChange";
import type { Turn } from "./turns";
import type { VmSpec } from "./vmSpec";

/** What a virtual machine is made from, and what is known of the one that is there. */
export interface MachinePlan extends Omit<DomainPlan, "memory" | "keepSeed" | "anew" | "turn"> {
    ssh: pulumi.Output<SshTarget>;
    /** Argument of the guest to a hash of its value. */
    guest: pulumi.Output<Record<string, string>>;
    /** Of the guest; "" for the image's. */
    timezone: string;
    /** What the machine is made of, as it was last made with success. */
    before: MachineFacts | undefined;
    sight: MachineSight;
    turn: Turn;
}

interface MadeMachine {
    ready: command.local.Command;
    /** Whether this deployment gives the machine a new disk. */
    anew: boolean;
    /** Whether that is because the machine, or its disk, is lost. */
    lost: boolean;
    /** Whether this deployment changes it in its turn; see `Turns`. */
    takesTurn: boolean;
}

/** Makes the disks, the domain and the command that starts it and waits until it is ready. */
export async function createMachine(plan: MachinePlan): Promise<Machine & MadeMachine> {
    const { vm, spec, before, sight } = plan;
    const texts = await knownValue(plan.documents);
    const wanted = {
        userData: texts === undefined ? "known later" : textHash(texts.userData),
        identity: texts === undefined ? "known later" : textHash(`${texts.metaData}\n${texts.networkConfig}`),
        image: spec.image.sha256,
        lost: spec.lost,
        onUserDataChange: spec.onUserDataChange,
        moves: mountsMove(before?.mounts, mountFacts(spec)),
    };
    const last = await MachineRecord.of(vm, spec.name);
    const memory = nextMemory(last, wanted, sight);
    new MachineRecord(spec.name, memory, { parent: vm });
    const keepSeed = memory.userData !== wanted.userData;
    // What is left as it is keeps its hashes too.
    const guest = keepSeed ? before?.guest : await knownValue(plan.guest);
    const facts = { ...factsOf(plan, memory), ...(guest !== undefined && { guest }) };
    const change: MachineChange =
        before === undefined ? { effect: undefined, reasons: [] } : machineChange(before, facts);
    const urgency = urgencyOf(change, sight);
    plan.turn.decide(urgency);
    tell(plan, change, keepSeed);
    const anew = change.effect === "new disk";
    const machine = createDomain({ ...plan, memory, keepSeed, anew, turn: plan.turn.comes() });
    // A time zone that the guest was not made with is not missed.
    const asMade = keepSeed ? { ...plan, timezone: "" } : plan;
    // The record counts what was begun, the facts what came of it.
    const lost = memory.generation > (before?.generation ?? last?.generation ?? 0);
    return { ...machine, anew, lost, takesTurn: urgency > 0, ready: createReady(asMade, machine, memory, facts) };
}

function tell({ vm, spec, sight }: MachinePlan, change: MachineChange, seed: boolean): void {
    const dataDisks = spec.dataDisks.map(({ name, sizeGiB }) => `${name} (${sizeGiB} GiB)`);
    const more = { dataDisks, shutdownSeconds: spec.shutdownSeconds, seed, lost: spec.lost };
    const words = tellChange(spec.name, change, sight, more);
    if (words !== undefined) {
        pulumi.log.info(words, vm);
    }
}

/** What the scripts take beside what they wait for: ssh that connects, and the mounting of disks that are new. */
const SPARE_SECONDS = 180;

/** The command that starts the domain and waits for the guest; its deletion shuts the guest down. */
function createReady(plan: MachinePlan, { domain, paths }: Machine, memory: MachineMemory, facts: MachineFacts) {
    const { vm, spec, hypervisor, ssh } = plan;
    const { connection, pool } = hypervisor;
    const consoleLog = `${pool.path}/${spec.name}-console.log`;
    const target = (guest: SshTarget): MachineTarget => ({
        name: spec.name,
        guest,
        hypervisor: connection.ssh,
        consoleLog,
    });
    const sizes = [spec.diskGiB, ...spec.dataDisks.map(({ sizeGiB }) => sizeGiB)];
    const apply = applyScript({
        name: spec.name,
        libvirtUri: connection.localUri,
        vcpus: spec.vcpus,
        memoryMiB: spec.memoryMiB,
        description: spec.description,
        labels: labelsXml(spec.labels),
        disks: paths.map((path, index) => ({ path, gib: sizes[index] ?? 0 })),
        consoleLog,
    });
    const stop = stopScript(spec.name, connection.localUri, consoleLog, spec.shutdownSeconds);
    const mounts = spec.dataDisks.map(mountOf);
    const details = {
        made: writeFacts(facts),
        apply,
        starts: memory.starts,
        timezone: plan.timezone,
        mount: mountScript(mounts),
        disks: mountLines(mounts),
    };
    return new command.local.Command(
        spec.name,
        {
            create: "sh -s",
            stdin: ssh.apply((guest) => readyScript(target(guest), details, spec.readyTimeoutSeconds)),
            delete: ssh.apply((guest) => stopCommand(target(guest), stop)),
            // Known, and yet the engine sees that it comes from the domain: this is deleted before it, and made after it.
            triggers: [domain.urn.apply(() => spec.name)],
        },
        {
            parent: vm,
            dependsOn: [domain],
            customTimeouts: {
                create: `${spec.readyTimeoutSeconds + SPARE_SECONDS}s`,
                update: `${spec.readyTimeoutSeconds + SPARE_SECONDS}s`,
                delete: `${spec.shutdownSeconds + SPARE_SECONDS}s`,
            },
        },
    );
}

/** The system's disk is vda and the seed vdb; those of data come behind, in the order of the arguments. */
const mountOf = ({ name, path, filesystem }: VmSpec["dataDisks"][number], index: number): GuestMount => ({
    device: `/dev/vd${String.fromCharCode("c".charCodeAt(0) + index)}`,
    label: name,
    path,
    filesystem,
});

const mountFacts = ({ dataDisks }: VmSpec): NonNullable<MachineFacts["mounts"]> =>
    Object.fromEntries(
        dataDisks
            .map(({ name, filesystem, path }) => [name, { filesystem, path }] as const)
            .sort(([a], [b]) => (a < b ? -1 : 1)),
    );

function factsOf({ spec, args, hypervisor }: MachinePlan, memory: MachineMemory): MachineFacts {
    return {
        hypervisor: hypervisor.name,
        image: spec.image.sha256,
        diskGiB: spec.diskGiB,
        vcpus: spec.vcpus,
        maxVcpus: spec.maxVcpus,
        memoryMiB: spec.memoryMiB,
        maxMemoryMiB: spec.maxMemoryMiB,
        autostart: spec.autostart,
        description: spec.description,
        labels: Object.entries(spec.labels)
            .map(([label, value]) => `${label}=${value}`)
            .sort()
            .join(" "),
        firmware: [args.firmware?.loader ?? "", args.firmware?.nvramTemplate ?? ""].join(" ").trim(),
        domain: domainHash(args.domain ?? {}),
        domainType: hypervisor.domainType,
        network: domainInterfaces(spec, hypervisor)
            .map(({ waitForLease: _, ...card }) => Object.values(card).join(" "))
            .join(", "),
        address: spec.address,
        userData: memory.userData,
        identity: memory.identity,
        dataDisks: Object.fromEntries(
            spec.dataDisks.map(({ name, sizeGiB }) => [name, sizeGiB] as const).sort(([a], [b]) => (a < b ? -1 : 1)),
        ),
        mounts: mountFacts(spec),
        generation: memory.generation,
        definitions: memory.definitions,
    };
}

const escapes: Readonly<Record<string, string>> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&apos;",
};
const xml = (text: string): string => text.replace(/[&<>"']/g, (found) => escapes[found] ?? "");

/** The labels as libvirt keeps them in the domain's metadata. */
export function labelsXml(labels: Readonly<Record<string, string>>): string {
    const entries = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
    return `<machine>${entries.map(([key, value]) => `<label name="${xml(key)}">${xml(value)}</label>`).join("")}</machine>`;
}
