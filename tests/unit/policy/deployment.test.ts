import assert from "node:assert/strict";
import { changesOf, type LastResource, shownValues, type WantedResource } from "../../../lib/review/deployment";
import { setsOf } from "../../../lib/review/placements";
import { rolling } from "../../../lib/review/rolling";

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const urn = (types: string, name: string) => `urn:pulumi:dev::shop::${types}::${name}`;
const SET = "fusion:index:FusionContainerSet";
const CONTAINER = "docker:index/container:Container";

const stateOf = (type: string, inputs: object, outputs: object = {}, parent = "") => ({
    ...{ type, parent, protect: false, provider: "" },
    ...{ inputs: { ...inputs }, outputs: { ...outputs }, dependencies: {} },
});
const last = (name: string, inputs: object, id = "1"): LastResource => ({
    urn: urn("a:b:C", name),
    id,
    state: stateOf("a:b:C", inputs),
});
const wanted = (name: string, inputs: object, id?: string, aliases: readonly string[] = []): WantedResource => ({
    urn: urn("a:b:C", name),
    aliases,
    state: stateOf("a:b:C", inputs, id === undefined ? {} : { id }),
});

describe("the changes of a deployment that a policy pack sees", () => {
    const operations = (before: LastResource[], after: WantedResource[]) =>
        Object.fromEntries(
            changesOf({ last: before, wanted: after }).all.map(({ name, operation, reasons }) => [
                name,
                [operation, ...reasons].join(" "),
            ]),
        );

    it("are made, changed, kept and deleted as both sides say", () => {
        const before = [last("kept", { a: { x: 1, y: [2] } }), last("changed", { a: 1, b: 1 }), last("gone", {})];
        const after = [
            wanted("kept", { a: { y: [2], x: 1 } }, "1"),
            wanted("changed", { a: 1, b: 2, c: UNKNOWN }, "1"),
            wanted("new", {}, UNKNOWN),
        ];
        assert.deepEqual(operations(before, after), {
            ...{ kept: "same", changed: "update b c", new: "create", gone: "delete" },
        });
    });

    it("replace what will have another id, whatever the inputs say", () => {
        const before = [last("a", { size: 1 }), last("b", {}), last("c", {}), last("component", {}, "")];
        const after = [
            wanted("a", { size: 2 }, UNKNOWN),
            wanted("b", {}, UNKNOWN),
            wanted("c", {}, "2"),
            wanted("component", {}, UNKNOWN),
        ];
        assert.deepEqual(operations(before, after), {
            ...{ a: "replace size", b: "replace", c: "replace", component: "same" },
        });
    });

    it("find what has another name by its aliases", () => {
        const after = [wanted("new-name", {}, "1", [urn("a:b:C", "elsewhere"), urn("a:b:C", "old-name")])];
        assert.deepEqual(operations([last("old-name", {})], after), { "new-name": "same" });
    });

    it("mask secrets of the state, and leave out what a bridge keeps beside the values", () => {
        const secret = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", ciphertext: "v1:x" };
        const values = { __defaults: [], a: secret, b: [{ c: secret, __meta: "x", d: 1 }], e: null };
        assert.deepEqual(shownValues(values), { a: "[secret]", b: [{ c: "[secret]", d: 1 }], e: null });
        assert.deepEqual(shownValues(undefined), {});
    });
});

describe("how many replicas a set does without, as its records have it", () => {
    const container = (name: string, version: string, host = "h1") =>
        stateOf(
            CONTAINER,
            {
                name,
                labels: [
                    { label: "fusion.host", value: host },
                    { label: "fusion.version", value: version },
                ],
            },
            { id: "1" },
            urn(SET, "web"),
        );
    const away = (
        update: object | undefined,
        { versions = ["2", "2", "2", "2"], before = "stop-first" }: { versions?: string[]; before?: string } = {},
    ) => {
        const below = (type: string, name: string) => urn(`${SET}$${type}`, name);
        const records = (order: string | undefined) => [
            {
                urn: below("fusion:index:PlacementRecord", "web"),
                state: stateOf("fusion:index:PlacementRecord", {}, { update }, urn(SET, "web")),
            },
            {
                urn: below("fusion:index:ReleaseRecord", "web"),
                state: stateOf("fusion:index:ReleaseRecord", {}, { order }, urn(SET, "web")),
            },
        ];
        const changes = changesOf({
            last: [
                { urn: urn(SET, "web"), id: "", state: stateOf(SET, {}) },
                ...records(before).map((one) => ({ ...one, id: "" })),
                ...versions.map((_, i) => ({
                    ...{ urn: below(CONTAINER, `web-${i}`), id: "1", state: container(`web-${i}-1-0`, "1") },
                })),
            ],
            wanted: [
                { urn: urn(SET, "web"), aliases: [], state: stateOf(SET, {}) },
                ...records(undefined).map((one) => ({ ...one, aliases: [] })),
                ...versions.map((version, i) => ({
                    ...{ urn: below(CONTAINER, `web-${i}`), aliases: [] },
                    state: container(`web-${i}-${version}-0`, version),
                })),
            ],
        });
        const [set] = setsOf(changes);
        assert.ok(set);
        return rolling(changes, set);
    };

    it("is none where new ones start first, or nothing is replaced", () => {
        assert.equal(away({ order: "start-first", parallelism: 4 }), 0);
        assert.equal(away({ order: "stop-first", parallelism: 1 }, { versions: ["1", "1"] }), 0);
    });

    it("is as many as are replaced at once where old ones stop first", () => {
        assert.equal(away({ order: "stop-first", parallelism: 3 }), 3);
        assert.equal(away({ order: "stop-first", parallelism: 3 }, { versions: ["2", "1", "1", "2"] }), 2);
        assert.equal(away({ order: "stop-first", parallelism: 9 }), Number.POSITIVE_INFINITY);
    });

    it("is none in the deployment that makes them stop first", () => {
        assert.equal(away({ order: "stop-first", parallelism: 4 }, { before: "start-first" }), 0);
    });

    it("is all of them where the version or the order is not known", () => {
        assert.equal(
            away({ order: "stop-first", parallelism: 4 }, { versions: [UNKNOWN, UNKNOWN] }),
            Number.POSITIVE_INFINITY,
        );
        assert.equal(away(undefined), Number.POSITIVE_INFINITY);
    });
});
