import assert from "node:assert/strict";
import { factsOfState } from "../../lib/cli/stackState";
import { farm } from "../support/farm";
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
        assert.deepEqual(Object.keys(record?.outputs ?? {}).sort(), ["before", "brings", "demand", "held", "hosts"]);
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
});
