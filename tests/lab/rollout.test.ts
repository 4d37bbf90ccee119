import assert from "node:assert/strict";
import { join } from "node:path";
import { changes } from "../support/machines";
import { done, Sets, type SetsArgs } from "../support/sets";
import { eventually } from "../support/webfarm";

// Each test begins with a set of its own making and leaves one serving.
describe("a rollout, under load", () => {
    let sets: Sets;
    let images: string[];
    const args = (web: object): SetsArgs => ({ sets: { web: { replicas: 4, ...web } }, balanced: "web" });

    before(async () => {
        sets = await Sets.create("test-rollout");
        images = [await sets.farm.image("v1"), await sets.farm.image("v2")];
    });
    after(() => sets?.farm.dispose());

    /** Rolls from the first image to the second under load, and to other arguments. */
    async function roll(before: object, web = before) {
        await sets.up(args({ image: images[0], ...before }));
        const finish = await sets.farm.load();
        const up = await sets.up(args({ image: images[1], ...web })).finally(finish);
        const { sent, failures } = await finish();
        console.log(`      ${sent} requests, ${failures.length} failed`);
        assert.deepEqual(failures.slice(0, 5), []);
        assert.ok(sent > 200, `only ${sent} requests`);
        const { text } = await sets.preview(args({ image: images[1], ...web }));
        assert.match(text, /unchanged/);
        assert.deepEqual(changes(await sets.preview(args({ image: images[1], ...web }))), [], text);
        return done(up);
    }
    const inOrder = (steps: readonly string[], wanted: readonly string[]) => {
        for (const step of wanted) assert.ok(steps.includes(step), `${step} in\n${steps.join("\n")}`);
        assert.deepEqual(
            [...wanted].sort((a, b) => steps.indexOf(a) - steps.indexOf(b)),
            wanted,
        );
    };

    it("starts all new containers first, then changes the balancer, then stops the old ones", async () => {
        inOrder(await roll({}), [
            "create-replacement Container web-3",
            "create-replacement Command web-healthy",
            "update Command lb",
            "delete-replaced Container web-3",
        ]);
    });

    it("with a bounded surge stops old containers group by group, when the balancer has forgotten them", async () => {
        const steps = await roll({ update: { maxSurge: 2 } });
        inOrder(steps, [
            ...["create-replacement Container web-1", "create-replacement Command web-healthy"],
            ...["update Command lb-web-step-0", "update Command web-retired-0"],
            ...["create-replacement Container web-2", "create-replacement Command web-healthy-1"],
            ...["update Command lb-web-step-1", "update Command web-retired-1", "update Command lb"],
            "delete-replaced Container web-0",
        ]);
    });

    it("one after the other takes each out of the balancer, stops it, and starts the next in its place", async () => {
        const steps = await roll({ update: { order: "stop-first" } });
        const replica = (index: number) => [
            `delete-replaced Command lb-web-${index}`,
            `delete-replaced Container web-${index}`,
            `create-replacement Container web-${index}`,
            `create-replacement Command lb-web-${index}`,
        ];
        inOrder(steps, [0, 1, 2, 3].flatMap(replica));
        assert.ok(!steps.includes("update Command lb"), "the balancer's configuration stays as it is");
    });

    const socket = () => join(sets.farm.dir, "lb", "admin.sock");
    /** What HAProxy says of each server of the set, as the fields of `show stat`. */
    const servers = async () =>
        (await sets.farm.inside("sh", "-c", `echo show stat | socat - UNIX-CONNECT:${socket()}`))
            .split("\n")
            .map((line) => line.split(","))
            .filter(([backend, server]) => backend === "web" && server?.startsWith("web-"));

    it("one after the other waits for a request as long as drainSeconds say, and tells that it was cut", async () => {
        const given = (image: number): SetsArgs => ({
            ...args({ image: images[image], update: { order: "stop-first" } }),
            balancer: { drainSeconds: 3 },
        });
        await sets.up(given(0));
        const release = sets.farm.hold();
        await eventually("a server has the request", 10, async () =>
            (await servers()).some((fields) => fields[4] === "1") ? true : undefined,
        );
        const { text } = await sets.up(given(1)).finally(release);
        assert.match(text, /after 3 s these connections are cut: web\/web-\d has 1/);
        assert.equal(new Set(text.match(/[\d.:]+ serves no more requests/g)).size, 3, text);
    });

    it("that is to be another from the next image on takes no server out of the balancer", async () => {
        await sets.up(args({ image: images[1], update: { order: "stop-first" } }));
        const finish = await sets.farm.load();
        const steps = done(await sets.up(args({ image: images[1] })));
        assert.ok(steps.includes("delete Command lb-web-0") && steps.includes("update Command lb"), steps.join("\n"));
        const { sent, failures } = await finish();
        assert.deepEqual(failures.slice(0, 5), []);
        assert.ok(sent > 100, `only ${sent} requests`);
        assert.deepEqual(
            (await servers()).map((fields) => fields[17]?.split(" ")[0]),
            ["UP", "UP", "UP", "UP"],
        );
    });

    it("that is to stop first starts first once more, as nothing takes its servers out before that", async () => {
        const steps = await roll({}, { update: { order: "stop-first" } });
        for (const index of [0, 1, 2, 3]) {
            inOrder(steps, [
                `create-replacement Container web-${index}`,
                `create Command lb-web-step-${index}`,
                `create Command lb-web-${index}`,
                `delete-replaced Container web-${index}`,
            ]);
        }
    });

    it("one after the other has each found at its other port before the next is stopped", async () => {
        const update = { order: "stop-first" };
        const steps = await roll({ update }, { update, ports: [{ container: 80 }, { container: 81 }] });
        inOrder(
            steps,
            [0, 1, 2, 3].flatMap((index) => [
                `delete-replaced Container web-${index}`,
                `create-replacement Container web-${index}`,
                `update Command lb-web-step-${index}`,
                `create-replacement Command lb-web-${index}`,
            ]),
        );
    });
});
