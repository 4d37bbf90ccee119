import assert from "node:assert/strict";
import { summarisePreview } from "../../../lib";
import { tellMove, tellService } from "../../../lib/swarm/tellService";

const SET = "fusion:index:FusionContainerSet";
const urn = (type: string, name: string) => `urn:pulumi:dev::shop::${type === SET ? "" : `${SET}$`}${type}::${name}`;

/** A step of a preview: what a resource was and is. */
function step(type: string, op: string, old?: object, fresh?: object) {
    const name = "web";
    const state = (more: object) => ({
        ...{ urn: urn(type, name), type, custom: type.startsWith("docker"), inputs: {}, outputs: {} },
        ...(type === SET ? {} : { parent: urn(SET, name) }),
        ...more,
    });
    return {
        ...{ op, urn: urn(type, name) },
        ...(old && { oldState: state(old) }),
        ...(fresh && { newState: state(fresh) }),
    };
}

const review = (steps: object[], words?: string) =>
    summarisePreview(
        {
            steps,
            diagnostics: words === undefined ? [] : [{ urn: urn(SET, "web"), severity: "info", message: words }],
            changeSummary: { update: 1 },
        },
        {},
    );
const service = (mode: object, version: string, order = "start-first") => ({
    inputs: {
        mode,
        labels: [{ label: "fusion.version", value: version }],
        updateConfig: { order, parallelism: 1 },
        taskSpec: { containerSpec: { image: `example.org/web:${version}` } },
    },
});
const record = step("fusion:index:ServiceRecord", "same", { outputs: { nodes: ["h1", "h2", "h3"] } }, {});

