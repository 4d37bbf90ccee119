import assert from "node:assert/strict";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { commandLine } from "../../lib/shell";
import { type GuestMount, mountScript } from "../../lib/vm/cloudInit/mountScript";
import { run } from "../../tools/run";
import { needPrograms } from "../support/programs";

const MIB = 2 ** 20;

/** Real disks (loop devices), real file systems and a real mount; `/etc` and the mounts are a namespace's own. */
describe("the mounting of data disks", () => {
    const dir = mkdtempSync(join(tmpdir(), "fusion-disks-"));
    const etc = join(dir, "etc");
    const label = `fus${process.pid}`;
    const devices: string[] = [];

    const attachDisk = async (name: string, sizeMiB: number): Promise<string> => {
        const file = join(dir, name);
        writeFileSync(file, "");
        truncateSync(file, sizeMiB * MIB);
        const device = (await run("losetup", ["--find", "--show", file])).stdout.trim();
        devices.push(device);
        return device;
    };
    const detachAll = async () => {
        for (const device of devices.splice(0)) await run("losetup", ["--detach", device]);
    };
    const mount = (device: string): GuestMount => ({ device, label, path: join(dir, "data"), filesystem: "ext4" });

    /** Runs the script in a machine that has just started, then what is to be seen there. */
    const boot = async (mounts: GuestMount[], then = "true") => {
        const inside = [
            `mount --bind ${commandLine([etc])} /etc`,
            // The service manager of this machine is none of the test's business.
            `systemctl() { echo "systemctl $*" >>${commandLine([join(dir, "calls")])}; }`,
            mountScript(mounts),
            then,
        ].join("\n");
        return run("unshare", ["--mount", "sh", "-c", inside], { allowFailure: true });
    };
    const look = `cat ${join(dir, "data")}/kept; df --output=size -B 1M ${join(dir, "data")} | tail -n 1`;

    before(() => needPrograms("losetup", "mkfs.ext4", "wipefs", "blkid", "unshare"));
    beforeEach(() => {
        mkdirSync(etc, { recursive: true });
        // Through it this machine finds its awk.
        if (existsSync("/etc/alternatives")) {
            cpSync("/etc/alternatives", join(etc, "alternatives"), { recursive: true, verbatimSymlinks: true });
        }
        writeFileSync(join(etc, "fstab"), "# a comment\n/dev/vda1 / ext4 defaults 0 1");
    });
    afterEach(async () => {
        await detachAll();
        rmSync(etc, { recursive: true, force: true });
    });
    after(() => rmSync(dir, { recursive: true, force: true }));

    const fstab = () => readFileSync(join(etc, "fstab"), "utf8");

    it("formats a blank disk, mounts it by its label, and holds Docker back until then", async () => {
        const disk = await attachDisk("blank", 64);
        const { code, stderr } = await boot(
            [mount(disk)],
            `findmnt -n -o SOURCE ${join(dir, "data")} | grep -qx ${disk}`,
        );
        assert.equal(code, 0, stderr);
        assert.equal(
            fstab(),
            `# a comment\n/dev/vda1 / ext4 defaults 0 1\nLABEL=${label} ${join(dir, "data")} ext4 defaults,nofail,x-systemd.device-timeout=30s 0 2\n`,
        );
        for (const unit of ["docker", "containerd"]) {
            const text = readFileSync(join(etc, `systemd/system/${unit}.service.d/10-fusion-${label}.conf`), "utf8");
            assert.equal(text, `[Unit]\nRequiresMountsFor=${join(dir, "data")}\n`);
        }
        assert.equal(readFileSync(join(dir, "calls"), "utf8"), "systemctl daemon-reload\n");
    });

    it("keeps what is on it: at a second start, and in a new machine, by another name", async () => {
        const disk = await attachDisk("kept", 64);
        const { code, stderr } = await boot([mount(disk)], `echo precious >${join(dir, "data")}/kept`);
        assert.equal(code, 0, stderr);
        const before = fstab();
        const again = await boot([mount(disk)], look);
        assert.match(again.stdout, /^precious\n\s+5\d$/m, again.stderr);
        assert.equal(fstab(), before);

        // A new machine over the same disk, which has another name, while the old name is a blank disk's.
        writeFileSync(join(etc, "fstab"), "");
        await run("losetup", ["--detach", disk]);
        devices.pop();
        const blank = await attachDisk("other", 64);
        const moved = (await run("losetup", ["--find", "--show", join(dir, "kept")])).stdout.trim();
        devices.push(moved);
        const after = await boot([mount(blank)], look);
        assert.match(after.stdout, /^precious\n\s+5\d$/m, after.stderr);
        assert.equal((await run("wipefs", [blank])).stdout, "", "the blank disk stays blank");
    });

    it("lets the file system grow to its disk", async function () {
        // Some containers' root may not resize a mounted file system (CAP_SYS_RESOURCE).
        const effective = /^CapEff:\s*(\w+)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? "0";
        if ((BigInt(`0x${effective}`) & (1n << 24n)) === 0n) {
            console.log(
                "      not run: root has no CAP_SYS_RESOURCE here; existingHost.test.ts shows the same in a guest",
            );
            this.skip();
        }
        const disk = await attachDisk("grows", 64);
        const { code, stderr } = await boot([mount(disk)], `echo precious >${join(dir, "data")}/kept`);
        assert.equal(code, 0, stderr);
        truncateSync(join(dir, "grows"), 256 * MIB);
        await run("losetup", ["--set-capacity", disk]);
        const grown = await boot([mount(disk)], look);
        assert.match(grown.stdout, /^precious\n\s+2\d\d$/m, grown.stderr);
    });

    it("never formats a disk with another file system, a table of partitions, or data that it does not know", async () => {
        for (const [spoil, says] of [
            [
                (disk: string) => run("mkfs.ext4", ["-q", "-L", "theirs", disk]),
                /something else .* left alone:[\s\S]*ext4/,
            ],
            [
                // The table of a whole disk's one partition, from sector 2048 on.
                (disk: string) => {
                    const entry = [0, 0, 0, 0, 0x83, 0, 0, 0, 0, 8, 0, 0, 0, 8, 0, 0];
                    const table = Buffer.alloc(512);
                    table.set(entry, 446);
                    table.set([0x55, 0xaa], 510);
                    writeFileSync(disk, table);
                },
                /left alone:[\s\S]*dos/,
            ],
            [
                (disk: string) => run("dd", [`of=${disk}`, "bs=1", "seek=70000", "conv=notrunc"], { input: "raw" }),
                /has data, but no file system that is known/,
            ],
        ] as const) {
            const disk = await attachDisk("theirs", 64);
            await spoil(disk);
            const sum = async () => (await run("sha256sum", [disk])).stdout;
            const before = await sum();
            const { code, stderr } = await boot([mount(disk)]);
            assert.equal(code, 1);
            assert.match(stderr, says);
            assert.equal(await sum(), before);
            await detachAll();
        }
    });

    it("says which disk is missing, and leaves Docker waiting for it", async () => {
        const script = mountScript([mount("/dev/fusion-none")]).replace("sleep 1", ":");
        const { code, stderr } = await run(
            "unshare",
            ["--mount", "sh", "-c", `mount --bind ${etc} /etc\nsystemctl() { :; }\n${script}`],
            { allowFailure: true },
        );
        assert.equal(code, 1);
        assert.match(
            stderr,
            /^the disk for \S+\/data: there is no \/dev\/fusion-none, and no file system labelled \S+, after 30 s$/m,
        );
        assert.match(
            readFileSync(join(etc, `systemd/system/docker.service.d/10-fusion-${label}.conf`), "utf8"),
            /data/,
        );
    });
});
