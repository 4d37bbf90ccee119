import assert from "node:assert/strict";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { balancerSpec } from "../../lib/balancer/balancerSpec";
import type { FusionBalancerArgs } from "../../lib/balancer/FusionBalancer";
import { secretFile } from "../../lib/balancer/places";
import { renderHaproxyConfig } from "../../lib/balancer/renderHaproxyConfig";
import {
    certificateFile,
    loginFile,
    removeSecretsScript,
    secretLines,
    secretScript,
} from "../../lib/balancer/secretScripts";
import { Faults } from "../../lib/faults";
import { loadWords } from "../support/background";
import { BalancerBench } from "../support/balancerBench";
import { type Made, makeCertificate } from "../support/certificates";
import { needPrograms } from "../support/programs";

describe("what a balancer is told, done by the real HAProxy", () => {
    const bench = new BalancerBench();
    let www: Made;
    let api: Made;
    let renewed: Made;

    before(async () => {
        await needPrograms("haproxy", "socat", "curl", "ip", "openssl", "sslscan");
        await bench.open();
        await bench.serve(20000, 20001, 20002, 20003);
        [www, api, renewed] = [
            await makeCertificate("www.example.org"),
            await makeCertificate("api.example.org"),
            await makeCertificate("www.example.org"),
        ];
    });
    after(() => bench.close());

    const servers = (...ports: number[]) => ports.map((port) => ({ name: `s${port}`, address: "127.0.0.1", port }));
    const web = { name: "web", servers: servers(20000) };
    const listen = { address: "127.0.0.1", port: 8080 };
    const secure = { address: "127.0.0.1", port: 8443, tls: true };

    /** Puts arguments into effect as the component does: secrets first, then the configuration. */
    async function deploy(args: Partial<FusionBalancerArgs>, certificates: readonly Made[] = []): Promise<void> {
        const faults = new Faults();
        const tls = { ...args.tls, certificates };
        const all = { listen, backends: [web], directory: bench.directory, ...args };
        const given = certificates.length > 0 ? { ...all, tls } : all;
        const { haproxy } = balancerSpec("lb", given, undefined, faults);
        faults.throwIfAny();
        const pems = certificates.map(({ certificate, key }) => certificateFile(certificate, key));
        const { user, password } = args.metrics ?? {};
        const files = [...pems, ...(user === undefined ? [] : [loginFile(user, String(password))])];
        if (files.length > 0) {
            const written = await bench.inside(["sh", "-c", secretScript(bench.place)], secretLines(files));
            assert.equal(written.code, 0, written.stderr);
        }
        const paths = pems.map(({ name }) => secretFile(bench.directory, name));
        const frontends = haproxy.frontends.map((one) => ({ ...one, certificates: paths }));
        const { code, stderr } = await bench.deploy(renderHaproxyConfig({ ...haproxy, frontends }));
        assert.equal(code, 0, stderr);
        assert.equal(stderr, "");
    }

    /** What curl writes of a request: the answer, or with `write` what its format says. */
    async function curl(url: string, ...more: string[]): Promise<string> {
        const { stdout, stderr } = await bench.inside(["curl", "-sS", "-k", "--max-time", "10", ...more, url]);
        return stdout.trim() || stderr.trim();
    }
    const status = (url: string, ...more: string[]) => curl(url, "-o", "/dev/null", "-w", "%{http_code}", ...more);
    const at = (host: string, path = "/") => curl(`http://127.0.0.1:8080${path}`, "-H", `Host: ${host}`);
    /** The certificate that a client gets who asks for a name. */
    async function served(name: string): Promise<string> {
        const asked = ["openssl", "s_client", "-connect", "127.0.0.1:8443", "-servername", name];
        const { stdout } = await bench.inside(asked, "");
        return /-----BEGIN CERTIFICATE-----[\s\S]*-----END CERTIFICATE-----/.exec(stdout)?.[0] ?? stdout;
    }

    it("requests go by header, host and path to their backends, the rest to the one without a match", async () => {
        await deploy({
            backends: [
                web,
                { name: "api", servers: servers(20001), match: { paths: ["/api"] } },
                { name: "old", servers: servers(20002), match: { hosts: ["old.example.org", "*.old.example.org"] } },
                { name: "beta", servers: servers(20003), match: { headers: { "X-Beta": "yes" } } },
            ],
        });
        assert.equal(await at("www.example.org"), "20000");
        assert.equal(await at("www.example.org", "/apis"), "20000");
        assert.equal(await at("www.example.org", "/api"), "20001");
        assert.equal(await at("www.example.org", "/api/v1?x=1"), "20001");
        assert.equal(await at("OLD.example.org:8080"), "20002");
        assert.equal(await at("a.old.example.org", "/api"), "20002", "a host goes before a path");
        assert.equal(await at("a.b.old.example.org"), "20000");
        assert.equal(
            await curl("http://127.0.0.1:8080/api", "-H", "X-Beta: yes", "-H", "Host: old.example.org"),
            "20003",
        );
    });

    it("a plain address that is down holds no deployment up", async () => {
        const before = Date.now();
        await deploy({ backends: [web, { name: "down", servers: servers(29999), match: { paths: ["/down"] } }] });
        assert.ok(Date.now() - before < 9000, "servers are waited for 10 s");
        assert.equal(await status("http://127.0.0.1:8080/down"), "503");
    });

    it("TLS has HTTP/2, and each name its certificate, the first for others", async () => {
        await deploy({ listen: [listen, secure], tls: { certificates: [], hstsSeconds: 60 } }, [www, api]);
        assert.equal(await curl("https://127.0.0.1:8443/"), "20000");
        const version = ["-o", "/dev/null", "-w", "%{http_version}"];
        assert.equal(await curl("https://127.0.0.1:8443/", ...version), "2");
        assert.equal(await curl("https://127.0.0.1:8443/", "--http1.1", ...version), "1.1");
        assert.match(await curl("https://127.0.0.1:8443/", "-I"), /^strict-transport-security: max-age=60/im);
        assert.equal(await served("www.example.org"), www.certificate.trim());
        assert.equal(await served("api.example.org"), api.certificate.trim());
        assert.equal(await served("other.example.org"), www.certificate.trim());
        assert.match(await curl("https://127.0.0.1:8443/", "--tls-max", "1.1"), /error|alert/i);
    });

    it("TLS is graded by sslscan: versions 1.2 and 1.3 alone, forward secrecy and authenticated ciphers alone", async () => {
        const scan = ["sslscan", "--no-colour", "--show-certificate", "127.0.0.1:8443"];
        const { stdout } = await bench.inside(scan);
        const versions = Object.fromEntries(
            [...stdout.matchAll(/^((?:SSL|TLS)v\S+) +(enabled|disabled)$/gm)].map(([, a, b]) => [a, b]),
        );
        assert.deepEqual(versions, {
            ...{ SSLv2: "disabled", SSLv3: "disabled", "TLSv1.0": "disabled", "TLSv1.1": "disabled" },
            ...{ "TLSv1.2": "enabled", "TLSv1.3": "enabled" },
        });
        const ciphers = [...stdout.matchAll(/^(?:Preferred|Accepted) +\S+ +(\d+) bits +(\S+)/gm)];
        assert.ok(ciphers.length >= 5, stdout);
        for (const [line, bits, cipher = ""] of ciphers) {
            assert.ok(Number(bits) >= 128, line);
            assert.match(cipher, /^(TLS_(AES|CHACHA20)|(ECDHE|DHE)-.*(GCM|POLY1305))/, line);
        }
        for (const fault of [
            /Heartbleed[\s\S]* vulnerable(?! )/,
            /Compression enabled/,
            /Insecure session renegotiation/,
        ]) {
            assert.doesNotMatch(stdout.replaceAll("not vulnerable", ""), fault);
        }
    });

    it("requests without TLS are sent to the port with it", async () => {
        const format = ["-o", "/dev/null", "-w", "%{http_code} %{redirect_url}"];
        assert.equal(
            await curl("http://127.0.0.1:8080/a?b=c", "-H", "Host: www.example.org", ...format),
            "301 https://www.example.org:8443/a?b=c",
        );
    });

    it("certificates and keys are root's alone", () => {
        const folder = join(bench.directory, "secret");
        assert.equal(statSync(folder).mode & 0o777, 0o700);
        assert.equal(readdirSync(folder).length, 2);
        for (const name of readdirSync(folder)) assert.equal(statSync(join(folder, name)).mode & 0o777, 0o600, name);
    });

    it("a renewed certificate is served after a deployment, no request fails, and the old file goes", async () => {
        const finish = await bench.load(8443, "tls");
        await pause(1500);
        await deploy({ listen: [listen, secure] }, [renewed, api]);
        assert.equal(await served("www.example.org"), renewed.certificate.trim());
        await pause(1500);
        const result = await finish();
        console.log(`      ${loadWords(result)}`);
        assert.deepEqual(result.failures, []);
        assert.ok(result.sent > 50, `only ${result.sent} requests`);
        const files = [renewed, api].map(({ certificate, key }) => certificateFile(certificate, key).name);
        assert.deepEqual(readdirSync(join(bench.directory, "secret")).sort(), files.sort());
    });

    it("in mode tcp connections are passed on, those with TLS too, and limited by a rate", async () => {
        await deploy({ mode: "tcp", listen: [listen, secure] }, [www]);
        assert.equal(await curl("http://127.0.0.1:8080/"), "20000");
        assert.equal(await curl("https://127.0.0.1:8443/"), "20000");
        await deploy({ mode: "tcp", clients: { rate: { requests: 3, seconds: 60 } } });
        const answers: string[] = [];
        for (let i = 0; i < 6; i++) answers.push(await curl("http://127.0.0.1:8080/"));
        assert.equal(answers.filter((answer) => answer === "20000").length, 3, answers.join());
    });

    it("who asks too often gets 429, who may not connect nothing", async () => {
        await deploy({ clients: { rate: { requests: 5, seconds: 60 } } });
        const codes: string[] = [];
        for (let i = 0; i < 8; i++) codes.push(await status("http://127.0.0.1:8080/"));
        assert.deepEqual(codes, [...Array(5).fill("200"), ...Array(3).fill("429")]);
        for (const clients of [{ deny: ["127.0.0.0/8"] }, { allow: ["10.0.0.0/8", "fd00::/8"] }]) {
            await deploy({ clients });
            assert.match(await curl("http://127.0.0.1:8080/"), /reset|empty reply/i);
        }
        await deploy({ clients: { allow: ["127.0.0.1"] } });
        assert.equal(await status("http://127.0.0.1:8080/"), "200");
    });

    it("metrics want their login, another one from its deployment on; whether it serves is no secret", async () => {
        const metrics = { listen: { address: "127.0.0.1", port: 8405 }, user: "prometheus", password: "it's 1" };
        const url = "http://127.0.0.1:8405";
        const login = (password: string) => status(`${url}/metrics`, "-u", `prometheus:${password}`);
        await deploy({ metrics });
        assert.equal(await status(`${url}/metrics`), "401");
        assert.equal(await status(`${url}/stats`), "401");
        assert.equal(await login("wrong"), "401");
        assert.equal(await login("it's 1"), "200");
        const text = await curl(`${url}/metrics`, "-u", "prometheus:it's 1");
        assert.ok(/^haproxy_backend_active_servers\{proxy="web"\} 1$/m.test(text), text.slice(0, 500));
        assert.equal(await status(`${url}/ready`), "200");
        await deploy({ metrics: { ...metrics, password: "2" } });
        assert.deepEqual([await login("2"), await login("it's 1")], ["200", "401"]);
    });

    it("nothing is left when secrets and balancer are removed, in either order", async () => {
        const forget = () => bench.inside(["sh", "-c", removeSecretsScript(bench.place)]);
        assert.equal((await bench.remove()).code, 0);
        assert.deepEqual(readdirSync(bench.directory).sort(), ["owner", "secret"]);
        assert.equal((await forget()).code, 0);
        assert.ok(!existsSync(bench.directory));
        await deploy({ listen: secure }, [www]);
        assert.equal((await forget()).code, 0);
        assert.equal((await bench.remove()).code, 0);
        assert.ok(!existsSync(bench.directory));
    });
});