describe("the review of a service on a swarm", () => {
    it("counts the tasks of one that is on each node", () => {
        const { headline, services } = review([
            step(SET, "update", {}, {}),
            record,
            step(
                "docker:index/service:Service",
                "update",
                service({ global: true }, "1", "stop-first"),
                service({ global: true }, "2", "stop-first"),
            ),
        ]);
        assert.deepEqual(
            services.map(({ before, after, lowest }) => [before, after, lowest]),
            [[3, 3, 2]],
        );
        assert.match(headline, /^web: 3 replicas roll from .*1 to .*2, at least 2 serve throughout/);
    });

    it("believes the set where that becomes another number", () => {
        const brought = { version: "a", turn: 0, attempt: 0, mixed: false } as const;
        const told = {
            replicas: undefined,
            networks: [],
            publish: "host",
            swarm: "farm",
            image: "web",
            brought,
        };
        const update = { order: "stop-first", parallelism: 1, onFailure: "rollback" } as const;
        const words = tellService(
            "web",
            update,
            { ...told, nodes: ["h1", "h2"] },
            { ...told, nodes: ["h1", "h2", "h3"] },
            false,
        );
        const global = service({ global: true }, "1");
        const { services } = review(
            [step(SET, "update", {}, {}), record, step("docker:index/service:Service", "update", global, global)],
            words,
        );
        assert.deepEqual(
            services.map(({ before, after }) => [before, after]),
            [[3, 2]],
        );
    });

    for (const [way, op, expected] of [
        ["swarm", "create", "web: all of it moves to a swarm, at least 2 serve throughout"],
        ["hosts", "delete", "web: all of it moves to plain hosts, at least 2 serve throughout"],
    ] as const) {
        it(`says that it moves to ${way}`, () => {
            const state = service({ replicated: { replicas: 2 } }, "1");
            const [old, fresh] = op === "create" ? [undefined, state] : [state, undefined];
            const containers = ["web-0", "web-1"].map((name, index) => {
                const labels = [{ label: "fusion.host", value: `h${index}` }];
                const one = { inputs: { labels, image: "example.org/web:1" } };
                const made = step(
                    "docker:index/container:Container",
                    op === "create" ? "delete" : "create",
                    ...(op === "create" ? [one] : [undefined, one]),
                );
                return JSON.parse(JSON.stringify(made).replaceAll("Container::web", `Container::${name}`));
            });
            const placement = { "web-0": "h0", "web-1": "h1" };
            const { headline, services } = review(
                [
                    step(SET, "update", { outputs: op === "create" ? { placement } : { placement: {} } }, {}),
                    step("docker:index/service:Service", op, old, fresh),
                    ...containers,
                ],
                tellMove("web", way, "farm", [2, 2]),
            );
            assert.ok(headline.startsWith(expected), headline);
            assert.deepEqual(services[0]?.words.length, 1);
        });
    }

    it("is told with why its containers go where it moves to one", () => {
        const labels = [{ label: "fusion.host", value: "h0" }];
        const { losses } = review([
            step(SET, "update", {}, {}),
            step("docker:index/service:Service", "create", undefined, service({ replicated: { replicas: 1 } }, "1")),
            step("docker:index/container:Container", "delete", { inputs: { labels } }),
        ]);
        assert.deepEqual(
            losses.map(({ cause }) => cause),
            ["its set moves to a swarm"],
        );
    });

    /** A machine that is restarted beside it. */
    const restarted = (name: string) => {
        const type = "fusion:index:FusionVm";
        const of = `urn:pulumi:dev::shop::${type}::${name}`;
        const state = { urn: of, type, custom: false, inputs: {}, outputs: {} };
        return [
            { op: "same", urn: of, oldState: state, newState: state },
            {
                ...{ op: "replace", urn: `urn:pulumi:dev::shop::${type}$libvirt:index/domain:Domain::${name}` },
                oldState: { ...state, urn: `${of}-domain`, type: "libvirt:index/domain:Domain", parent: of },
                newState: { ...state, urn: `${of}-domain`, type: "libvirt:index/domain:Domain", parent: of },
            },
        ];
    };
    for (const [vm, lowest] of [
        ["h1", undefined],
        ["other", 2],
    ] as const) {
        it(`counts what serves while ${vm} is restarted as far as that is known`, () => {
            const state = service({ replicated: { replicas: 2 } }, "1");
            const { services, machines } = review([
                ...restarted(vm),
                step(SET, "update", {}, {}),
                record,
                step("docker:index/service:Service", "update", state, service({ replicated: { replicas: 2 } }, "2")),
            ]);
            assert.equal(machines[0]?.effect, "restarted");
            assert.equal(services[0]?.lowest, lowest);
        });
    }

    it("does not serve while it is made anew, whatever else is restarted", () => {
        const state = service({ replicated: { replicas: 2 } }, "1");
        const { services } = review([
            ...restarted("h1"),
            step(SET, "update", {}, {}),
            record,
            step("docker:index/service:Service", "replace", state, state),
        ]);
        assert.equal(services[0]?.lowest, 0);
    });

    it("does not serve while its only task moves, where that stops first", () => {
        const state = service({ replicated: { replicas: 1 } }, "1", "stop-first");
        const told = {
            ...{ replicas: 1, networks: [], publish: "host", swarm: "farm", image: "web" },
            brought: undefined,
        };
        const update = { order: "stop-first", parallelism: 1, onFailure: "rollback" } as const;
        const words = tellService("web", update, { ...told, nodes: ["h2"] }, { ...told, nodes: ["h1", "h2"] }, false);
        const { services } = review(
            [step(SET, "update", {}, {}), record, step("docker:index/service:Service", "update", state, state)],
            words,
        );
        assert.equal(services[0]?.lowest, 0);
    });

    it("does not serve while it is made anew", () => {
        const state = service({ replicated: { replicas: 2 } }, "1");
        const { headline, services } = review([
            step(SET, "update", {}, {}),
            step("docker:index/service:Service", "replace", state, state),
        ]);
        assert.equal(services[0]?.lowest, 0);
        assert.match(headline, /DOES NOT SERVE meanwhile/);
    });
});
