import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type ReviewRules, summarisePreview } from "../../../lib";
import { changesOf } from "../../../lib/review/deployment";
import { weigh } from "../../../lib/review/judged";
import { rolling } from "../../../lib/review/rolling";
import { judge, readRules } from "../../../lib/review/rules";
import { recordedDeployment } from "../../support/recordedDeployment";

const folder = join(__dirname, "..", "..", "golden", "review");
// Without what stays as it is a review knows less than a policy pack does.
const names = readdirSync(folder).flatMap((file) =>
    file.endsWith(".json") && !file.includes("without-sames") ? [file.slice(0, -".json".length)] : [],
);
const recorded = (name: string): unknown => JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8"));

function stops(name: string, rules: ReviewRules) {
    const changes = changesOf(recordedDeployment(recorded(name)));
    const { judged } = weigh(changes, new Map(), (set) => rolling(changes, set));
    return judge(judged, readRules(rules));
}

/** By default, and such that all that can be stopped is. */
const rulesets: Readonly<Record<string, ReviewRules>> = {
    default: {},
    strict: { leastServing: 100, mostMachinesReplaced: 0, mostLoadPercent: 0 },
};

describe("the policy pack stops what a review stops, with the same words", () => {
    for (const [ruleset, rules] of Object.entries(rulesets)) {
        for (const name of names) {
            it(`${name}, ${ruleset} rules`, () => {
                assert.deepEqual(stops(name, rules), summarisePreview(recorded(name), rules).stops);
            });
        }
    }

    it("and among them each rule is broken by some change, but that for backends without a server", () => {
        const broken = new Set(
            names
                .flatMap((name) => stops(name, { leastServing: 100, mostMachinesReplaced: 0, mostLoadPercent: 0 }))
                .map(({ rule }) => rule),
        );
        assert.deepEqual([...broken].sort(), [
            "deleteData",
            "leastServing",
            "lowerSurvival",
            "mostLoadPercent",
            "mostMachinesReplaced",
            "publicListener",
        ]);
    });
});
