import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { FusionContainerSetArgs } from "../../lib";
import { farm, image } from "../support/farm";
import { type ProgramResult, type Registered, runProgram } from "../support/mocks";

describe("a set's arguments for its containers and their rollout", () => {
    const made = async (set: Partial<FusionContainerSetArgs>, last?: ProgramResult, more = {}) => {
        const result = await runProgram(() => farm({ set, ...more }), last?.outputs);
        assert.deepEqual(result.errors, []);
        return result;
    };
    const one = ({ registered }: ProgramResult, name: string): Registered => {
        const found = registered.find((resource) => resource.name === name && !/providers/.test(resource.type));
        assert.ok(found, `there is no ${name}`);
        return found;
    };
    const names = ({ registered }: ProgramResult, pattern: RegExp) =>
        registered.map(({ name }) => name).filter((name) => pattern.test(name));

    it("are the container's, with what is passed through", async () => {
        const result = await made({
            files: { "/run/secrets/key": "hunter2", "/etc/web.conf": { content: "a", mode: "0640" } },
            resources: { cpus: 0.25, memoryMiB: 64, limits: { cpus: 1.5, memoryMiB: 128 } },
            stopSeconds: 5,
            stopSignal: "SIGQUIT",
            container: { labels: [{ label: "team", value: "web" }], init: true },
        });
        const { inputs, secrets, deleteBeforeReplace } = one(result, "web-0");
        assert.deepEqual(inputs.uploads, [
            { file: "/etc/web.conf", content: "a", permissions: "0640" },
            { file: "/run/secrets/key", content: "hunter2", permissions: "0444" },
        ]);
        assert.ok(secrets.includes("uploads"));
        assert.deepEqual([inputs.cpus, inputs.memory, inputs.memorySwap], ["1.5", 128, 128]);
        assert.deepEqual([inputs.stopTimeout, inputs.destroyGraceSeconds, inputs.stopSignal], [5, 5, "SIGQUIT"]);
        assert.equal(inputs.init, true);
        assert.deepEqual(Array.isArray(inputs.labels) && inputs.labels.map(({ label }) => label), [
            ...["fusion.stack", "fusion.host", "fusion.set", "fusion.version"],
            "team",
        ]);
        assert.equal(deleteBeforeReplace, false);
        // However it was given, the component shows no content.
        assert.ok(one(result, "web").secrets.includes("files"));
    });

    it("are looked at when they are known, where what is passed through comes from elsewhere", async () => {
        const ways = (label: string) => [
            pulumi.output([{ label, value: "web" }]),
            Promise.resolve([{ label, value: "web" }]),
            [pulumi.output({ label, value: "web" })],
            [{ label: pulumi.output(label), value: "web" }],
        ];
        for (const labels of ways("team")) {
            const good = await made({
                container: { labels, mounts: [{ target: "/t", type: pulumi.output("tmpfs") }] },
            });
            const { labels: all } = one(good, "web-0").inputs;
            assert.equal(Array.isArray(all) && all.length, 5);
        }
        for (const labels of ways("fusion.set")) {
            const { errors } = await runProgram(() => farm({ set: { container: { labels } } }));
            assert.match(errors.join(), /web\.container\.labels\[0\]\.label: begins with "fusion\.", .*rename it/);
        }
    });

    it("may have a health check of another port than the first, which the balancer's asks too", async () => {
        const set = {
            ports: [{ container: 80 }, { container: 8080 }],
            healthCheck: { http: { port: 8080, path: "/up" }, startPeriodSeconds: 5, timeoutSeconds: 60 },
        };
        const result = await made(set);
        const { ports } = one(result, "web-0").inputs;
        const [first, second] = Array.isArray(ports) ? ports.map(({ external }) => external) : [];
        assert.ok(first !== second);
        const { inputs, timeouts } = one(result, "web-healthy");
        assert.match(String(inputs.stdin), new RegExp(`PORT=${second}\nREPLICA=web-0\nSTART_PERIOD=5\nTIMEOUT=60\n`));
        assert.equal(timeouts?.create, "185s");
        const balancer = result.registered.find(({ name, type }) => name === "lb" && /Command$/.test(type));
        assert.match(String(balancer?.inputs.stdin), new RegExp(`server web-0 \\S+:${first} .* port ${second}$`, "m"));
    });

    it("open a connection to each host before the containers, which are deleted all at once", async () => {
        const gate = one(await made({ replicas: 4 }), "web-healthy");
        const text = String(gate.inputs.delete);
        assert.deepEqual(text.match(/-- 10\.77\.0\.\d+ true/g), ["-- 10.77.0.11 true", "-- 10.77.0.12 true"]);
        assert.ok(gate.dependsOn.some((urn) => urn.endsWith("::web-3")));
    });

    for (const [title, set] of [
        ["a limit", { resources: { limits: { memoryMiB: 64 } } }],
        ["a file", { files: { "/a": "b" } }],
        ["a signal", { stopSignal: "SIGINT" }],
        ["what is passed through", { container: { init: true } }],
        ["a volume", { volumes: [{ name: "data", path: "/data", shared: true }] }],
        ["a protocol", { ports: [{ container: 80 }, { container: 53, protocol: "udp" as const }] }],
    ] as const) {
        it(`are another version with ${title}, started beside the old one`, async () => {
            const first = await made({});
            const next = await made(set, first);
            assert.notEqual(one(next, "web-0").inputs.name, one(first, "web-0").inputs.name);
            assert.equal(one(next, "web-0").deleteBeforeReplace, false);
        });
    }

    it("give each replica volumes of its own, which stay, protected, and one writer at a time", async () => {
        const volumes = [
            { name: "data", path: "/data" },
            { name: "cache", path: "/cache", shared: true },
            { name: "disk", path: "/disk", hostPath: "/srv/data/web", readOnly: true },
        ];
        const result = await made({ volumes, replicas: 3 });
        assert.deepEqual(names(result, /-(data|cache)/).sort(), [
            ...["web-0-data", "web-1-data", "web-2-data", "web-cache-vm1", "web-cache-vm2"],
        ]);
        assert.deepEqual(
            ["web-0-data", "web-cache-vm1"].map((name) => one(result, name).protect),
            [true, false],
        );
        assert.deepEqual(one(result, "web-0").inputs.volumes, [
            { containerPath: "/data", volumeName: "project--dev-web-0-data" },
            { containerPath: "/cache", volumeName: "project--dev-web-cache" },
            { containerPath: "/disk", readOnly: true, hostPath: "/srv/data/web" },
        ]);
        assert.equal(one(result, "web-0").deleteBeforeReplace, true);
        // The next version has the same port: the old one is gone before.
        const next = await made({ volumes, replicas: 3, stopSeconds: 7 }, result);
        assert.deepEqual(one(next, "web-0").inputs.ports, one(result, "web-0").inputs.ports);
        // Whether a volume may be deleted is no matter of the containers.
        const free = volumes.map((volume) => ({ ...volume, protect: false }));
        const freed = await made({ volumes: free, replicas: 3 }, result);
        assert.equal(one(freed, "web-0").inputs.name, one(result, "web-0").inputs.name);
        assert.equal(one(freed, "web-0-data").protect, false);
    });

    it("give a replica volumes that go with a machine that is lost", async () => {
        const volumes = [{ name: "data", path: "/data" }];
        const first = await made({ volumes });
        const lost = await made({ volumes }, first, { vm: { lost: true } });
        assert.deepEqual(
            [first, lost].map((result) => one(result, "web-0-data").protect),
            [true, false],
        );
    });

    it("replace group by group: a gate a group, a step of the balancer, old containers stopped", async () => {
        const args = { replicas: 4, update: { maxSurge: 2 } };
        const result = await made(args);
        assert.deepEqual(names(result, /healthy|step|retired/).sort(), [
            ...["lb-web-step-0", "lb-web-step-1", "web-healthy", "web-healthy-1", "web-retired-0", "web-retired-1"],
        ]);
        assert.match(String(one(result, "lb-web-step-1").inputs.stdin), /^web-2 10\.77\.0\.1\d:2\d{4} 2\d{4}\nweb-3 /);
        const second = await made({ ...args, stopSignal: "SIGINT" }, result);
        const order = names(second, /^(web-[0-3]|web-healthy|web-retired-0|lb-web-step-0)$/);
        const at = (name: string) => order.indexOf(name);
        assert.ok(at("web-1") < at("web-healthy") && at("lb-web-step-0") < at("web-retired-0"), order.join());
        assert.ok(at("web-retired-0") < at("web-2"), order.join());
        // No old container stops before its successors are healthy.
        assert.ok(one(result, "web-retired-0").dependsOn.some((urn) => urn.endsWith("::web-healthy")));
    });

    /** The state after a deployment that was to bring `next`, and was broken off before it had made any container. */
    const brokenOff = (first: ProgramResult, next: ProgramResult): ProgramResult => {
        const containers = Object.entries(first.outputs).filter(([, { type }]) => type.startsWith("docker:"));
        return { ...next, outputs: { ...next.outputs, ...Object.fromEntries(containers) } };
    };

    it("go on after a deployment that was broken off as it should have: beside what serves, or one after the other", async () => {
        const signal = { stopSignal: "SIGINT" };
        const first = await made({});
        const again = await made(signal, brokenOff(first, await made(signal, first)));
        assert.equal(one(again, "web-0").deleteBeforeReplace, false);
        assert.notEqual(one(again, "web-0").inputs.name, one(first, "web-0").inputs.name);
        // What was never replaced is left alone when the old version is wanted again.
        const back = await made({}, brokenOff(first, await made(signal, first)));
        assert.equal(one(back, "web-0").inputs.name, one(first, "web-0").inputs.name);

        const stopFirst = { replicas: 2, update: { order: "stop-first" as const } };
        const one1 = await made(stopFirst);
        const next = { ...stopFirst, ...signal };
        const resumed = await made(next, brokenOff(one1, await made(next, one1)));
        const order = names(resumed, /^(web-[01]|lb-web-[01])$/);
        assert.deepEqual(order, ["web-0", "lb-web-0", "web-1", "lb-web-1"]);
        assert.match(String(resumed.values.config ?? ""), /server web-0/);
    });

    it("never give a container the name or the port of one that a broken deployment has left", async () => {
        const two = { ports: [{ container: 80 }, { container: 81 }] };
        const first = await made({});
        const ports = (result: ProgramResult) => JSON.stringify(one(result, "web-0").inputs.ports);
        const more = await made(two, first);
        // Nothing had been made yet: the old container is left as it is.
        const untouched = await made({}, brokenOff(first, more));
        assert.equal(one(untouched, "web-0").inputs.name, one(first, "web-0").inputs.name);
        assert.equal(ports(untouched), ports(first));
        // All had been made, and the gate failed: the old container is still there, though no state has it.
        const records = Object.entries(first.outputs).filter(([, { type }]) => type === "fusion:index:ReleaseRecord");
        const ungated = { ...more, outputs: { ...more.outputs, ...Object.fromEntries(records) } };
        const back = await made({}, ungated);
        assert.notEqual(one(back, "web-0").inputs.name, one(first, "web-0").inputs.name);
        assert.notEqual(ports(back), ports(first));
    });

    it("find a replica again that was to go in a deployment that was broken off", async () => {
        const first = await made({ replicas: 3 });
        const back = await made({ replicas: 3 }, brokenOff(first, await made({ replicas: 2 }, first)));
        for (const name of ["web-0", "web-1", "web-2"]) {
            assert.equal(one(back, name).inputs.name, one(first, name).inputs.name);
            assert.deepEqual(one(back, name).inputs.ports, one(first, name).inputs.ports);
        }
    });

    it("wait for a replica whose container is gone before the next one stops", async () => {
        const set = { replicas: 2, update: { order: "stop-first" as const } };
        const first = await made(set);
        const gone = Object.entries(first.outputs).filter(([urn]) => !urn.endsWith("Container::web-0"));
        const next = await made({ ...set, stopSignal: "SIGINT" }, { ...first, outputs: Object.fromEntries(gone) });
        assert.deepEqual(names(next, /^(web-[01]|lb-web-[01])$/), ["web-0", "lb-web-0", "web-1", "lb-web-1"]);
    });

    it("start a replica that moves beside the old one, where only its host's port or volume is in the way", async () => {
        const set = { replicas: 1, ports: [{ container: 80, host: 8080 }] };
        const first = await made(set);
        const away = { placement: { require: { host: ["vm2"] } } };
        const moved = await made({ ...set, ...away }, first);
        assert.equal(one(first, "web-0").deleteBeforeReplace, true);
        assert.equal(one(moved, "web-0").deleteBeforeReplace, false);
    });

    it("replace one after the other what must stop first, each out of the balancer", async () => {
        const args = { replicas: 2, update: { order: "stop-first" as const } };
        const first = await made(args);
        assert.deepEqual(names(first, /^lb-web-/), ["lb-web-step-0", "lb-web-step-1", "lb-web-0", "lb-web-1"]);
        const second = await made({ ...args, stopSignal: "SIGINT" }, first);
        const order = names(second, /^(web-[01]|lb-web-[01])$/);
        assert.deepEqual(order, ["web-0", "lb-web-0", "web-1", "lb-web-1"]);
        assert.match(String(one(second, "lb-web-0").inputs.delete), /10\.77\.0\.11:20000/);
        // What is new waits for nobody.
        assert.equal(one(first, "web-1").deleteBeforeReplace, true);
    });

    it("try an image on a canary, confirm it, and go back", async () => {
        const canary = { replicas: 2, canary: { replicas: 1, weight: 20 } };
        const images = (result: ProgramResult) => ["web-0", "web-1"].map((name) => one(result, name).inputs.image);
        const first = await made(canary);
        assert.deepEqual(images(first), [image("1"), image("1")]);
        const tried = await made(canary, first, { image: image("2") });
        assert.deepEqual(images(tried), [image("1"), image("2")]);
        assert.deepEqual(names(tried, /^web-vm\d/).sort(), ["web-vm1", "web-vm2-canary"]);
        assert.match(String(tried.values.config), /server web-0 .* weight 256\n.*server web-1 .* weight 64\n/);
        const confirmed = await made(canary, tried, { image: image("2") });
        assert.deepEqual(images(confirmed), [image("2"), image("2")]);
        assert.match(String(confirmed.values.config), /weight 100\n.*weight 100\n/);
        const back = await made({ ...canary, rollback: true }, confirmed, { image: image("2") });
        assert.deepEqual(images(back), [image("1"), image("1")]);
        const broken = brokenOff(confirmed, await made(canary, confirmed, { image: image("3") }));
        const record = Object.entries(confirmed.outputs).filter(
            ([, { type }]) => type === "fusion:index:ReleaseRecord",
        );
        const failed = { ...broken, outputs: { ...broken.outputs, ...Object.fromEntries(record) } };
        const served = await made({ ...canary, rollback: true }, failed, { image: image("3") });
        assert.deepEqual(images(served), [image("2"), image("2")]);
        const again = await made(canary, failed, { image: image("3") });
        assert.deepEqual(images(again), [image("2"), image("3")], "what has not served is not confirmed");
        const ended = await made({ ...canary, rollback: true }, tried, { image: image("2") });
        assert.deepEqual(images(ended), [image("1"), image("1")]);
    });

    it("replace as many at once as parallelism says, each group waiting for the one before", async () => {
        const four = { replicas: 4, update: { parallelism: 2 } };
        const first = await made(four);
        assert.deepEqual(names(first, /^web-healthy/), ["web-healthy", "web-healthy-1"]);
        const groups = ["web-healthy", "web-healthy-1"].map((name) =>
            one(first, name)
                .dependsOn.map((urn) => urn.split("::").at(-1))
                .filter((name) => /^web-\d$/.test(name ?? "")),
        );
        assert.deepEqual(groups, [
            ["web-0", "web-1"],
            ["web-2", "web-3"],
        ]);
        const next = await made(four, first, { image: image("2") });
        const order = names(next, /^web-(\d|healthy.*)$/);
        assert.ok(order.indexOf("web-2") > order.indexOf("web-healthy"), order.join());
    });

    it("refuse a rollback where there was no other image", async () => {
        const result = await runProgram(() => farm({ set: { rollback: true } }));
        assert.match(result.errors.join(), /web\.rollback: has no earlier image to go back to; leave it out/);
    });

    it("leave a secret in the environment a secret", async () => {
        const { secrets } = one(await made({ env: { TOKEN: pulumi.secret("x") } }), "web-0");
        assert.ok(secrets.includes("envs"));
    });
});
