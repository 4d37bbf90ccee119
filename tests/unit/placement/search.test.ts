import assert from "node:assert/strict";
import type { PlacementProblem } from "../../../lib/placement";
import { Board } from "../../../lib/placement/board";
import { canonicalise } from "../../../lib/placement/canonical";
import { improve } from "../../../lib/placement/improve";
import { repair } from "../../../lib/placement/repair";
import { excessSkew } from "../../../lib/placement/skew";

/** A service whose five replicas are spread 1, 1, 3 over three hosts: as uneven as a skew of 2 allows. */
function uneven(cpus: readonly number[], big: readonly PlacementProblem["services"][number][]): Board {
    const board = new Board(
        canonicalise({
            hosts: cpus.map((cpu, i) => ({ name: `vm${i}`, capacity: { cpu } })),
            services: [{ name: "a", replicas: 5, demand: { cpu: 1 }, spreadOver: "host", maxSkew: 2 }, ...big],
            objective: "balance",
        }),
    );
    for (const [replica, host] of [0, 1, 2, 2, 2].entries()) board.put(replica, host);
    return board;
}

/** Either search may pass through a state that is too uneven, but must not end on it. */
describe("search beside a skew", () => {
    it("improve leaves a gain that would make the skew too large", () => {
        const board = uneven([2, 100, 6], []);
        improve(board, [1, 1, 1], 0, { left: 1e6 }, { left: 0 });
        assert.equal(board.homeless, 0);
        assert.equal(excessSkew(board), 0);
    });

    it("repair leaves a replica out rather than make the skew too large", () => {
        const board = uneven([2, 2, 3], [{ name: "big", replicas: 1, demand: { cpu: 2 }, require: { host: ["vm0"] } }]);
        repair(board, { left: 1e6 });
        assert.equal(board.homeless, 1);
        assert.equal(excessSkew(board), 0);
    });

    it("repair ends within its budget where nothing can be done", () => {
        const board = uneven([2, 2, 3], [{ name: "big", replicas: 3, demand: { cpu: 3 } }]);
        const budget = { left: 5000 };
        repair(board, budget);
        assert.ok(board.homeless > 0 && budget.left > -100);
    });
});
