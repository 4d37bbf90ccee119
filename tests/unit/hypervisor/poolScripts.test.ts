import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
    emptyPoolScript,
    placeholderTitle,
    preflightScript,
    removeImageScript,
} from "../../../lib/hypervisor/poolScripts";
import { run } from "../../../tools/run";
import { StubMachine } from "../../support/stubs";

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

describe("a base image under a disk that cannot be read", () => {
    const [base, disk] = [`base-${"a".repeat(16)}.qcow2`, "vm1-01234567.qcow2"];

    /** Removes the base image where libvirt says so of the disk. */
    const removeWhere = async (volume: string) => {
        const machine = new StubMachine({
            head: "for file; do :; done; case $file in *vm1-*) exit 1 ;; esac",
            virsh: `case $* in *vol-dumpxml*) ${volume} ;; *list*) echo vm1 ;; esac`,
            "qemu-img": "",
        });
        try {
            const pool = `${machine.dir}/pool`;
            for (const file of [base, disk]) machine.write(`pool/${file}`, "QFI");
            const { stdout } = await machine.run(removeImageScript(`${pool}/${base}`, { name: "p", path: pool }, URI), {
                POOL_DIR: pool,
            });
            return { stdout, files: readdirSync(pool).sort() };
        } finally {
            machine.dispose();
        }
    };
    const over = (name: string) =>
        `printf '<volume>\\n  <backingStore>\\n    <path>%s</path>\\n  </backingStore>\\n</volume>\\n' "$POOL_DIR/${name}"`;

    it("stays where libvirt says that it is under it, or cannot tell", async () => {
        for (const volume of [over(base), "exit 1"]) {
            const { stdout, files } = await removeWhere(volume);
            assert.match(stdout, /stays, since disks are made over it: .*vm1-01234567\.qcow2/);
            assert.deepEqual(files, [base, disk]);
        }
    });

    it("goes where libvirt says that another one is", async () => {
        assert.deepEqual((await removeWhere(over("base-other.qcow2"))).files, [disk]);
    });
});

describe("a pool that is to go", () => {
    it("is rid of what interrupted deployments have left, and of nothing else", async () => {
        const dir = mkdtempSync(join(tmpdir(), "fusion pool "));
        try {
            const base = `base-${"a".repeat(16)}.qcow2`;
            const seed = `vm1-${"b".repeat(12)}.img`;
            const logs = ["vm1-console.log", "vm1-console.log.0"];
            const left = [base, `${base}.download`, `${base}.qcow2`, seed, `${seed}.partial`, ...logs];
            const foreign = [
                ...["base-short.qcow2", "data.img", "vm1-12345678.qcow2", "notes.txt", "vm1-console.log.gz"],
                ...["my-precious-data.img", "web-installation.img.partial", "base-of-the-database.qcow2"],
            ];
            for (const name of [...left, ...foreign]) {
                writeFileSync(join(dir, name), "");
            }
            await run("sh", ["-s"], { input: emptyPoolScript(dir, URI) });
            assert.deepEqual(readdirSync(dir).sort(), foreign.sort());
        } finally {
            rmSync(dir, { recursive: true, force: true });
        }
    });

    it("is rid of the domains that stand for machines that were gone, and of no others", async () => {
        const title = placeholderTitle("/pool");
        const machine = new StubMachine({
            virsh: `case $* in
*" list "*) printf 'gone\\nfull\\ntheirs\\nelsewhere\\n' ;;
*"desc gone "* | *"desc full "*) echo '${title}' ;;
*"desc elsewhere "*) echo '${placeholderTitle("/other")}' ;;
*desc*) echo 'No title for domain: theirs' ;;
*"domblklist full "*) printf ' Type   Device   Target   Source\\n---\\n file   disk   vda   /pool/full.qcow2\\n' ;;
esac`,
            find: "",
        });
        try {
            const { code, stderr } = await machine.run(emptyPoolScript("/pool", URI));
            assert.equal(code, 0, stderr);
            assert.deepEqual(
                machine.calls().filter((call) => call.includes("undefine")),
                [`virsh --connect ${URI} undefine gone`],
            );
        } finally {
            machine.dispose();
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
