// Run as a program: requests to a port of 127.0.0.1, or to ADDRESS:PORT, some clients keeping their connections and some making
// new ones, until SIGTERM or 100,000 requests. A second argument "tls" makes them ask over TLS, "busy" without a pause; a third is how
// many they ask at least. Writes a LoadResult as JSON.
import * as http from "node:http";
import * as https from "node:https";
import { setTimeout as pause } from "node:timers/promises";

const [port = "", host = "127.0.0.1"] = String(process.argv[2]).split(":").reverse();
const { Agent, request } = process.argv[3] === "tls" ? https : http;
const least = Number(process.argv[4] ?? 0);
const usual = process.argv[3] === "busy" ? 0 : 10;
// Certificates of a test sign themselves.
const tls = { rejectUnauthorized: false };
const failures: string[] = [];
const failed: { from: number; to: number }[] = [];
let slowest = 0;
const answers: Record<string, number> = {};
let sent = 0;
let ended = false;
process.on("SIGTERM", () => {
    ended = true;
});

function ask(method: string, agent: http.Agent): Promise<void> {
    const from = Date.now();
    const start = performance.now();
    return new Promise((resolve) => {
        const end = () => {
            slowest = Math.max(slowest, Math.round(performance.now() - start));
            resolve();
        };
        const fail = (why: string) => {
            failures.push(`${method}: ${why}`);
            failed.push({ from, to: Date.now() });
            end();
        };
        const to = { host, port: Number(port), method, agent, path: "/", timeout: 20_000, ...tls };
        const asked = request(to, (response) => {
            let text = "";
            response.setEncoding("utf8").on("data", (chunk: string) => {
                text += chunk;
            });
            response.on("error", (error) => fail(error.message));
            response.on("end", () => {
                if (response.statusCode !== 200) {
                    return fail(`status ${response.statusCode}`);
                }
                answers[text.trim()] = (answers[text.trim()] ?? 0) + 1;
                end();
            });
        });
        asked.on("timeout", () => asked.destroy(new Error("no answer in 20 s")));
        asked.on("error", (error) => fail(error.message));
        asked.end(method === "POST" ? "some data" : undefined);
    });
}

async function client(method: string, keepAlive: boolean, between = usual): Promise<void> {
    const agent = new Agent({ keepAlive, maxSockets: 1 });
    // Each asks once more after the end, so that those who were waiting use the connection that they have.
    for (let last = false; !last; ) {
        last = (ended && sent >= least) || sent >= 100_000;
        sent += 1;
        await ask(method, agent);
        await pause(last ? 0 : between);
    }
    agent.destroy();
}

Promise.all([
    ...Array.from({ length: 4 }, () => client("GET", true)),
    ...Array.from({ length: 2 }, () => client("POST", true)),
    // These sit on an old process of HAProxy for a while and then ask it for something.
    ...[3000, 4000, 5000, 6000].map((between) => client("GET", true, between)),
    client("GET", false),
    client("POST", false),
]).then(() => console.log(JSON.stringify({ sent, failures, failed, slowest, answers })));
console.log("started");
