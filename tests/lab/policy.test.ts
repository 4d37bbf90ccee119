import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
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

        it("goes by the rules of the project, and says what is wrong with them", async () => {
            const file = join(sets.farm.stack.dir, "fusion-review.yaml");
            try {
                writeFileSync(file, "deleteData: true\nleastServing: 0\nlowerSurvival: true\npublicListener: true\n");
                const allowed = await sets.farm.stack.preview(...pack);
                assert.equal(allowed.ok, true, allowed.text);
                writeFileSync(file, "publicListner: true\n");
                const refused = await sets.farm.stack.preview(...pack);
                assert.equal(refused.ok, false);
                assert.match(refused.text, /fusion-review\.yaml: publicListner: is not known here/);
            } finally {
                rmSync(file, { force: true });
            }
        });
    });

    it("lets an update through that breaks no rule, with --skip-preview too", async () => {
        sets.set({ ...deployed, sets: { ...deployed.sets, web: { ...deployed.sets.web, replicas: 3 } } });
        const up = await sets.farm.stack.up(...pack);
        assert.equal(up.ok, true, up.text);
        assert.ok(done(up).includes("create Container web-2"));
    });
});
