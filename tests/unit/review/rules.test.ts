import assert from "node:assert/strict";
import { type ReviewRules, reviewMarkdown, summarisePreview } from "../../../lib";

const stack = "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev";
const urn = (types: string, name: string) => `urn:pulumi:dev::shop::${types}::${name}`;
const LB = "fusion:index:FusionBalancer";

/** A balancer whose configuration goes from one text to another. */
const balancer = (before: string, after: string) => ({
    steps: [
        {
            op: "update",
            urn: urn(`${LB}$command:local:Command`, "lb"),
            oldState: { type: "command:local:Command", parent: urn(LB, "lb"), inputs: { stdin: before } },
            newState: { type: "command:local:Command", parent: urn(LB, "lb"), inputs: { stdin: after } },
        },
    ],
});
const config = (bind: string, servers: number) =>
    `global\n    maxconn 10\nfrontend lb\n    bind *:80\n    bind ${bind}\nbackend web\n${Array.from({ length: servers }, (_, i) => `    server web-${i} 10.0.0.${i}:80\n`).join("")}`;

/** A set on one machine that is new or grows. */
function placed(replicas: number) {
    const SET = "fusion:index:FusionContainerSet";
    const VM = "fusion:index:FusionVm";
    const inputs = (count: number) => ({ replicas: count, resources: { memoryMiB: 256 } });
    const container = {
        type: "docker:index/container:Container",
        parent: urn(SET, "web"),
        inputs: { image: "web:1", labels: [{ label: "fusion.host", value: "vm1" }] },
    };
    const vm = { type: VM, parent: stack, inputs: { vcpus: 1, memoryMiB: 1280 } };
    return {
        steps: [
            { op: "same", urn: urn(VM, "vm1"), oldState: vm, newState: vm },
            {
                op: "update",
                urn: urn(SET, "web"),
                oldState: { type: SET, parent: stack, inputs: inputs(1) },
                newState: { type: SET, parent: stack, inputs: inputs(replicas) },
            },
            ...Array.from({ length: replicas }, (_, i) => ({
                op: i === 0 ? "same" : "create",
                urn: urn(`${SET}$docker:index/container:Container`, `web-${i}`),
                newState: container,
                ...(i === 0 && { oldState: container }),
            })),
        ],
    };
}

const stopped = (preview: object, rules: ReviewRules = {}) =>
    summarisePreview(preview, rules).stops.map(({ what }) => what);

describe("the rules of a review", () => {
    it("stop a backend without a server", () => {
        const preview = balancer(config("10.0.0.1:81", 1), config("10.0.0.1:81", 0));
        assert.deepEqual(stopped(preview), ["lb sends requests to web, which has no server"]);
        assert.deepEqual(stopped(preview, { emptyBackend: true }), []);
    });

    for (const [bind, isPublic] of [
        ["*:443", true],
        [":::443", true],
        ["203.0.113.5:443", true],
        ["10.0.0.1:443", false],
        ["172.20.0.1:443", false],
        ["127.0.0.1:443", false],
        ["[fd00::1]:443", false],
    ] as const) {
        it(`${isPublic ? "stop" : "let through"} a listener on ${bind}`, () => {
            const preview = balancer(config("10.9.9.9:1", 1), config(bind, 1));
            assert.equal(stopped(preview).length, isPublic ? 1 : 0);
        });
    }

    it("stop a host that is taken to more than 90 per cent", () => {
        assert.deepEqual(stopped(placed(3)), []);
        assert.deepEqual(stopped(placed(4)), ["vm1 has 100 % of its memory taken, 90 % may be"]);
        assert.deepEqual(stopped(placed(4), { mostLoadPercent: 100 }), []);
    });
});

describe("a value that is known only later", () => {
    it("is named, with what it comes from", () => {
        const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
        const type = "aws:s3/object:Object";
        const newState = {
            ...{ type, parent: stack, inputs: { bucket: unknown, key: "a" } },
            propertyDependencies: { bucket: [urn("aws:s3/bucket:Bucket", "logs")] },
        };
        const review = summarisePreview({ steps: [{ op: "create", urn: urn(type, "page"), newState }] });
        assert.deepEqual(review.unknowns, [{ resource: "Object page", property: "bucket", from: ["logs"] }]);
        assert.match(reviewMarkdown(review), /\| `Object page` \| `bucket` \| `logs` \|/);
        assert.doesNotMatch(reviewMarkdown(review), /04da6b54/);
    });
});
