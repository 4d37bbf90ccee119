import assert from "node:assert/strict";
import { factsOfState } from "../../../lib/cli/stackState";
import { analyse } from "../../../lib/graph";
import { sceneOf } from "../../../lib/pictures/scene";
import { serviceOf } from "../../../lib/placement/serviceOf";

describe("the service of a replica", () => {
    it("is the longest known that its name begins with, else what is before the last hyphen", () => {
        for (const [replica, known, service] of [
            ["web-0", [], "web"],
            ["web-api-0", ["web", "web-api"], "web-api"],
            ["web-vm-1", ["web"], "web"],
            ["web-vm-1", [], "web-vm"],
            ["web", [], "web"],
        ] as const) {
            assert.equal(serviceOf(replica, new Set<string>(known)), service);
        }
    });

    it("is known where an agent runs on hosts whose names have hyphens: to the graph, to pictures and of a stack", () => {
        const held = { "agent-vm-1": { vm: "vm-1" }, "agent-vm-2": { vm: "vm-2" } };
        const urn = "urn:pulumi:dev::farm::fusion:index:FusionContainerSet$fusion:index:PlacementRecord::agent";
        const resources = [
            { urn, type: "fusion:index:PlacementRecord", outputs: { held, hosts: { "vm-1": {}, "vm-2": {} } } },
        ];
        const facts = factsOfState({ name: "state", value: { deployment: { resources } } });
        const [hosts] = analyse(facts).domains;
        assert.deepEqual(
            hosts?.services.map(({ service, replicas }) => [service, replicas]),
            [["agent", 2]],
        );
        assert.deepEqual(
            sceneOf(facts).services.map(({ name, placed }) => [name, placed]),
            [["agent", 2]],
        );
    });
});
