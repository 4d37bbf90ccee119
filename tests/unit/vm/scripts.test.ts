import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readyScript } from "../../../lib/vm/readyScript";
import { renderCloudInit } from "../../../lib/vm/renderCloudInit";
import { documentsHash, seedScript } from "../../../lib/vm/seedScript";
import { run } from "../../../tools/run";
import { guest } from "../../support/documents";
import { assertGolden } from "../../support/golden";
import { needPrograms } from "../../support/programs";

const documents = renderCloudInit(guest);
const short = { userData: "#cloud-config\n", metaData: "instance-id: vm1\n", networkConfig: "version: 2\n" };
/** libvirt's own test driver, which is in every libvirt and has this pool. */
const [URI, POOL] = ["test:///default", "default-pool"];

describe("the seed", () => {
    const dir = mkdtempSync(join(tmpdir(), "fusion-seed-"));
    const target = join(dir, "vm1-0123.img");
    const write = (pool = POOL) =>
        run("sh", ["-s"], { input: seedScript(documents, target, pool, URI), allowFailure: true });

    before(() => needPrograms("genisoimage", "isoinfo", "virsh"));
    after(() => rmSync(dir, { recursive: true, force: true }));

    it("is made by the script in tests/golden", () =>
        assertGolden("vm/seed.sh", seedScript(short, "/pool/vm1-0123.img", "rack", "qemu:///system")));

    it("is an image labelled cidata with exactly the three documents", async () => {
        const { code, stdout, stderr } = await write();
        assert.equal(code, 0, stderr);
        assert.equal(stdout, `${target}\n`);
        const list = await run("isoinfo", ["-d", "-i", target]);
        assert.match(list.stdout, /^Volume id: cidata$/m);
        const { stdout: files } = await run("isoinfo", ["-R", "-f", "-i", target]);
        assert.deepEqual(files.trim().split("\n").sort(), ["/meta-data", "/network-config", "/user-data"]);
        for (const [file, text] of [
            ["user-data", documents.userData],
            ["meta-data", documents.metaData],
            ["network-config", documents.networkConfig],
        ]) {
            const read = await run("isoinfo", ["-R", "-i", target, "-x", `/${file}`]);
            assert.equal(read.stdout, text);
        }
    });

    it("can be read by its owner alone, and leaves nothing beside it", () => {
        assert.equal(statSync(target).mode & 0o777, 0o600);
        assert.deepEqual(readdirSync(dir), ["vm1-0123.img"]);
    });

    it("is written over by a second run", async () => {
        writeFileSync(target, "cut short");
        assert.equal((await write()).code, 0);
        assert.match((await run("isoinfo", ["-d", "-i", target])).stdout, /^Volume id: cidata$/m);
    });

    it("fails where the pool is not there", async () => {
        const { code, stderr } = await write("no-such-pool");
        assert.notEqual(code, 0);
        assert.match(stderr, /no-such-pool/);
    });

    it("shows its documents to no process list", async () => {
        const text = seedScript(documents, target, POOL, URI);
        const secret = Buffer.from(documents.userData).toString("base64");
        assert.deepEqual(
            text.split("\n").filter((line) => line.includes(secret)),
            [`USER_DATA=${secret}`],
        );
        assert.deepEqual(text.match(/.*\$USER_DATA.*/g), ['echo "$USER_DATA" | base64 -d >"$dir/user-data"']);
        assert.match((await run("sh", ["-c", "type echo"])).stdout, /builtin/, "no program may be started with it");
    });

    it("has another name when any document differs", () => {
        const hashes = [
            documents,
            { ...documents, userData: `${documents.userData} ` },
            { ...documents, metaData: `${documents.metaData} ` },
            { ...documents, networkConfig: `${documents.networkConfig} ` },
        ].map(documentsHash);
        assert.equal(new Set(hashes).size, 4);
        assert.equal(documentsHash({ ...documents }), hashes[0]);
    });
});

describe("waiting for a machine", () => {
    const target = { address: "10.77.0.11", user: "fusion", hostKey: "ssh-ed25519 HOST" };

    it("is the script in tests/golden", () => assertGolden("vm/ready.sh", readyScript("vm1", target, 900)));

    it("gives up after its time with what was missing last, and what to do", async () => {
        await needPrograms("ssh");
        // Nothing listens on port 1 of the loopback.
        const script = readyScript("vm1", { ...target, address: "127.0.0.1", port: 1 }, 2);
        const { code, stdout, stderr } = await run("sh", ["-s"], {
            input: script,
            allowFailure: true,
            timeout: 60_000,
        });
        assert.equal(code, 1);
        assert.match(stdout, /^waiting for vm1 \(\d+ s\): .*Connection refused$/m);
        assert.equal(stdout.trim().split("\n").length, 1, "what is awaited is said once");
        assert.match(stderr, /^vm1 \(127\.0\.0\.1\) is not ready after \d+ s; the last answer: .*Connection refused$/m);
        assert.match(stderr, /give it longer with readyTimeoutSeconds/);
    });
});
