import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { versions } from "../../tools/engine/versions";
import { projectDir } from "../../tools/paths";
import { run } from "../../tools/run";

const ARCHIVE = `pulumi-v${versions.pulumi}-${process.platform}-${process.arch}.tar.gz`;

// A server of our own stands for the releases: what counts is what is done with what comes.
describe("the released engine", () => {
    let dir = "";
    let server: Server;
    let files: Record<string, Buffer | string> = {};

    before(async () => {
        dir = mkdtempSync(join(tmpdir(), "fusion-released-"));
        mkdirSync(join(dir, "pulumi"));
        writeFileSync(join(dir, "pulumi", "pulumi"), "#!/bin/sh\necho v1.2.3\n");
        chmodSync(join(dir, "pulumi", "pulumi"), 0o755);
        await run("tar", ["-czf", join(dir, ARCHIVE), "-C", dir, "pulumi"]);
        server = createServer((request, response) => {
            const content = files[request.url ?? ""];
            response.statusCode = content === undefined ? 404 : 200;
            response.end(request.method === "HEAD" ? undefined : content);
        });
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    });
    after(() => {
        server.close();
        rmSync(dir, { recursive: true, force: true });
    });

    /** Gets the engine with a cache of its own, and says what the CLI wrote. */
    const ensure = (cache: string, forced: string, extra: NodeJS.ProcessEnv = {}) => {
        const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
        const env = {
            ...process.env,
            FUSION_ENGINE: forced,
            FUSION_PULUMI_RELEASES: base,
            FUSION_CACHE: join(dir, cache),
            ...extra,
        };
        const cli = [join(projectDir, "tools", "node.mjs"), join(projectDir, "tools", "engine", "cli.ts")];
        return run(process.execPath, cli, { env, allowFailure: true });
    };
    const publish = (archive: Buffer, checksum: string) => {
        files = {
            [`/v${versions.pulumi}/SHA512SUMS`]: `${checksum}  ${ARCHIVE}\n`,
            [`/v${versions.pulumi}/${ARCHIVE}`]: archive,
        };
    };

    it("is downloaded, checked, and used with a PULUMI_HOME of its own, without the network the second time", async () => {
        const archive = readFileSync(join(dir, ARCHIVE));
        publish(archive, createHash("sha512").update(archive).digest("hex"));
        for (const round of ["first", "second"]) {
            const { code, stdout, stderr } = await ensure("good", "released");
            assert.equal(code, 0, `${round}: ${stderr}`);
            const answer = await run("sh", ["-c", `${stdout}\npulumi version; echo "$PULUMI_HOME"`]);
            assert.equal(answer.stdout, `v1.2.3\n${join(dir, "good", "engine", "home")}\n`);
            assert.equal(stdout.includes("DISABLE_AUTOMATIC_PLUGIN"), false, "it downloads its plugins itself");
            files = {};
        }
    });

    it("is refused when its checksum is another", async () => {
        publish(readFileSync(join(dir, ARCHIVE)), "00".repeat(64));
        const { code, stderr } = await ensure("bad", "released");
        assert.equal(code, 1);
        assert.match(stderr, /has the checksum [0-9a-f]{128}, but SHA512SUMS says 0000/);
        assert.equal(existsSync(join(dir, "bad", "engine", `released-${versions.pulumi}`)), false);
    });

    it("is said to be missing when it is asked for and cannot be had", async () => {
        files = {};
        const { code, stderr } = await ensure("none", "released");
        assert.equal(code, 1);
        assert.match(stderr, /SHA512SUMS: 404/);
    });

    it("gives way to an installed one of a sufficient version", async () => {
        files = { [`/v${versions.pulumi}/SHA512SUMS`]: "" };
        const bin = join(dir, "bin");
        mkdirSync(bin);
        const install = (version: string) => {
            writeFileSync(join(bin, "pulumi"), `#!/bin/sh\necho ${version}\n`);
            chmodSync(join(bin, "pulumi"), 0o755);
        };
        const withBin = { PATH: `${bin}:${process.env.PATH}` };
        install("v3.250.0");
        const used = await ensure("installed", "", withBin);
        assert.equal(used.code, 0, used.stderr);
        assert.match(used.stderr, /Pulumi 3\.250\.0: the one on the PATH/);
        install("v3.100.0");
        const refused = await ensure("installed", "installed", withBin);
        assert.equal(refused.code, 1);
        assert.match(refused.stderr, /is 3\.100\.0\. Install Pulumi 3\.238\.0 or later/);
    });
});

describe("the engine to be built", () => {
    it("says which program is missing, before anything long begins", async () => {
        const empty = mkdtempSync(join(tmpdir(), "fusion-no-go-"));
        try {
            const env = { HOME: empty, PATH: empty, FUSION_ENGINE: "built", FUSION_CACHE: empty };
            const cli = [join(projectDir, "tools", "node.mjs"), join(projectDir, "tools", "engine", "cli.ts")];
            const { code, stderr } = await run(process.execPath, cli, { env, allowFailure: true });
            assert.equal(code, 1);
            assert.match(stderr, /go is not installed or not on the PATH\. Install Go 1\.26 or later/);
        } finally {
            rmSync(empty, { recursive: true, force: true });
        }
    });
});
