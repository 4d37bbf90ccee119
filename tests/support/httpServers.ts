// Run as a program: real HTTP servers on the given ports of 127.0.0.1, or on ADDRESS:PORT, each answering with its port: at once
// for /now, after 3 s for /slow, else after 2 ms. Ends in good order on SIGTERM. After SIGUSR2 the application behind it fails:
// all but / is answered with 500. POSTS in the environment is a file that gets a line for each POST: what was posted.
import { openSync, writeSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";

const posts = process.env.POSTS === undefined ? undefined : openSync(process.env.POSTS, "a");
const MILLISECONDS: Readonly<Record<string, number>> = { "/slow": 3000, "/now": 0 };
let broken = false;
process.on("SIGUSR2", () => {
    broken = true;
});

async function taken(request: IncomingMessage): Promise<void> {
    const body = await text(request);
    if (request.method === "POST" && posts !== undefined) writeSync(posts, `${body}\n`);
}

const servers = process.argv.slice(2).map((argument) => {
    const [address = "", port = ""] = argument.includes(":") ? argument.split(":") : ["127.0.0.1", argument];
    const server = createServer((request, response) => {
        const { url = "/" } = request;
        const answer = () => {
            response.statusCode = broken && url !== "/" ? 500 : 200;
            response.end(`${port}\n`);
        };
        const after = MILLISECONDS[url] ?? 2;
        if (request.method === "GET") request.resume();
        const read = request.method === "GET" ? Promise.resolve() : taken(request);
        read.then(
            () => (after === 0 ? answer() : setTimeout(answer, after)),
            () => response.destroy(),
        );
    });
    server.keepAliveTimeout = 60_000;
    return { server, address, port: Number(port) };
});
Promise.all(
    servers.map(({ server, address, port }) => new Promise<void>((resolve) => server.listen(port, address, resolve))),
).then(() => console.log("listening"));
process.on("SIGTERM", () => {
    for (const { server } of servers) {
        server.close();
        server.closeIdleConnections();
    }
});
