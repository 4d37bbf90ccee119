import { count } from "../pictures/scene";
import type { BalancerReview, Loss, MachineReview, Move, Review, ServiceReview } from "./types";

/** What a headline is made from. */
type Told = Pick<
    Review,
    "balancers" | "counts" | "errors" | "losses" | "machines" | "moves" | "services" | "unchanged"
>;

const MOST = 4;

/** One line: what the change does to the service. */
export function headlineOf(told: Told): string {
    if (told.errors.length > 0) return "The preview failed: what this would do is not known";
    if (told.unchanged) return "Nothing to do: the stack is as the program says";
    const parts = [
        ...several(told.services.flatMap(service), "more services change"),
        ...several(machines(told.machines), "more changes of machines"),
        ...moved(told.moves),
        ...told.balancers.flatMap(balancer),
    ];
    return [...(parts.length > 0 ? parts : [others(told.counts)]), deletion(told.losses)].join("; ");
}

/** `7da9 -> 9c2e`: digests by their beginning, names without what they have in common. */
function images({ imageBefore, imageAfter, release }: ServiceReview): string {
    if (imageBefore === imageAfter || imageBefore === "" || imageAfter === "") return "";
    const short = (image: string) => /@([0-9a-f]{4})[0-9a-f]{8}$/.exec(image)?.[1] ?? image;
    const [was, is] = [short(imageBefore), imageAfter.split(", ").map(short)];
    const fresh = is.filter((one) => one !== was);
    switch (release) {
        case "canary":
            return ` to ${fresh.join(", ")} as a canary, the others stay at ${was}`;
        case "confirmed":
            return ` to ${is.join(", ")}: the canary is confirmed`;
        default:
            return `${release === "rollback" ? " back" : ""} from ${was} to ${is.join(", ")}`;
    }
}

function service(one: ServiceReview): string[] {
    const { name, before, after, replaced, lowest } = one;
    if (before === 0 || (before === undefined && replaced === 0)) {
        return after === undefined ? [] : [`${name} is new: ${count(after, "replica")}`];
    }
    if (after === 0) return [`${name} goes: it serves no longer`];
    const scaled =
        before !== undefined && after !== undefined && before !== after
            ? `goes from ${before} to ${count(after, "replica")}`
            : "";
    const rolls = one.moves === "" ? rolling(one) : `all of it moves ${one.moves}${images(one)}`;
    if (scaled === "" && rolls === "") return interrupted(one);
    const serves =
        lowest === undefined
            ? ""
            : lowest === 0
              ? "; it DOES NOT SERVE meanwhile"
              : `, at least ${lowest} ${lowest === 1 ? "serves" : "serve"} throughout`;
    const what = rolls === "" ? `${name} ${scaled}` : `${name}: ${rolls}${scaled === "" ? "" : `, and it ${scaled}`}`;
    return [`${what}${serves}`];
}

function rolling(one: ServiceReview): string {
    if (one.replaced === 0) return "";
    const why = images(one) || ` (${one.causes.join("; ")})`;
    return `${count(one.replaced, "replica")} ${one.replaced === 1 ? "rolls" : "roll"}${why}`;
}

/** A service whose machine is interrupted. */
function interrupted({ name, before, lowest }: ServiceReview): string[] {
    if (lowest === undefined || before === undefined || lowest >= before) return [];
    return [
        lowest === 0 ? `${name} DOES NOT SERVE meanwhile` : `${name}: at least ${lowest} of ${before} serve throughout`,
    ];
}

const EFFECTS: Readonly<Record<MachineReview["effect"], readonly [one: string, several: string]>> = {
    "made anew": ["is replaced", "are replaced"],
    restarted: ["is restarted", "are restarted"],
    removed: ["is REMOVED", "are REMOVED"],
    added: ["is added", "are added"],
    "changed in place": ["changes while it runs", "change while they run"],
};

function machines(all: readonly MachineReview[]): string[] {
    return Object.entries(EFFECTS).flatMap(([effect, [one, more]]) => {
        const these = all.filter((machine) => machine.effect === effect);
        const [first] = these;
        if (first === undefined) return [];
        const names = several(
            these.map(({ name }) => name),
            "more",
        );
        const away = Math.max(...these.map(({ minutes }) => minutes));
        const each = these.length > 1 ? "each, one after the other" : "it";
        const without = away > 0 ? `: at most ${count(away, "minute")} without ${each}` : "";
        return [`${names.join(", ")} ${these.length === 1 ? one : more}${without}`];
    });
}

function moved(moves: readonly Move[]): string[] {
    const [first] = moves;
    if (first === undefined) return [];
    return [
        moves.length === 1
            ? `${first.replica} moves from ${first.from} to ${first.to}`
            : `${count(moves.length, "replica")} move`,
    ];
}

function balancer(one: BalancerReview): string[] {
    const { name, operation, listenersAdded, listenersRemoved, serversBefore, serversAfter } = one;
    if (operation === "created") {
        return [`${name} is new${listenersAdded.length === 0 ? "" : `, on ${listenersAdded.join(" and ")}`}`];
    }
    if (operation === "deleted") return [`${name} goes: nothing listens on ${listenersRemoved.join(" and ")}`];
    const parts = [
        ...listenersAdded.map((listener) => `listens on ${listener} too`),
        ...listenersRemoved.map((listener) => `no longer listens on ${listener}`),
        ...one.backendsAdded.map((backend) => `sends requests to ${backend} too`),
        ...one.backendsRemoved.map((backend) => `no longer sends requests to ${backend}`),
        ...(serversBefore === serversAfter ? [] : [`has ${count(serversAfter, "server")} instead of ${serversBefore}`]),
    ];
    if (parts.length === 0) return [`${name} is reloaded with another configuration`];
    return [`${name} ${several(parts, "more changes").join(", ")}`];
}

function deletion(losses: readonly Loss[]): string {
    const data = losses.filter((one) => one.data);
    if (data.length > 0)
        return `DATA IS LOST: ${several(
            data.map(({ what }) => what.replaceAll("`", "")),
            "more",
        ).join(", ")}`;
    const gone = losses.filter(({ operation }) => operation === "deleted");
    return gone.length === 0
        ? "nothing is deleted"
        : `deleted: ${several(
              gone.map(({ what }) => what.replaceAll("`", "")),
              "more",
          ).join(", ")}`;
}

function others(counts: Readonly<Record<string, number>>): string {
    const told = Object.entries(counts).filter(([operation, many]) => operation !== "same" && many > 0);
    return told.map(([operation, many]) => `${operation} ${count(many, "resource")}`).join(", ");
}

function several(parts: readonly string[], rest: string): string[] {
    return parts.length <= MOST ? [...parts] : [...parts.slice(0, MOST - 1), `${parts.length - MOST + 1} ${rest}`];
}
