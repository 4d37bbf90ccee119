import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { factsOfState } from "../../../lib/cli/stackState";
import { runCli } from "../../support/cli";

const urn = (set: string) =>
    `urn:pulumi:dev::shop::fusion:index:FusionContainerSet$fusion:index:PlacementRecord::${set}`;
const held = (...vms: string[]) =>
    Object.fromEntries(vms.map((vm, i) => [`web-${i}`, { vm, version: "v1", slots: [0], turn: 0 }]));
const record = (outputs: Record<string, unknown>, set = "web") => ({
    urn: urn(set),
    type: "fusion:index:PlacementRecord",
    outputs,
});
const state = (...resources: unknown[]) => ({ version: 3, deployment: { manifest: {}, resources } });
const facts = (value: unknown) => factsOfState({ name: "state", value });

const hosts = {
    vm1: { labels: { zone: "a" }, capacity: { cpu: 1000 } },
    vm2: { labels: { zone: "b" }, capacity: { cpu: 1000 } },
    vm3: {},
};
const full = state(
    {
        urn: "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev",
        type: "pulumi:pulumi:Stack",
        outputs: { big: 1e300 },
    },
    record({ held: held("vm1", "vm2"), hosts, demand: { cpu: 250 }, needs: 2, dependsOn: ["db"] }),
    record({ held: { "db-0": { vm: "vm1" } }, hosts: { vm1: hosts.vm1 }, demand: {} }, "db"),
    { ...record({ held: held("vm3") }), delete: true },
);

