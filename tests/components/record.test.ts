import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import * as fusion from "../../lib";
import { factsOfState } from "../../lib/cli/stackState";
import { farm, image } from "../support/farm";
import { type ProgramResult, runProgram } from "../support/mocks";

const RECORD = "fusion:index:PlacementRecord";

describe("the record of a placement in the state", () => {
    let result: ProgramResult;
    before(async () => {
        const set = { resources: { cpus: 0.25, memoryMiB: 128 }, ports: [{ container: 80, host: 8080 }] };
        result = await runProgram(() => farm({ vm: { labels: { zone: "a" } }, set }));
        assert.deepEqual(result.errors, []);
    });

    it("has what fusion graph needs, and no more", () => {
        const [record, ...more] = Object.values(result.outputs).filter(({ type }) => type === RECORD);
        assert.deepEqual(more, []);
        assert.deepEqual(Object.keys(record?.outputs ?? {}).sort(), [
            ...["before", "brings", "demand", "held", "hosts", "update"],
        ]);
        const resources = Object.entries(result.outputs).map(([urn, { type, outputs }]) => ({ urn, type, outputs }));
        const facts = factsOfState({ name: "state", value: { version: 3, deployment: { resources } } });
        const told = { labels: { hypervisor: "rack", zone: "a" }, capacity: { cpu: 1000, memory: 1792 } };
        assert.deepEqual(facts, {
            source: "state",
            hosts: [
                { name: "vm1", ...told },
                { name: "vm2", ...told },
            ],
            services: [{ name: "web", replicas: 2, demand: { cpu: 250, memory: 128 } }],
            assignment: { "web-0": "vm1", "web-1": "vm2" },
        });
    });

    it("is read where an older version wrote it", async () => {
        const older = Object.entries(result.outputs).map(([urn, { type, outputs }]) => {
            const { hosts: _, demand: __, ...rest } = outputs;
            return [urn, { type, outputs: type === RECORD ? rest : outputs }] as const;
        });
        const again = await runProgram(() => farm({ vms: ["vm0", "vm1", "vm2"] }), Object.fromEntries(older));
        assert.deepEqual(again.errors, []);
        assert.deepEqual(again.values.placement, { "web-0": "vm1", "web-1": "vm2" });
    });

    it("is read again where the engine was just writing the state down", async () => {
        let reads = 0;
        const again = await runProgram(
            () => farm({ vms: ["vm0", "vm1", "vm2"] }),
            () => {
                reads += 1;
                // As gRPC tells it.
                if (reads < 3) throw Object.assign(new Error(), { details: "failed to load checkpoint: EOF" });
                return result.outputs;
            },
        );
        assert.deepEqual(again.errors, []);
        assert.deepEqual(again.values.placement, { "web-0": "vm1", "web-1": "vm2" });
    });

    describe("of a set that gets another parent", () => {
        class Shop extends pulumi.ComponentResource {
            constructor(opts: pulumi.ComponentResourceOptions = {}) {
                super("test:index:Shop", "shop", {}, opts);
            }
        }
        class Mall extends pulumi.ComponentResource {
            constructor() {
                super("test:index:Mall", "mall");
            }
        }
        const hosts = () => ["one", "two"].map((name, i) => ({ name, address: `10.0.0.${i + 1}` }));
        const run = async (
            opts: () => pulumi.ComponentResourceOptions,
            pin: string | undefined,
            last?: ProgramResult,
        ) => {
            const program = () => {
                const placement = pin === undefined ? {} : { pin: { "db-0": pin } };
                const volumes = [{ name: "data", path: "/data" }];
                const args = { hosts: hosts(), image: image("1"), ports: [{ container: 80 }], volumes, placement };
                return { placement: new fusion.FusionContainerSet("db", args, opts()).placement };
            };
            const ran = await runProgram(program, last?.outputs);
            assert.deepEqual(ran.errors, []);
            return ran;
        };
        /** With the URNs that the engine gives, where those of the mocks have no more than the nearest parent. */
        const inShop = (result: ProgramResult): ProgramResult => {
            const urns = Object.entries(result.outputs).map(([urn, one]) => [
                urn.replace("::fusion:", "::test:index:Shop$fusion:"),
                one,
            ]);
            return { ...result, outputs: Object.fromEntries(urns) };
        };
        const containerOf = ({ registered }: ProgramResult) =>
            registered.find(({ type }) => type === "docker:index/container:Container")?.inputs;

        it("is found by its alias, so that data stays where it is", async () => {
            const first = await run(() => ({}), "two");
            const moved = await run(() => ({ parent: new Shop(), aliases: [{ parent: undefined }] }), undefined, first);
            assert.deepEqual(moved.values.placement, { "db-0": "two" });
            assert.deepEqual(containerOf(moved), containerOf(first));
            const again = await run(() => ({ parent: new Shop() }), undefined, inShop(moved));
            assert.deepEqual(again.values.placement, { "db-0": "two" });
        });

        it("is found by its parent's alias", async () => {
            const first = inShop(await run(() => ({ parent: new Shop() }), "two"));
            const inMall = () => new Shop({ parent: new Mall(), aliases: [{ parent: undefined }] });
            const moved = await run(() => ({ parent: inMall() }), undefined, first);
            assert.deepEqual(containerOf(moved), containerOf(first));
        });
    });
});
