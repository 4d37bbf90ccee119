// Run as a program by `Load`: clients as its argument says, a LoadPlan as JSON, until their parent is told how they fared or
// is gone.
import { setTimeout as pause } from "node:timers/promises";
import type { LoadOrder, LoadPlan } from "./load";
import { Connection } from "./rawHttp";

const plan: LoadPlan = JSON.parse(process.argv[2] ?? "");
const { port, tls = false, keepAlive = 6, fresh = 6, slow = 0, idle = [], posts = 10 } = plan;
let counts = nothing();
let least = Number.POSITIVE_INFINITY;
let ended = false;
let serial = 0;

function nothing() {
    return {
        ...{ sent: 0, fresh: 0, posts: 0, slowest: 0, failures: [] as string[] },
        ...{ failed: [] as { from: number; to: number }[], answers: {} as Record<string, number> },
    };
}

function tell(): void {
    least = Number.POSITIVE_INFINITY;
    process.send?.(counts);
}

function textOf(path: string, post: boolean, keep: boolean): string {
    serial += 1;
    const body = post ? `${process.pid}-${serial}` : "";
    const more = `${keep ? "" : "Connection: close\r\n"}${post ? `Content-Length: ${body.length}\r\n` : ""}`;
    return `${post ? "POST" : "GET"} ${path} HTTP/1.1\r\nHost: test\r\n${more}\r\n${body}`;
}

/** @param every one of how many requests is a POST */
async function client(path: string, keep: boolean, every: number, between = 0): Promise<void> {
    let connection: Connection | undefined;
    for (let count = 1, last = false; !last; count++) {
        // Each asks once more after the end, so that those who were waiting use the connection that they have.
        last = ended;
        const post = count % every === 0;
        const from = Date.now();
        const start = performance.now();
        try {
            if (connection === undefined || connection.closed) connection = new Connection(port, tls);
            const { status, body } = await connection.ask(textOf(path, post, keep));
            if (status !== 200) throw new Error(`status ${status}`);
            counts.answers[body.trim()] = (counts.answers[body.trim()] ?? 0) + 1;
        } catch (error) {
            const how = `${post ? "POST" : "GET"} ${path} on a ${keep ? "kept" : "new"} connection`;
            counts.failures.push(`${how}: ${error instanceof Error ? error.message : error}`);
            counts.failed.push({ from, to: Date.now() });
            connection?.close();
            // A refused connection costs nothing: without a pause there would be no end of them.
            await pause(10);
        }
        counts.sent += 1;
        counts.fresh += keep ? 0 : 1;
        counts.posts += post ? 1 : 0;
        counts.slowest = Math.max(counts.slowest, Math.round(performance.now() - start));
        if (counts.sent >= least) tell();
        if (between > 0 && !last) await pause(between);
    }
    connection?.close();
}

const times = (count: number, path: string, keep: boolean, every: number) =>
    Array.from({ length: count }, () => client(path, keep, every));

process.on("message", (order: LoadOrder) => {
    if (order.begin) counts = nothing();
    if (order.end) ended = true;
    if (order.least !== undefined) {
        least = order.least;
        if (counts.sent >= least) tell();
    }
});
process.on("disconnect", () => process.exit());
Promise.all([
    ...times(keepAlive, "/now", true, posts),
    ...times(fresh, "/now", false, posts),
    ...times(slow, "/slow", true, 2),
    // These sit on an old process of HAProxy for a while and then ask it for something.
    ...idle.map((between) => client("/now", true, 3, between)),
]).then(() => {
    tell();
    process.disconnect();
});
console.log("started");
