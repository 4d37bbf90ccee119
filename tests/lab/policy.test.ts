import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { summarisePreview } from "../../lib";
import { pack, wordsOfPack, wordsOfReview } from "../support/policyWords";
import { done, Sets, type SetsArgs } from "../support/sets";

describe("the policy pack, run by the real engine", () => {
    let sets: Sets;
    let images: string[];
    let deployed: SetsArgs;
    /** Deletes a volume, stops all replicas at once, leaves one of them, and opens a port. */
    let wrong: SetsArgs;

    before(async () => {
        sets = await Sets.create("test-policy");
        images = [await sets.farm.image("v1"), await sets.farm.image("v2")];
        const update = { order: "stop-first", parallelism: 2 };
        const web = { image: images[0], replicas: 2, update, env: { PASSWORD: "top-secret-value" } };
        const db = { image: images[0], replicas: 1, volumes: [{ name: "data", path: "/data", protect: false }] };
        deployed = { sets: { web, db }, balanced: "web" };
        wrong = {
            sets: { web: { ...web, image: images[1], replicas: 1 }, db: { ...db, volumes: [] } },
            balanced: "web",
            balancer: { listen: [{ port: 80 }, { port: 8080 }] },
        };
    });
    after(() => sets?.farm.dispose());

    const setRules = (text: string) => writeFileSync(join(sets.farm.stack.dir, "fusion-review.yaml"), text);
    /** What is there: nothing of it may change where `up` is refused. */
    const state = async () => JSON.stringify(await sets.farm.stack.export());

    it("lets the first deployment through, preview and update", async () => {
        sets.set(deployed);
        const up = await sets.farm.stack.upAfterPreview(...pack);
        assert.equal(up.ok, true, up.text);
        assert.match(up.text, /✅ fusion@v/);
        assert.ok(done(up).includes("create Container web-1"));
    });

    describe("where several rules are broken", () => {
        let words: string[];
        let earlier: string;
        before(async () => {
            sets.set(wrong);
            const printed = await sets.farm.stack.pulumi(["preview", "--json", "--show-sames"]);
            const { stops } = summarisePreview(JSON.parse(printed));
            assert.deepEqual([...new Set(stops.map(({ rule }) => rule))].sort(), [
                ...["deleteData", "leastServing", "lowerSurvival", "publicListener"],
            ]);
            words = wordsOfReview(stops);
            earlier = await state();
        });

        for (const [how, args] of [
            ["after its preview", []],
            ["with --skip-preview", ["--skip-preview"]],
        ] as const) {
            it(`refuses up ${how} with the words of the review, and nothing has changed`, async () => {
                const up = await sets.farm.stack.upAfterPreview(...args, ...pack);
                assert.equal(up.ok, false, up.text);
                assert.deepEqual(wordsOfPack(up.text), words, up.text);
                assert.deepEqual(done(up), []);
                assert.equal(await state(), earlier);
                assert.doesNotMatch(up.text, /top-secret-value/);
            });
        }

        it("says what is wrong with the rules of the project", async () => {
            setRules("publicListner: true\n");
            const { ok, text } = await sets.farm.stack.preview(...pack);
            assert.equal(ok, false);
            assert.match(text, /fusion-review\.yaml: publicListner: is not known here/);
        });

        it("lets all of it through where the rules allow it, with --skip-preview too", async () => {
            setRules("deleteData: true\nleastServing: 0\nlowerSurvival: true\npublicListener: true\n");
            const up = await sets.farm.stack.up(...pack);
            assert.equal(up.ok, true, up.text);
            assert.ok(done(up).includes("delete Volume db-0-data"), done(up).join("\n"));
        });
    });
});
