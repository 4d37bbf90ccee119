import type { ServiceSpec } from "./serviceSpec";
import type { Brought } from "./turn";

/** A set on a swarm before or after a deployment. */
export interface ToldService {
    /** undefined: one on each node that may run it. */
    replicas: number | undefined;
    nodes: readonly string[];
    networks: readonly string[];
    /** Undefined in the records of older versions, as the next one. */
    publish: string | undefined;
    swarm: string | undefined;
    image: string | undefined;
    /** undefined where it is known only later. */
    brought: Brought | undefined;
}

/** How it rolls. */
export type ToldUpdate = Pick<ServiceSpec, "onFailure"> & {
    order: "start-first" | "stop-first";
    forcedBy?: string;
    parallelism: number;
};

/**
 * What a preview says of a set on a swarm that is to change, in words; undefined where there is nothing to say. `lib/review` reads
 * these words as those of plain sets.
 *
 * @param before undefined for a set that is new, which speaks for itself
 * @param isBusy whether Swarm is still about an earlier update
 */
export function tellService(
    name: string,
    update: ToldUpdate,
    now: ToldService,
    before: ToldService | undefined,
    isBusy: boolean,
): string | undefined {
    if (before === undefined) return undefined;
    const rolls = rolled(name, update, now, before);
    const lines = [
        ...(isBusy ? [`${name}: Swarm is about an earlier update yet; this one begins when that has ended.`] : []),
        ...anew(name, now, before),
        ...rolls,
        ...scaled(name, now, before),
        ...moved(name, update, now, before, rolls.length > 0),
    ];
    return lines.length > 0 ? lines.join("\n") : undefined;
}

/**
 * What a preview says of a set that moves between plain hosts and a swarm, where all of it runs beside what there was.
 *
 * @param swarm its name
 * @param volumes the names of those that are no folder of the hosts: each side has its own
 */
export function tellMove(
    name: string,
    to: "swarm" | "hosts",
    swarm: string,
    [from, count]: readonly [number, number],
    volumes: readonly string[] = [],
): string {
    const containers = (all: number) => (all === 1 ? "1 container" : `${all} containers`);
    const tasks = (all: number) => (all === 1 ? "1 task" : `${all} tasks`);
    const serve = `${Math.min(from, count)} serve throughout.`;
    const begin = `\n  volumes begin empty: ${volumes.join(", ")}; those of the`;
    if (to === "swarm") {
        const data = volumes.length === 0 ? "" : `${begin} hosts are deleted with their data`;
        return `${name} moves from plain hosts to the swarm ${swarm}: ${tasks(count)} start beside ${containers(from)}, which stop afterwards: ${serve}${data}`;
    }
    const data = volumes.length === 0 ? "" : `${begin} swarm stay on its nodes, used by nothing`;
    return `${name} moves from the swarm ${swarm} to plain hosts: ${containers(count)} start beside ${tasks(from)}, which stop afterwards: ${serve}${data}`;
}

/** The names of a set's volumes that are no folder of its hosts. */
export const volumeNames = (volumes: readonly { name: string; hostPath?: string | undefined }[] = []): string[] =>
    volumes.flatMap(({ name, hostPath }) => (hostPath === undefined ? [name] : [])).sort();

export const countOf = ({ replicas, nodes }: Pick<ToldService, "replicas" | "nodes">): number =>
    replicas ?? nodes.length;

/** The argument for which a service is made anew, since it cannot be changed in its place; undefined where it can. */
export function madeAnewFor(now: ToldService, before: ToldService): string | undefined {
    const differs = (one: "publish" | "swarm") => before[one] !== undefined && now[one] !== before[one];
    if (differs("swarm")) return "hosts";
    if ((now.replicas === undefined) !== (before.replicas === undefined)) return "replicas";
    if (now.networks.join() !== before.networks.join()) return "swarm.networks";
    return differs("publish") ? "swarm.publish" : undefined;
}

function anew(name: string, now: ToldService, before: ToldService): string[] {
    const why = madeAnewFor(now, before);
    if (why === undefined) return [];
    const all = countOf(before);
    const what = `${name} replaces ${all} of ${all} replicas, all at once; Swarm makes the service anew for another ${name}.${why}`;
    return [`${what}: ${name} does not serve meanwhile.`];
}

function rolled(name: string, update: ToldUpdate, now: ToldService, before: ToldService): string[] {
    const { brought } = now;
    const same =
        brought?.version === before.brought?.version &&
        brought?.turn === before.brought?.turn &&
        brought?.attempt === before.brought?.attempt;
    if (brought === undefined || same || madeAnewFor(now, before) !== undefined) return [];
    const all = Math.min(countOf(before), countOf(now));
    const many = Math.min(update.parallelism, all);
    const pace = all <= 1 ? "" : many === all ? ", all at once" : `, ${many} at a time`;
    const what = `${name} replaces ${all} of ${all} replicas${pace}`;
    const again = brought.attempt > 0 ? [`${name} tries again what the last deployment has not brought about.`] : [];
    const from = before.image === undefined || before.image === now.image ? [] : [`  image: ${short(before.image)}`];
    const images = from.map((line) => `${line} -> ${short(now.image ?? "")}`);
    const fails =
        update.onFailure === "rollback"
            ? `  an end of a new task within its time fails the update, and Swarm goes back by itself`
            : `  an end of a new task within its time fails the update, and Swarm stops where it is`;
    return [...again, `${what}; ${orderWords(name, update, all, many, brought.mixed)}`, ...images, fails];
}

function orderWords(name: string, { order, forcedBy }: ToldUpdate, all: number, many: number, mixed: boolean): string {
    if (order === "start-first" && !mixed) {
        return `each new task is healthy before an old one stops: ${all} serve throughout.`;
    }
    const why = mixed
        ? " (tasks of two versions have both of its ports)"
        : forcedBy === undefined
          ? ""
          : ` (${forcedBy} allows one task a node)`;
    const left = all - many;
    const serve = left === 0 ? `${name} does not serve meanwhile` : `${left} of ${all} serve throughout`;
    return `each old task stops before the new one starts${why}: ${serve}.`;
}

function scaled(name: string, now: ToldService, before: ToldService): string[] {
    const [from, to] = [countOf(before), countOf(now)];
    return from === to ? [] : [`${name} has ${from} replicas, and ${to} from now on.`];
}

/** @param rolls whether all of its tasks are replaced anyway */
function moved(name: string, update: ToldUpdate, now: ToldService, before: ToldService, rolls: boolean): string[] {
    const gone = before.nodes.filter((node) => !now.nodes.includes(node));
    if (gone.length === 0) return [];
    const what = `${name} may no longer run on ${gone.join(", ")}`;
    if (rolls || update.order === "start-first" || madeAnewFor(now, before) !== undefined) {
        return [`${what}; what runs there moves.`];
    }
    // How many of its tasks are there only Swarm knows.
    const all = Math.min(countOf(before), countOf(now));
    const left = Math.max(0, all - update.parallelism);
    const serve = left === 0 ? `${name} does not serve meanwhile` : `${left} of ${all} serve throughout`;
    return [`${what}; each task there stops before the new one starts: ${serve}.`];
}

/** An image as it fits into a line: digests by their beginning. */
const short = (image: string): string => image.replace(/(sha256:[0-9a-f]{12})[0-9a-f]{52}$/, "$1");
