import { type Change, type Changes, typeOf } from "./changes";
import { hostOf, isMoved, SERVICE, VM } from "./placements";
import type { Loss, MachineReview } from "./types";

const CONTAINER = "docker:index/container:Container";
const DOCKER_VOLUME = "docker:index/volume:Volume";
const DISK = "libvirt:index/volume:Volume";
const SET = "fusion:index:FusionContainerSet";
const JOB = "fusion:index:FusionJob";
/** What belongs to a machine or a set and is told with it. */
const TOLD = new Set(["command:local:Command", "command:remote:Command", "libvirt:index/domain:Domain", CONTAINER]);

/** What of a container's properties an argument of the set says; the others follow from these. */
const ARGUMENTS: Readonly<Record<string, string>> = {
    ...{
        image: "image",
        envs: "env",
        command: "command",
        uploads: "files",
        volumes: "volumes",
        memory: "resources.limits",
    },
    ...{
        memorySwap: "resources.limits",
        cpus: "resources.limits",
        stopTimeout: "stopSeconds",
        stopSignal: "stopSignal",
    },
};
const FOLLOWING = new Set(["labels", "name", "hostname", "ports", "replacementTrigger"]);

/** What is deleted or replaced: data first, then machines, then the rest. */
export function lossesOf(changes: Changes, machines: readonly MachineReview[]): Loss[] {
    const changed = changes.all.filter(({ operation }) => operation === "delete" || operation === "replace");
    const data = changed.flatMap((one) => dataLoss(changes, one, machines) ?? []);
    const vms = machines.flatMap(machineLoss);
    const sets = containerLosses(changes, changed);
    const components = changed.filter(
        ({ type, operation }) => operation === "delete" && type.startsWith("fusion:index:Fusion"),
    );
    const whole = components
        .filter(({ type }) => type !== VM)
        .map((one) => loss(`${kindOf(one)} \`${one.name}\``, "deleted", "the program has it no longer"));
    return [...data, ...vms, ...whole, ...sets, ...foreign(changes, changed)];
}

const loss = (what: string, operation: Loss["operation"], cause: string, more: Partial<Loss> = {}): Loss => ({
    ...{ what, operation, cause, lost: "", data: false, refused: false },
    ...more,
});

const kindOf = ({ type }: Change): string =>
    (type.split(":").at(-1) ?? "")
        .replace(/^Fusion/, "")
        .replace(/([a-z])([A-Z])/g, "$1 $2")
        .toLowerCase();

/** Volumes of Docker, and data disks of machines. */
function dataLoss(changes: Changes, one: Change, machines: readonly MachineReview[]): Loss | undefined {
    const isDisk = one.type === DISK && String(one.old?.inputs.name ?? "").endsWith("-data.qcow2");
    if ((one.type !== DOCKER_VOLUME && !isDisk) || one.old?.external) return undefined;
    const operation = one.operation === "delete" ? "deleted" : "replaced";
    const parent = changes.get(one.parent);
    const owner = parent?.name ?? one.parent.split("::").at(-1) ?? "";
    const what = isDisk ? `data disk \`${one.name}\` of \`${owner}\`` : `Docker volume \`${one.name}\``;
    const argument = isDisk ? "dataDisks" : "volumes";
    // Volumes of Docker are on the system's disk.
    const provider = String(one.old?.inputs.name ?? "");
    const machine = machines.find(({ effect, name }) => effect === "made anew" && (isDisk ? name === owner : true));
    const cause =
        operation === "replaced"
            ? machine === undefined
                ? one.reasons.join(", ") || "what it is on is replaced"
                : `its machine is made anew (${machine.reasons.join("; ")})`
            : parent?.operation === "delete"
              ? `\`${owner}\` is deleted`
              : isReplicaGone(changes, one)
                ? "its replica is gone"
                : /^fusion:index:/.test(typeOf(one.parent))
                  ? `\`${owner}.${argument}\` has it no longer`
                  : "the program has it no longer";
    if (one.old?.retainOnDelete) return loss(what, operation, cause, { lost: "nothing: it stays (`retainOnDelete`)" });
    return loss(what, operation, cause, {
        lost: `all data in it${provider ? ` (\`${provider}\`)` : ""}`,
        data: true,
        refused: one.old?.protect === true,
    });
}

/** A volume is called like its replica and itself. */
function isReplicaGone(changes: Changes, { parent, name, type }: Change): boolean {
    const containers = changes.childrenOf(parent).filter((one) => one.type === CONTAINER);
    const own = containers.find((one) => name.startsWith(`${one.name}-`));
    return type === DOCKER_VOLUME && own?.operation === "delete";
}

function machineLoss({ name, effect, reasons }: MachineReview): Loss[] {
    const cause = reasons.join("; ");
    if (effect === "removed") {
        return [
            loss(`machine \`${name}\``, "deleted", "the program has it no longer", {
                lost: "all that is on its system disk",
            }),
        ];
    }
    if (effect === "made anew") {
        return [
            loss(`machine \`${name}\``, "replaced", cause || "its disk is replaced", {
                lost: "all that is on its system disk; data disks are kept unless named here",
            }),
        ];
    }
    return effect === "restarted" ? [loss(`machine \`${name}\``, "restarted", cause || "its domain is replaced")] : [];
}

