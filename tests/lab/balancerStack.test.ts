import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BalancerBench } from "../support/balancerBench";
import { type Made, makeCertificate } from "../support/certificates";
import { needPrograms } from "../support/programs";
import { done } from "../support/sets";
import { TestStack } from "../support/stack";
import { eventually } from "../support/webfarm";

const program = `
import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import * as fusion from "pulumi-fusion";

const { key, password, ...args } = JSON.parse(readFileSync("args.json", "utf8"));
const { certificates = [] } = args.tls ?? {};
const tls = { ...args.tls, certificates: certificates.map((one: object) => ({ ...one, key: pulumi.secret(key) })) };
const metrics = { listen: { address: "127.0.0.1", port: 8405 }, user: "prometheus", password };
const lb = new fusion.FusionBalancer("lb", { metrics, ...args, ...(args.tls && { tls }) });
export const config = lb.config;
export const url = lb.url;
`;

describe("a balancer of plain addresses, by the engine", () => {
    const bench = new BalancerBench();
    let stack: TestStack;
    let first: Made;
    let renewed: Made;

    before(async () => {
        await needPrograms("haproxy", "socat", "curl", "ip", "openssl");
        await bench.open();
        await bench.serve(20000, 20001);
        [first, renewed] = [await makeCertificate("www.example.org"), await makeCertificate("www.example.org")];
        stack = await TestStack.create({ program, wrap: ["ip", "netns", "exec", bench.namespace] });
    });
    after(async () => {
        await stack?.dispose();
        await bench.close();
    });

    const servers = (port: number) => [{ name: `s${port}`, address: "127.0.0.1", port }];
    const secret = "a password that is nowhere in plain";
    const give = ({ certificate, key }: Made, more: object = {}) =>
        writeFileSync(
            join(stack.dir, "args.json"),
            JSON.stringify({
                ...{ key, password: secret, directory: bench.directory },
                listen: [{ port: 8080 }, { port: 8443, tls: true }],
                tls: { certificates: [{ certificate }] },
                backends: [
                    { name: "web", servers: servers(20000) },
                    { name: "api", servers: servers(20001), match: { paths: ["/api"] } },
                ],
                ...more,
            }),
        );
    const up = async () => {
        const result = await stack.up();
        assert.ok(result.ok, result.text);
        return done(result).filter((step) => / Command /.test(step));
    };
    const ask = async (path: string) =>
        (await bench.inside(["curl", "-sS", "-k", "--max-time", "10", `https://127.0.0.1:8443${path}`])).stdout.trim();
    const certificateFiles = () => readdirSync(join(bench.directory, "secret")).filter((name) => /pem$/.test(name));

    it("is refused by a preview with the argument of a line that HAProxy does not take, and no stack trace", async () => {
        give(first, { lines: { frontend: ["http-request set-header X-A b", "frobnicate 1"] } });
        const { ok, text } = await stack.preview();
        assert.equal(ok, false);
        assert.match(
            text,
            /1 wrong argument, nothing was created:\n\s*lb\.lines\.frontend\[1\]: HAProxy does not take "frob/,
        );
        assert.doesNotMatch(text, /^\s+at .*\.[jt]s:\d+/m);
    });

    it("has its secrets before its configuration, and no key or password in plain in what is kept or shown", async () => {
        give(first);
        const preview = await stack.preview();
        assert.ok(preview.ok, preview.text);
        assert.deepEqual(await up(), ["create Command lb-secrets", "create Command lb"]);
        assert.deepEqual([await ask("/"), await ask("/api")], ["20000", "20001"]);
        assert.equal((await stack.outputs()).url, "https://localhost:8443/");
        const state = JSON.stringify(await stack.export()) + preview.text;
        const base64 = (text: string) => Buffer.from(text).toString("base64");
        const line = first.key.split("\n")[1] ?? "";
        for (const hidden of ["PRIVATE KEY", line, secret, base64(secret), base64(`prometheus:${secret}`)]) {
            assert.ok(!state.includes(hidden), hidden);
        }
        assert.ok(!state.includes(base64(first.certificate + first.key).slice(-80, -8)));
    });

    it("changes nothing a second time", async () => {
        assert.deepEqual(await up(), []);
    });

    it("has a renewed certificate in effect by one up, and the old one's file away", async () => {
        const [old = ""] = certificateFiles();
        give(renewed);
        assert.deepEqual(await up(), ["update Command lb-secrets", "update Command lb"]);
        assert.equal(await ask("/"), "20000");
        assert.equal(certificateFiles().length, 1);
        assert.ok(!certificateFiles().includes(old));
    });

    it("asks for another password from one up on, which is proven to run, and shows neither", async () => {
        const status = async (password: string) => {
            const login = ["--user", `prometheus:${password}`, "http://127.0.0.1:8405/metrics"];
            const { stdout } = await bench.inside(["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", ...login]);
            return stdout;
        };
        assert.equal(await status(secret), "200");
        const before = await bench.socket("admin", "show info");
        give(renewed, { password: "another" });
        const { text } = await stack.preview();
        assert.doesNotMatch(text, /another/);
        assert.deepEqual(await up(), ["update Command lb-secrets", "update Command lb"]);
        assert.deepEqual([await status(secret), await status("another")], ["401", "200"]);
        const description = (info: string) => /^description: (.*)$/im.exec(info)?.[1];
        assert.notEqual(description(await bench.socket("admin", "show info")), description(before));
        assert.deepEqual(await up(), []);
    });

    it("is brought back to what it was, when a deployment was cut off and then undone in the program", async () => {
        const servers = [{ name: "s20001", address: "127.0.0.1", port: 20001 }];
        give(renewed, { backends: [{ name: "web", servers }] });
        const config = () => readFileSync(join(bench.directory, "haproxy.cfg"), "utf8");
        const killed = await stack.killWhen(() => /server s20001/.test(config()) && !/backend api/.test(config()));
        assert.equal(killed.ok, false);
        await stack.pulumi(["cancel", "--yes"]);
        await eventually("the new configuration runs", 20, async () =>
            (await ask("/")) === "20001" ? true : undefined,
        );
        give(renewed);
        assert.deepEqual(await up(), ["update Command lb"]);
        assert.deepEqual([await ask("/"), await ask("/api")], ["20000", "20001"]);
        assert.deepEqual(await up(), []);
    });

    it("is started again where it is replaced, with its certificates", async () => {
        const [{ urn } = { urn: "" }] = (await stack.export()).filter((one) => /Command::lb$/.test(one.urn));
        const result = await stack.up("--replace", urn);
        assert.ok(result.ok, result.text);
        assert.equal(await ask("/"), "20000");
    });

    it("goes to another directory with its certificates, and leaves nothing in the old one", async () => {
        const directory = `${bench.directory}2`;
        give(renewed, { directory });
        await up();
        assert.equal(await ask("/"), "20000");
        assert.ok(!existsSync(bench.directory));
        assert.match(readFileSync(join(directory, "haproxy.cfg"), "utf8"), new RegExp(`ssl crt ${directory}/secret/`));
    });

    it("forgets its certificates with TLS, and everything when it is destroyed", async () => {
        const directory = `${bench.directory}2`;
        give(renewed, { directory, tls: undefined, listen: 8080, metrics: undefined });
        await up();
        assert.equal((await bench.ask(1))[0], "20000");
        assert.deepEqual(readdirSync(join(directory, "secret")), ["metrics-login"]);
        const gone = await stack.destroy();
        assert.ok(gone.ok, gone.text);
        assert.ok(!existsSync(directory));
        const left = (await bench.processes()).map((pid) => readFileSync(`/proc/${pid}/cmdline`, "utf8"));
        assert.deepEqual(
            left.filter((line) => !/httpServers|esbuild/.test(line)),
            [],
        );
    });
});
