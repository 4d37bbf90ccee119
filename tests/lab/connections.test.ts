import assert from "node:assert/strict";
import { forgetConnection } from "../../lib/ssh";
import { Sets, type SetsArgs } from "../support/sets";
import type { EngineResult } from "../support/stack";
import { eventually } from "../support/webfarm";

const REPLICAS = 12;
const MOST = 4;

// Each begins without a shared connection, and more operations run at once than sshd allows sessions on one.
describe("ssh connections to a host", () => {
    let sets: Sets;
    let images: string[];
    const args = (image: string | undefined): SetsArgs => ({
        sets: { web: { replicas: REPLICAS, image }, api: { replicas: REPLICAS, image } },
    });

    before(async () => {
        sets = await Sets.create("test-connections");
        images = [await sets.farm.image("v1"), await sets.farm.image("v2")];
    });
    after(() => sets?.farm.dispose());

    async function counted(operation: () => Promise<EngineResult>, limit = MOST): Promise<void> {
        for (const { name, address, ssh } of sets.farm.hosts) {
            await sets.farm.inside("sh", "-c", forgetConnection({ address, ...ssh }));
            await eventually("nothing is open", 10, async () =>
                (await sets.farm.sshConnections(name)) === 0 ? true : undefined,
            );
        }
        const end = sets.farm.watchConnections();
        const result = await operation().finally(end);
        const { counts, most } = end();
        console.log(`      at most ${JSON.stringify(most)} in ${counts} counts`);
        assert.ok(result.ok, result.text);
        for (const count of Object.values(most)) {
            assert.ok(count >= 1 && count <= limit, JSON.stringify(most));
        }
    }

    // Fewer than sshd allows sessions: one connection has room for all, if it is open before they start.
    it("are one while containers are made", () => counted(() => sets.up(args(images[0]), "--parallel", "8"), 1));
    it("are 4 at most while more are replaced at once than one connection has room for", () =>
        counted(() => sets.up(args(images[1]), "--parallel", "30")));
    // No program runs that could open one first, so those that begin together connect each on their own.
    it("are one an operation at most while they are refreshed", () =>
        counted(() => sets.farm.stack.refresh("--parallel", "8"), 8));
    // What is deleted first opens one, a set each.
    it("are 4 at most while they are destroyed", () => counted(() => sets.farm.stack.destroy("--parallel", "30")));
});
