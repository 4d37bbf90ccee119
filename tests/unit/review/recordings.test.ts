import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { reviewMarkdown, summarisePreview } from "../../../lib";
import { assertGolden } from "../../support/golden";

const folder = join(__dirname, "..", "..", "golden", "review");
const names = readdirSync(folder).flatMap((file) => (file.endsWith(".json") ? [file.slice(0, -".json".length)] : []));
const recorded = (name: string): unknown => JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8"));
const review = (name: string) => summarisePreview(recorded(name));
const broken = (name: string) => [...new Set(review(name).stops.map(({ rule }) => rule))];

describe("the review of a preview that the real engine has printed", () => {
    it("is there for at least 15 kinds of change", () => assert.ok(names.length >= 15, names.join(", ")));

    for (const name of names) {
        it(`says of ${name} what tests/golden has`, () => {
            const text = reviewMarkdown(review(name));
            assert.ok(text.length < 65_536);
            assertGolden(`review/${name}.md`, text);
        });
    }

    it("is the same whatever the order of the engine's steps", () => {
        const preview = recorded("several-at-once");
        assert.ok(
            typeof preview === "object" && preview !== null && "steps" in preview && Array.isArray(preview.steps),
        );
        const turned = { ...preview, steps: [...preview.steps].reverse() };
        assert.deepEqual(summarisePreview(turned).operations, review("several-at-once").operations);
        assert.equal(summarisePreview(turned).headline, review("several-at-once").headline);
    });

    it("begins with what matters", () => {
        assert.match(
            review("image").headline,
            /^web: 4 replicas roll from [0-9a-f]{4} to 9c2e, at least 4 serve throughout; .*nothing is deleted$/,
        );
        assert.match(
            review("vm-replaced").headline,
            /at least 3 serve throughout; vm2 is replaced: at most 17 minutes without it/,
        );
        assert.match(review("stop-first").headline, /at least 3 serve throughout|at least 4 serve throughout/);
        assert.match(review("volume-deleted").headline, /DATA IS LOST: Docker volume db-0-data/);
        assert.equal(review("nothing").headline, "Nothing to do: the stack is as the program says");
    });

    it("stops what deletes data, leaves too few, or opens a port to the world", () => {
        assert.deepEqual(broken("image"), []);
        assert.deepEqual(broken("nothing"), []);
        assert.ok(broken("data-disk-removed").includes("deleteData"));
        assert.ok(broken("volume-deleted").includes("deleteData"));
        assert.ok(broken("everything-removed").includes("mostMachinesReplaced"));
        assert.deepEqual(broken("listener-added"), ["publicListener"]);
        assert.ok(broken("scale-down").includes("lowerSurvival"));
    });

    it("lets through what the rules allow", () => {
        const rules = {
            publicListener: true,
            deleteData: true,
            lowerSurvival: true,
            mostMachinesReplaced: 3,
            leastServing: 0,
        };
        for (const name of names) assert.deepEqual(summarisePreview(recorded(name), rules).stops, [], name);
    });
});