/** Containers by set and cause: what happens to all replicas in the same way is one loss. */
function containerLosses(changes: Changes, changed: readonly Change[]): Loss[] {
    // What happens to all replicas alike is told once, whatever the order of the engine's reasons.
    const found = new Map<string, { owner: string; operation: "deleted" | "replaced"; cause: string; count: number }>();
    for (const one of changed) {
        const parent = typeOf(one.parent);
        if (one.type !== CONTAINER || (parent !== SET && parent !== JOB)) continue;
        const owner = one.parent.split("::").slice(3).join("::");
        const operation = one.operation === "delete" ? "deleted" : "replaced";
        // Those of a set that goes as a whole are told by it.
        if (changes.get(one.parent)?.operation === "delete") continue;
        const cause = operation === "deleted" ? whyDeleted(changes, one) : causeOf(one);
        const key = `${owner} ${operation} ${cause}`;
        const entry = found.get(key) ?? { owner, operation, cause, count: 0 };
        found.set(key, { ...entry, count: entry.count + 1 });
    }
    return [...found.values()].map(({ owner, operation, cause, count }) =>
        loss(`${count} container${count === 1 ? "" : "s"} of \`${owner}\``, operation, cause),
    );
}

function whyDeleted(changes: Changes, { parent }: Change): string {
    const service = changes.childrenOf(parent).find(({ type }) => type === SERVICE);
    return service?.operation === "create" ? "its set moves to a swarm" : "fewer replicas, or its host is gone";
}

/** The arguments of the set that have a container replaced. */
export function causeOf(change: Change): string {
    const { reasons, new: fresh } = change;
    if (isMoved(change) && fresh !== undefined) return `it moves to ${hostOf(fresh)}`;
    const causes = [...new Set(reasons.flatMap((one) => ARGUMENTS[one.replace(/[.[].*$/, "")] ?? []))];
    if (causes.length > 0) return causes.sort().join(", ");
    const others = [...new Set(reasons.map((one) => one.replace(/[.[].*$/, "")).filter((one) => !FOLLOWING.has(one)))];
    if (others.length > 0) return others.sort().join(", ");
    return reasons.includes("labels") ? "where it runs, or its version" : "its machine is made anew";
}

/** The providers of what our components are made of: anything else below them is the user's. */
const OURS = /^(libvirt|docker|command|fusion|pulumi):/;

/** What is no part of ours: resources of other providers. */
function foreign(changes: Changes, changed: readonly Change[]): Loss[] {
    return changed.flatMap((one) => {
        const isOurs = one.urn.split("::")[2]?.includes("fusion:index:") === true && OURS.test(one.type);
        // A component is told by what it is made of.
        const isMade = one.old?.custom === true || changes.childrenOf(one.urn).length === 0;
        const isPlain = !isOurs && !one.type.startsWith("pulumi:") && one.type !== DOCKER_VOLUME && isMade;
        if (one.old?.external) return [];
        if (!isPlain && !(isOurs && !TOLD.has(one.type) && isNotTold(one))) return [];
        const operation = one.operation === "delete" ? "deleted" : "replaced";
        const cause = operation === "deleted" ? "the program has it no longer" : one.reasons.join(", ");
        return [
            loss(`\`${one.type}\` \`${one.name}\``, operation, cause, {
                refused: operation === "deleted" && one.old?.protect === true,
            }),
        ];
    });
}

/** Networks and pools; disks, volumes, providers and records are told with what they belong to. */
const isNotTold = ({ type }: Change): boolean => /^libvirt:/.test(type) && type !== DISK;