describe("the placement in a stack's state", () => {
    it("is read from the records of the container sets", () => {
        assert.deepEqual(facts(full), {
            source: "state",
            hosts: [
                { name: "vm1", labels: { zone: "a" }, capacity: { cpu: 1000 } },
                { name: "vm2", labels: { zone: "b" }, capacity: { cpu: 1000 } },
                { name: "vm3", labels: {}, capacity: {} },
            ],
            services: [
                { name: "web", replicas: 2, demand: { cpu: 250 }, needs: 2, dependsOn: ["db"] },
                { name: "db", replicas: 1, demand: {} },
            ],
            assignment: { "web-0": "vm1", "web-1": "vm2", "db-0": "vm1" },
        });
    });

    it("has no jobs, which nothing rests on", () => {
        const job = { ...record({ held: held("vm1") }, "migrate"), urn: urn("migrate").replace("ContainerSet", "Job") };
        const { services } = facts(state(record({ held: held("vm1") }), job));
        assert.deepEqual(
            services.map(({ name }) => name),
            ["web"],
        );
        assert.throws(() => facts(state(job)), /no FusionContainerSet/);
    });

    it("is read from older states too, which know no hosts", () => {
        const { hosts: found, services } = facts(state(record({ held: held("vm1", "vm1") })));
        assert.deepEqual(found, [{ name: "vm1" }]);
        assert.deepEqual(services, [{ name: "web", replicas: 2, demand: {} }]);
    });

    it("is missed with a reason", () => {
        assert.throws(
            () => facts({ a: 1 }),
            /^UsageError: state: is no state of a stack; give what "pulumi stack export" writes$/,
        );
        assert.throws(
            () => facts(state({ type: "x" })),
            /the stack has no FusionContainerSet among its 1 resources; choose/,
        );
        assert.throws(() => facts(state()), /among its 0 resources/);
        const secret = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", ciphertext: "x" };
        assert.throws(
            () => facts(state(record({ held: secret }))),
            /web\.held: is secret; export the state with --show-secrets/,
        );
    });

    describe("with sets on a swarm", () => {
        const onSwarm = (set: string, more: object) => ({
            urn: urn(set).replace("Placement", "Service"),
            type: "fusion:index:ServiceRecord",
            outputs: { hosts, demand: { cpu: 250 }, nodes: ["vm1", "vm2"], swarm: "farm", ...more },
        });
        const api = onSwarm("api", { replicas: 2, maxPerNode: 1, dependsOn: ["cache", "elsewhere"] });
        const cache = onSwarm("cache", { needs: 2 });
        const asked = async (value: unknown, ...options: string[]) =>
            await runCli(["graph", "--state", "-", ...options], { stdin: JSON.stringify(value) });

        it("has what binds Swarm", () => {
            const { swarms = [], services } = facts(state(api, cache));
            assert.deepEqual(services, []);
            assert.deepEqual(
                swarms.map(({ source, swarm }) => [source, swarm.services]),
                [
                    [
                        "state: farm",
                        [
                            {
                                name: "api",
                                replicas: 2,
                                demand: { cpu: 250 },
                                nodes: ["vm1", "vm2"],
                                maxPerNode: 1,
                                dependsOn: ["cache"],
                            },
                            {
                                name: "cache",
                                replicas: "global",
                                demand: { cpu: 250 },
                                nodes: ["vm1", "vm2"],
                                needs: 2,
                                dependsOn: [],
                            },
                        ],
                    ],
                ],
            );
            assert.deepEqual(swarms[0]?.swarm.nodes[0], {
                ...{ name: "vm1", labels: { zone: "a" }, capacity: { cpu: 1000 }, capacityAtMost: {} },
            });
        });

        it("is told as the worst case, alone or behind the placement", async () => {
            const alone = await asked(state(api, cache));
            assert.equal(alone.code, 1);
            assert.match(alone.out, /^farm: 2 services on a swarm/);
            const both = await asked(state(api, cache, ...full.deployment.resources));
            assert.match(both.out, /losing host vm1 stops db, and web/);
            assert.ok(both.out.endsWith(alone.out));
            const json = JSON.parse((await asked(state(api, cache), "--json")).out);
            assert.deepEqual(Object.keys(json), ["swarms"]);
            assert.equal(json.swarms.farm.domains[0].services.length, 2);
            const drawn = await asked(state(api, cache), "--mermaid");
            assert.equal(drawn.code, 2);
            assert.match(drawn.err, /all sets of the stack are on a swarm, which has no one placement to draw/);
        });
    });

    it("is analysed from a file, from standard input, and from Pulumi", async () => {
        const dir = mkdtempSync(join(tmpdir(), "fusion-state-"));
        const { PATH } = process.env;
        try {
            const stdin = JSON.stringify(full);
            const { code, out } = await runCli(["graph", "--state", "-"], { stdin });
            assert.equal(code, 1);
            assert.match(out, /db has only one replica: losing host vm1 stops db, and web/);
            writeFileSync(join(dir, "state.json"), stdin);
            assert.equal((await runCli(["graph", join(dir, "state.json")])).out, out);
            const pulumi = join(dir, "pulumi");
            const script = `#!/bin/sh\necho "$*" >${dir}/args\n[ "$5" != lost ] || { echo "error: no stack named 'lost' found" >&2; exit 255; }\ncat ${dir}/state.json\n`;
            writeFileSync(pulumi, script);
            chmodSync(pulumi, 0o755);
            process.env.PATH = dir + delimiter + PATH;
            for (const argv of [
                ["graph"],
                ["graph", "--stack"],
                ["graph", "--stack", "dev"],
                ["graph", "--stack=dev", "--all"],
            ]) {
                assert.equal((await runCli(argv)).out, out, argv.join(" "));
            }
            const lost = await runCli(["graph", "--stack", "lost"]);
            assert.equal(lost.code, 2);
            const told =
                "pulumi stack export --non-interactive --stack lost failed: error: no stack named 'lost' found";
            assert.equal(lost.err, `fusion: ${told}\n`);
            process.env.PATH = join(dir, "nothing");
            assert.match((await runCli(["graph"])).err, /^fusion: there is no pulumi on the PATH; install it, or give/);
        } finally {
            process.env.PATH = PATH;
            rmSync(dir, { recursive: true, force: true });
        }
    });
});
