// Run as a program: real HTTP servers on the given ports of 127.0.0.1, each answering with its port. Ends in good order on
// SIGTERM.
import { createServer } from "node:http";

const servers = process.argv.slice(2).map((port) => {
    const server = createServer((request, response) => {
        request.resume().on("end", () => setTimeout(() => response.end(`${port}\n`), 2));
    });
    server.keepAliveTimeout = 60_000;
    return { server, port: Number(port) };
});
Promise.all(
    servers.map(({ server, port }) => new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve))),
).then(() => console.log("listening"));
process.on("SIGTERM", () => {
    for (const { server } of servers) {
        server.close();
        server.closeIdleConnections();
    }
});
