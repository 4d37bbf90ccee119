import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import {
    existsSync,
    mkdirSync,
    readdirSync,
    readFileSync,
    rmSync,
    statSync,
    symlinkSync,
    writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { prepareAcmeScript } from "../../lib/balancer/acmeScripts";
import { loadWords } from "../support/background";
import { BalancerBench } from "../support/balancerBench";
import { type Made, makeCertificate } from "../support/certificates";
import { Pebble } from "../support/pebble";
import { needPrograms } from "../support/programs";
import { done } from "../support/sets";
import { TestStack } from "../support/stack";

const program = `
import { readFileSync } from "node:fs";
import * as fusion from "pulumi-fusion";

export const url = new fusion.FusionBalancer("lb", JSON.parse(readFileSync("args.json", "utf8"))).url;
`;

const serialOf = ({ certificate }: Made): string => new X509Certificate(certificate).serialNumber;

/** A certificate as a client sees it. */
interface Served {
    names: string;
    serial: string;
    /** Whether it is from Pebble's root. */
    verified: boolean;
}

describe("certificates from a real ACME server, by a real client", () => {
    const bench = new BalancerBench();
    const acmeFolder = join(bench.directory, "acme");
    let pebble: Pebble;
    let stack: TestStack;

    before(async () => {
        await needPrograms("haproxy", "socat", "curl", "ip", "openssl", "lego", "pebble");
        await bench.open();
        await bench.serve(20000);
        const names = ["www", "shop", "new"].map((name) => `${name}.example.org`);
        pebble = await Pebble.start(bench.namespace, {
            ...{ names: ["example.org", ...names], at: ["10.99.99.1", 8080], days: 20 },
        });
        stack = await TestStack.create({ program, wrap: ["ip", "netns", "exec", bench.namespace] });
        writeFileSync(join(stack.dir, "root.pem"), await pebble.root());
    });
    after(async () => {
        await stack?.dispose();
        await pebble?.close();
        await bench.close();
    });

    const domains = ["www.example.org", ["example.org", "shop.example.org"]];
    const give = (acme: object = {}, certificates?: readonly Made[]) =>
        writeFileSync(
            join(stack.dir, "args.json"),
            JSON.stringify({
                ...{ directory: bench.directory, listen: [{ port: 8080 }, { port: 8443, tls: true }] },
                tls: {
                    certificates,
                    acme: {
                        ...{ domains, email: "ops@example.org", acceptTerms: true },
                        ...{ server: pebble.url, authority: pebble.authority, ...acme },
                    },
                },
                backends: [{ name: "web", servers: [{ name: "a", address: "127.0.0.1", port: 20000 }] }],
                // The authority is one of those that may not connect.
                clients: { deny: ["10.99.99.1"] },
            }),
        );
    const up = async () => {
        const result = await stack.up();
        assert.ok(result.ok, result.text);
        return done(result).filter((step) => / Command /.test(step));
    };
    const served = async (name: string): Promise<Served> => {
        const client = `openssl s_client -connect 127.0.0.1:8443 -servername ${name} -CAfile ${stack.dir}/root.pem </dev/null 2>&1`;
        const { stdout } = await bench.inside([
            ...["sh", "-c"],
            `out=$(${client}); echo "$out" | grep '^Verify return'; echo "$out" | openssl x509 -noout -serial -ext subjectAltName`,
        ]);
        return {
            names: [...stdout.matchAll(/DNS:([^,\s]+)/g)].map(([, one]) => one).join(" "),
            serial: /^serial=(.*)$/m.exec(stdout)?.[1] ?? "",
            verified: /^Verify return code: 0/m.test(stdout),
        };
    };
    const serials = async () => [(await served("www.example.org")).serial, (await served("example.org")).serial];
    const status = async (url: string) =>
        (await bench.inside(["curl", "-sk", "-o", "/dev/null", "-w", "%{http_code}", "--max-time", "10", url])).stdout;

    it("want a client, which is named where it is missing, and nothing is begun", async () => {
        const folder = join(stack.dir, "programs");
        mkdirSync(folder);
        symlinkSync("/usr/bin/uname", join(folder, "uname"));
        const script = prepareAcmeScript(bench.place, 20, undefined);
        const { code, stderr } = await bench.inside(["/bin/sh", "-c", `PATH=${folder}\n${script}`], "");
        assert.equal(code, 1);
        assert.match(stderr, /^lego is missing on .*; install the package lego, or give the balancer haproxy: \{ inst/);
        assert.ok(!existsSync(bench.directory));
    });

    it("are told of in the client's words while the authority is away, and HAProxy serves", async () => {
        await pebble.reachable(false);
        // One of the user's own for the same name is what its clients get until then, also where another kind of key goes before it.
        const own = await makeCertificate("www.example.org", 1, "rsa");
        give({}, [own]);
        assert.equal((await stack.up()).ok, false);
        assert.equal((await served("www.example.org")).serial, serialOf(own));
        give();
        const { ok, text } = await stack.up();
        assert.equal(ok, false);
        assert.match(text, /could not create client: get directory at .*network is unreachable/i);
        assert.match(text, /lego on .* obtains no certificate for www\.example\.org from https:.*HAProxy serves on/s);
        assert.equal(await status("http://127.0.0.1:8080/"), "301");
        assert.equal(await status("https://127.0.0.1:8443/"), "200");
        assert.deepEqual(await served("shop.example.org").then(({ names, verified }) => [names, verified]), [
            "",
            false,
        ]);
    });

    it("are there after the next up, for each name its own, though the authority may not connect", async () => {
        await pebble.reachable(true);
        assert.deepEqual(await up(), ["create Command lb-certificates", "delete Command lb-secrets"]);
        for (const [name, names] of [
            ["www.example.org", "www.example.org"],
            ["example.org", "example.org shop.example.org"],
            ["shop.example.org", "example.org shop.example.org"],
        ] as const) {
            const { verified, ...found } = await served(name);
            assert.ok(verified, name);
            assert.equal(found.names, names);
        }
        assert.equal(await status("http://10.99.99.1:8080/"), "000");
        assert.equal(await status("https://10.99.99.1:8443/"), "000");
        // Nobody answers challenges now.
        assert.equal(await status("http://10.99.99.1:8080/.well-known/acme-challenge/x"), "503");
    });

    it("have keys that root alone reads, and that are in no state", async () => {
        assert.doesNotMatch(JSON.stringify(await stack.export()), /PRIVATE KEY/);
        const files = readdirSync(acmeFolder, { recursive: true }).map((name) => join(acmeFolder, String(name)));
        assert.equal(files.filter((file) => file.endsWith(".pem")).length, 2);
        for (const file of files) assert.equal(statSync(file).mode & 0o077, 0, file);
    });

    it("are not asked for again, whether by a preview, an up or a renewal, while they are not near their end", async () => {
        const before = await serials();
        await pebble.reachable(false);
        const { ok, text, changes } = await stack.preview();
        assert.ok(ok, text);
        assert.deepEqual(Object.keys(changes), ["same"]);
        assert.deepEqual(await up(), []);
        const { code, stdout, stderr } = await bench.inside(["sh", join(acmeFolder, "renew")]);
        assert.equal(code, 0, stderr);
        assert.match(stdout, /^2 certificates, until \d{4}-\d\d-\d\d at least\n$/);
        await pebble.reachable(true);
        assert.deepEqual(await serials(), before);
    });

    it("are put back when HAProxy does not take what has come instead", async () => {
        const [file = ""] = readdirSync(acmeFolder).filter((name) => name.endsWith(".pem"));
        const held = () => readFileSync(join(acmeFolder, file), "utf8");
        const [before, text] = [await serials(), held()];
        mkdirSync(join(acmeFolder, "new"));
        writeFileSync(join(acmeFolder, "new", file), "no certificate\n");
        const { code, stderr } = await bench.inside(["sh", join(acmeFolder, "reload")]);
        assert.equal(code, 1);
        assert.match(stderr, /HAProxy refuses the new configuration .*; the old one serves on/);
        assert.equal(held(), text);
        assert.deepEqual(await serials(), before);
        rmSync(join(acmeFolder, "new"), { recursive: true });
    });

    it("are renewed near their end, by an up and on the schedule, without a request that fails", async () => {
        const seen = [await serials()];
        const finish = await bench.load(8443, "tls");
        // They are valid for 20 days.
        give({ renewDaysBefore: 30 });
        assert.deepEqual(await up(), ["update Command lb-acme", "update Command lb-certificates"]);
        seen.push(await serials());
        const { code, stderr } = await bench.inside(["sh", join(acmeFolder, "renew")]);
        assert.equal(code, 0, stderr);
        seen.push(await serials());
        const result = await finish();
        assert.deepEqual(result.failures, [], loadWords(result));
        assert.ok(result.sent > 100, `only ${result.sent} requests were sent`);
        assert.equal(new Set(seen.flat()).size, 6, JSON.stringify(seen));
        assert.ok((await served("www.example.org")).verified);
    });

    it("stay as they are when others cannot be had, and are exchanged by the next up", async () => {
        const before = await serials();
        await pebble.reachable(false);
        give({ domains: ["www.example.org", ["example.org", "new.example.org"]] });
        const config = readFileSync(join(bench.directory, "haproxy.cfg"), "utf8");
        const failed = await stack.up();
        assert.equal(failed.ok, false);
        assert.match(failed.text, /lego on .* obtains no certificate for example\.org new\.example\.org from https:/);
        assert.deepEqual(await serials(), before);
        assert.equal(readFileSync(join(bench.directory, "haproxy.cfg"), "utf8"), config);
        await pebble.reachable(true);
        assert.deepEqual(await up(), ["update Command lb-acme", "update Command lb", "update Command lb-certificates"]);
        const { names, verified } = await served("new.example.org");
        assert.deepEqual([names, verified], ["example.org new.example.org", true]);
        assert.equal((await served("www.example.org")).serial, before[0]);
        assert.equal(readdirSync(acmeFolder).filter((file) => file.endsWith(".pem")).length, 2);
    });

    it("are gone with the balancer, and so is their schedule", async () => {
        const scheduled = Number(readFileSync(join(acmeFolder, "process"), "utf8"));
        assert.ok((await bench.processes()).includes(scheduled));
        const gone = await stack.destroy();
        assert.ok(gone.ok, gone.text);
        assert.ok(!existsSync(bench.directory));
        const left = (await bench.processes()).map((pid) => readFileSync(`/proc/${pid}/cmdline`, "utf8"));
        assert.deepEqual(
            left.filter((line) => !/httpServers|pebble|esbuild/.test(line)),
            [],
        );
    });
});
