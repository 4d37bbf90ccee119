// Run as a program: real HTTP servers on the given ports of 127.0.0.1, or on ADDRESS:PORT, each answering with its port. Ends
// in good order on SIGTERM.
import { createServer } from "node:http";

const servers = process.argv.slice(2).map((argument) => {
    const [address = "", port = ""] = argument.includes(":") ? argument.split(":") : ["127.0.0.1", argument];
    const server = createServer((request, response) => {
        request.resume().on("end", () => setTimeout(() => response.end(`${port}\n`), 2));
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
