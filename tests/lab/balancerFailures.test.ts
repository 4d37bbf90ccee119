import assert from "node:assert/strict";
import type { Background } from "../support/background";
import { BalancerBench } from "../support/balancerBench";
import { caseWords } from "../support/load";
import { needPrograms } from "../support/programs";

const CLIENTS = 12;
/** The longest that three checks take that are asked in vain: 2 s each, the first up to 2 s late, then 0.5 s between them. */
const THREE_CHECKS = 9000;

// What HAProxy's options make of servers that fail in other ways than by dying.
describe("servers that fail without dying, with the real HAProxy", () => {
    const bench = new BalancerBench();
    let victim: Background;

    before(async () => {
        await needPrograms("haproxy", "socat", "curl", "ip");
        await bench.open();
        await bench.serve(20000, 20001);
        victim = await bench.server(20002);
    });
    after(() => bench.close());

    /** @param lines of the backend */
    async function deploy(...lines: string[]): Promise<void> {
        const { code, stderr } = await bench.deploy(bench.config([20000, 20001, 20002], [8080], {}, lines));
        assert.equal(code, 0, stderr);
    }

    for (const { what, lines, within } of [
        { what: "", lines: [], within: THREE_CHECKS },
        {
            what: ", by lines of the user's",
            lines: ["timeout check 1s", "default-server inter 1s fall 2"],
            within: 4000,
        },
    ]) {
        it(`one that hangs is found within ${within / 1000} s${what}; it keeps what it holds, and no POST is done twice`, async () => {
            await deploy(...lines);
            const load = await bench.clients({ port: 8080 });
            let found = 0;
            const result = await load.during(5000, async () => {
                victim.signal("SIGSTOP");
                found = await bench.sees("web-20002", "DOWN");
                assert.deepEqual(new Set(await bench.ask(6)), new Set(["20000", "20001"]));
                await victim.end("SIGKILL");
                victim = await bench.server(20002);
                await bench.sees("web-20002", "UP");
            });
            await load.end();
            console.log(`      found down after ${found} ms; ${caseWords(result)}`);
            assert.ok(found <= within + 1000, `${found} ms`);
            // What can have been in flight, and of that what must not be asked again.
            assert.ok(result.failures.length <= CLIENTS, result.failures.join("\n"));
            assert.ok(
                result.failures.every((failure) => failure.startsWith("POST")),
                result.failures.join("\n"),
            );
            assert.deepEqual(bench.doneTwice(), []);
        });
    }

    const lost: number[] = [];
    for (const { what, lines } of [
        { what: "all that it is asked", lines: [] },
        {
            what: "little with observe layer7 in lines of the user's",
            lines: ["default-server observe layer7 error-limit 5"],
        },
    ]) {
        it(`one that answers 500 with a good health page loses ${what}, and no POST is done twice`, async () => {
            await deploy(...lines);
            const load = await bench.clients({ port: 8080 });
            const result = await load.during(5000, async () => victim.signal("SIGUSR2"));
            await load.end();
            console.log(`      ${caseWords(result)}`);
            lost.push(result.failures.length);
            assert.ok(
                result.failures.every((failure) => failure.endsWith("status 500")),
                result.failures[0],
            );
            assert.deepEqual(bench.doneTwice(), []);
            await victim.end();
            victim = await bench.server(20002);
        });
    }

    it("a tenth or less, that is", () => {
        const [all = 0, few = 0] = lost;
        // A third of the requests goes there.
        assert.ok(all > 1000 && few <= all / 10, lost.join());
    });
});
