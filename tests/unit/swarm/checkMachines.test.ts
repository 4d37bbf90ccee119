import assert from "node:assert/strict";
import { checkMachines } from "../../../lib/swarm/checkMachines";
import type { SwarmHost } from "../../../lib/swarm/createNodes";

/** Machines, and what a deployment does to their disks. */
const machines = (disks: Readonly<Record<string, "stays" | "anew" | "lost" | "none">>) =>
    new Map(
        Object.entries(disks).map(([name, disk]) => {
            const machine = { anew: disk === "anew" || disk === "lost", lost: disk === "lost" };
            return [name, { access: disk === "none" ? {} : { machine } } as unknown as SwarmHost];
        }),
    );
const check = (disks: Parameters<typeof machines>[0], recover?: string) => () =>
    checkMachines({ name: "farm", recover }, ["vm1", "vm2"], machines(disks));

describe("a swarm whose managers do not answer", () => {
    it("has no manager's disk made anew", () =>
        assert.throws(
            check({ vm1: "anew", vm2: "stays", vm3: "anew" }),
            /^InputPropertiesError: 1 wrong argument, nothing was changed:\nvm1: is a manager of the swarm farm, of which none answers/,
        ));

    for (const [title, disks, recover] of [
        ["its disk is lost", { vm1: "lost", vm2: "stays" }, undefined],
        ["it is a worker", { vm1: "stays", vm2: "stays", vm3: "anew" }, undefined],
        ["it is no virtual machine", { vm1: "none", vm2: "none" }, undefined],
        ["it is the only machine", { vm1: "anew" }, undefined],
        ["the swarm starts anew from another", { vm1: "anew", vm2: "stays" }, "vm2"],
    ] as const) {
        it(`lets a machine be made anew where ${title}`, () => assert.doesNotThrow(check(disks, recover)));
    }

    it("keeps the disk that it is to start anew from", () =>
        assert.throws(check({ vm1: "anew", vm2: "stays" }, "vm1"), /\nvm1: is a manager/));
});
