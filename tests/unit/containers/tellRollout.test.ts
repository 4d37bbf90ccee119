import assert from "node:assert/strict";
import type { Release } from "../../../lib/containers/release";
import { type ReplicaChange, tellRollout } from "../../../lib/containers/tellRollout";
import type { UpdateSpec } from "../../../lib/containers/updateSpec";

const digest = (letter: string) => `web@sha256:${letter.repeat(64)}`;
const startFirst: UpdateSpec = { order: "start-first", parallelism: 4, bounded: false };
const stopFirst: UpdateSpec = { order: "stop-first", parallelism: 1, bounded: false };
const held = (vm: string, version: string) => ({ vm, version, slots: [0], turn: 0 });
const replica = (index: number, version: string, before?: ReplicaChange["before"]): ReplicaChange => ({
    name: `web-${index}`,
    vm: "vm1",
    version,
    before,
});
const four = (change: (index: number) => ReplicaChange) => [0, 1, 2, 3].map(change);
const rolled = four((index) => replica(index, "b", held("vm1", "a")));
const same = four((index) => replica(index, "a", held("vm1", "a")));
const release = (kind: Release["kind"], image: string, more: Partial<Release> = {}): Release => ({
    ...{ kind, image, trial: undefined, memory: { image } },
    ...more,
});
const last = { image: digest("a") };
const tell = (
    update: UpdateSpec,
    replicas: readonly ReplicaChange[],
    now?: Release,
    gone = {},
    before: typeof last | undefined = last,
) => tellRollout({ name: "web", update }, replicas, gone, now, before)?.split("\n");

describe("what a preview says of a set", () => {
    it("is nothing where nothing changes, and nothing where it is new", () => {
        assert.equal(tell(startFirst, same, release("same", digest("a"))), undefined);
        assert.equal(
            tellRollout(
                { name: "web", update: startFirst },
                four((index) => replica(index, "a")),
                {},
                undefined,
                undefined,
            ),
            undefined,
        );
    });

    it("is how many are replaced, in which order, and how many serve meanwhile", () => {
        assert.deepEqual(tell(startFirst, rolled, release("new", digest("b"))), [
            "web replaces 4 of 4 replicas, all at once; each new container is healthy before an old one stops: 4 serve throughout.",
            "  image: web@sha256:aaaaaaaaaaaa -> web@sha256:bbbbbbbbbbbb",
        ]);
        assert.deepEqual(tell({ ...startFirst, parallelism: 2, bounded: true }, rolled), [
            "web replaces 4 of 4 replicas, 2 at a time; each new container is healthy before an old one stops, at most 6 run: 4 serve throughout.",
        ]);
        const moves = [...rolled.slice(0, 3), replica(3, "b", held("vm9", "a"))];
        assert.match(
            tell({ ...startFirst, parallelism: 2, bounded: true }, moves, undefined, { "web-4": "vm1" })?.[0] ?? "",
            /replaces 3 of 4 replicas, .*, at most 8 run: 4 serve/,
            "those that move and go stop at the end",
        );
        assert.deepEqual(tell({ ...stopFirst, forcedBy: "web.ports[0].host" }, rolled), [
            "web replaces 4 of 4 replicas, 1 at a time; each old container is out of its balancers and stopped before the new one starts (web.ports[0].host allows one container of a replica): 3 of 4 serve throughout.",
        ]);
        assert.match(tell(stopFirst, rolled.slice(0, 1))?.[0] ?? "", /starts: web does not serve meanwhile\.$/);
    });

    it("is which come, move and go", () => {
        const replicas = [replica(0, "a", held("vm1", "a")), replica(1, "a"), replica(2, "a", held("vm2", "a"))];
        assert.deepEqual(tell(startFirst, replicas, undefined, { "web-3": "vm2" }), [
            "web gets web-1 on vm1.",
            "web loses, out of its balancers first, web-3 on vm2.",
        ]);
    });

    it("is what becomes of a canary", () => {
        const canary = [...same.slice(0, 3), replica(3, "b", held("vm1", "a"))];
        const tried = release("canary", digest("a"), { trial: digest("b") });
        assert.match(
            tell(startFirst, canary, tried)?.[1] ?? "",
            /image: .*a{12} -> .*b{12} as a canary on web-3; the next up brings it to all\.$/,
        );
        assert.match(
            tell(startFirst, rolled, release("confirmed", digest("b")))?.[1] ?? "",
            /\(the canary is confirmed\)$/,
        );
        const back = release("back", digest("a"), { memory: { image: digest("a"), heldBack: digest("b") } });
        assert.match(tell(startFirst, canary, back)?.[1] ?? "", /image: .*b{12} -> .*a{12} \(rollback\)$/);
        assert.match(
            tell(startFirst, same, release("held back", digest("a")))?.[0] ?? "",
            /^web is held at .*a{12}, whatever/,
        );
        const ended = { image: digest("a"), trial: digest("b") };
        assert.match(
            tell(startFirst, canary, release("same", digest("a")), {}, ended)?.[1] ?? "",
            /the canary of .*b{12} ends; .*a{12} stays$/,
        );
    });
});
