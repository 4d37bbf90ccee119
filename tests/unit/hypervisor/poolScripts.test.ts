import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { emptyPoolScript, preflightScript, removeImageScript } from "../../../lib/hypervisor/poolScripts";
import { run } from "../../../tools/run";

const URI = "test:///default";

describe("a base image that no machine of the program needs any more", () => {
    it("goes, unless a disk is made over it: then it stays until that is gone", async () => {
        const dir = mkdtempSync(join(tmpdir(), "fusion-pool-"));
        try {
            const [base, disk] = [`base-${"a".repeat(16)}.qcow2`, "other-01234567.qcow2"];
            await run("qemu-img", ["create", "-q", "-f", "qcow2", join(dir, base), "1M"]);
            await run("qemu-img", [
                "create",
                "-q",
                "-f",
                "qcow2",
                "-b",
                join(dir, base),
                "-F",
                "qcow2",
                join(dir, disk),
            ]);
            const pool = { name: "default-pool", path: dir };
            const remove = () => run("sh", ["-s"], { input: removeImageScript(join(dir, base), pool, URI) });
            assert.match((await remove()).stdout, /stays, since disks are made over it: .*other-01234567\.qcow2/);
            await run("sh", ["-s"], { input: emptyPoolScript(dir, URI) });
            assert.deepEqual(readdirSync(dir).sort(), [base, disk]);
            rmSync(join(dir, disk));
            await remove();
            assert.deepEqual(readdirSync(dir), []);
        } finally {
            rmSync(dir, { recursive: true, force: true });
        }
    });
});

describe("a pool that is to go", () => {
    it("is rid of what interrupted deployments have left, and of nothing else", async () => {
        const dir = mkdtempSync(join(tmpdir(), "fusion pool "));
        try {
            const base = `base-${"a".repeat(16)}.qcow2`;
            const seed = `vm1-${"b".repeat(12)}.img`;
            const left = [base, `${base}.download`, `${base}.qcow2`, seed, `${seed}.partial`];
            const foreign = ["base-short.qcow2", "data.img", "vm1-12345678.qcow2", "notes.txt"];
            for (const name of [...left, ...foreign]) {
                writeFileSync(join(dir, name), "");
            }
            await run("sh", ["-s"], { input: emptyPoolScript(dir, URI) });
            assert.deepEqual(readdirSync(dir).sort(), foreign.sort());
        } finally {
            rmSync(dir, { recursive: true, force: true });
        }
    });

    it("that is gone already is no error", async () => {
        assert.equal((await run("sh", ["-s"], { input: emptyPoolScript("/no/such/pool", URI) })).code, 0);
    });
});

describe("the check of a hypervisor", () => {
    it("finds what is needed here", async () => {
        assert.match((await run("sh", ["-s"], { input: preflightScript() })).stdout, /has what is needed/);
    });

    it("names the program that is missing, and the packages", async () => {
        const env = { PATH: "/no/such/folder" };
        const { code, stderr } = await run("/bin/sh", ["-s"], { input: preflightScript(), env, allowFailure: true });
        assert.notEqual(code, 0);
        assert.match(stderr, /qemu-img is missing; install qemu-utils, libvirt-clients and util-linux/);
    });
});
