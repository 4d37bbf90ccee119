import type { ContainerSetSpec } from "./containerSetSpec";
import type { Release, ReleaseMemory } from "./release";
import type { RunningContainer } from "./runningContainers";
import { awayAtOnce } from "./updateSpec";

/** A replica in this deployment. */
export interface ReplicaChange {
    name: string;
    vm: string;
    /** undefined where it is known only later. */
    version: string | undefined;
    /** Its container before; undefined where it had none. */
    before: Pick<RunningContainer, "vm" | "version"> | undefined;
}

/**
 * What a preview says of a set that is to change, in words; undefined where there is nothing to say. A new set speaks for itself.
 *
 * @param gone replicas that ran and are no more, with their hosts
 * @param release undefined where the image is known only later
 */
export function tellRollout(
    { name, update }: Pick<ContainerSetSpec, "name" | "update">,
    replicas: readonly ReplicaChange[],
    gone: Readonly<Record<string, string>>,
    release: Release | undefined,
    last: ReleaseMemory | undefined,
): string | undefined {
    if (replicas.every(({ before }) => before === undefined) && last === undefined) {
        return undefined;
    }
    // Those that move are told elsewhere; the old containers of these and of those that go stop at the end.
    const moved = replicas.filter(({ before, vm }) => before !== undefined && before.vm !== vm).length;
    const most = replicas.length + moved + Object.keys(gone).length;
    const replaced = replicas.filter(({ before, vm, version }) => before?.vm === vm && before.version !== version);
    const lines = [
        ...rolled(name, update, replaced.length, replicas.length, most),
        ...images(name, replicas, release, last),
        ...listed(
            `${name} gets`,
            replicas.filter(({ before }) => before === undefined).map((one) => `${one.name} on ${one.vm}`),
        ),
        ...listed(
            `${name} loses, out of its balancers first,`,
            Object.entries(gone).map(([replica, vm]) => `${replica} on ${vm}`),
        ),
    ];
    return lines.length > 0 ? lines.join("\n") : undefined;
}

/** How many are replaced, and how many serve meanwhile. */
function rolled(
    name: string,
    update: ContainerSetSpec["update"],
    replaced: number,
    all: number,
    most: number,
): string[] {
    if (replaced === 0) {
        return [];
    }
    const { order, forcedBy, parallelism, bounded } = update;
    const many = Math.min(parallelism, replaced);
    const pace = replaced === 1 ? "" : many === replaced ? ", all at once" : `, ${many} at a time`;
    const what = `${name} replaces ${replaced} of ${all} replicas${pace}`;
    if (order === "start-first") {
        const bound = bounded ? `, at most ${most + many} run` : "";
        return [`${what}; each new container is healthy before an old one stops${bound}: ${all} serve throughout.`];
    }
    const why = forcedBy === undefined ? "" : ` (${forcedBy} allows one container of a replica)`;
    const left = all - awayAtOnce(update, replaced);
    const serve = left === 0 ? `${name} does not serve meanwhile` : `${left} of ${all} serve throughout`;
    return [
        `${what}; each old container is out of its balancers and stopped before the new one starts${why}: ${serve}.`,
    ];
}

function images(
    name: string,
    replicas: readonly ReplicaChange[],
    release: Release | undefined,
    last: ReleaseMemory | undefined,
): string[] {
    if (release === undefined || last === undefined) {
        return [];
    }
    const { kind, image, trial } = release;
    const from = short(last.image);
    switch (kind) {
        case "new":
            return [`  image: ${from} -> ${short(image)}`];
        case "confirmed":
            return [`  image: ${from} -> ${short(image)} (the canary is confirmed)`];
        case "canary":
            return [
                `  image: ${from} -> ${short(trial ?? "")} as a canary on ${canaries(replicas)}; the next up brings it to all.`,
            ];
        case "back":
            return [`  image: ${short(release.memory.heldBack ?? "")} -> ${short(image)} (rollback)`];
        case "held back":
            return [`${name} is held at ${short(image)}, whatever image says, as long as rollback is true.`];
        default:
            return last.trial === undefined ? [] : [`  image: the canary of ${short(last.trial)} ends; ${from} stays`];
    }
}

const canaries = (replicas: readonly ReplicaChange[]): string =>
    replicas
        .filter(({ before, version }) => before?.version !== version)
        .map(({ name }) => name)
        .join(", ") || "its replicas";

/** At most five in words; a count of the others. */
function listed(what: string, items: readonly string[]): string[] {
    const shown = items.slice(0, 5);
    const more = items.length > shown.length ? ` and ${items.length - shown.length} more` : "";
    return items.length > 0 ? [`${what} ${shown.join(", ")}${more}.`] : [];
}

/** An image as it fits into a line: digests by their beginning. */
const short = (image: string): string => image.replace(/(sha256:[0-9a-f]{12})[0-9a-f]{52}$/, "$1");
