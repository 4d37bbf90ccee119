import { createHash } from "node:crypto";
import { createReadStream, existsSync, readdirSync, readFileSync } from "node:fs";
import { copyFile, mkdir, readFile, rename, rm, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { cacheDir } from "../paths";
import { type Progress, step } from "../progress";
import { run } from "../run";
import { requireDebian } from "./debian";
import { makeRoot } from "./debian-root";
import { bootArea, PARTITION_START, writeBootArea } from "./disk";
import { locked, shortHash } from "./lock";

export interface GuestImage {
    /** Path of a qcow2 disk. */
    source: string;
    sha256: string;
    /** The guest's kernel, for trying whether KVM can run it. */
    kernel: string;
}

/** The file system grows to its volume at the first start; the image itself only has to hold the packages. */
const DISK_MIB = 2048;
/** The `f0510000` of `PARTUUID=f0510000-01` in the guest's grub.cfg and fstab. */
const DISK_SIGNATURE = 0xf0510000;

const PACKAGES = [
    ...["linux-image-cloud-amd64", "initramfs-tools", "lz4", "grub-pc-bin", "systemd-sysv", "udev", "dbus"],
    ...["cloud-init", "cloud-guest-utils", "openssh-server", "ca-certificates", "iproute2", "iptables"],
    ...["docker.io", "apparmor", "sudo", "curl", "haproxy", "socat"],
];

const OPTIONS = [
    ...["doc", "man", "locale", "info"].map((name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`),
    `--customize-hook=${join(__dirname, "guest", "customize.sh")}`,
];

/** The image that guests of a lab start from; built at the first call on a machine (about 2 minutes), then cached. */
export async function guestImage(): Promise<GuestImage> {
    const folder = join(cacheDir, `guest-${requireDebian()}-${recipeHash()}`);
    const say = () => console.error("  waiting for another process that builds the guest image");
    if (!existsSync(folder)) {
        await mkdir(cacheDir, { recursive: true });
        await locked(`${cacheDir}/guest`, say, async () => {
            if (!existsSync(folder)) {
                await step("building the guest image", (progress) => build(folder, progress));
            }
        });
    }
    const sha256 = (await readFile(join(folder, "sha256"), "utf8")).trim();
    return { source: join(folder, "disk.qcow2"), sha256, kernel: join(folder, "vmlinuz") };
}

/** Changes when anything that the image is made of changes, the packages' own versions apart. */
function recipeHash(): string {
    const guest = join(__dirname, "guest");
    const files = readdirSync(guest, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .sort();
    const own = [__filename, join(__dirname, "disk.ts")];
    return shortHash([...own, ...files].map((file) => readFileSync(file, "utf8")).join("\0"), 12);
}

async function build(folder: string, progress: Progress): Promise<void> {
    const partial = join(cacheDir, "guest.partial");
    // The lock is held, so what is there was left by a build that was ended.
    await rm(partial, { recursive: true, force: true });
    await mkdir(partial);
    const root = join(partial, "root");
    await makeRoot(root, { variant: "apt", packages: PACKAGES, options: OPTIONS }, partial, progress);
    progress.update("writing the disk");
    await makeDisk(root, join(partial, "disk.raw"));
    await run("qemu-img", ["convert", "-O", "qcow2", "disk.raw", "disk.qcow2"], { cwd: partial });
    await copyFile(join(root, "vmlinuz"), join(partial, "vmlinuz"));
    await writeFile(join(partial, "sha256"), `${await fileSha256(join(partial, "disk.qcow2"))}\n`);
    await rm(join(partial, "disk.raw"));
    await rm(root, { recursive: true });
    await rename(partial, folder);
}

async function makeDisk(root: string, disk: string): Promise<void> {
    await writeFile(disk, "");
    await truncate(disk, DISK_MIB * 2 ** 20);
    const offset = PARTITION_START * 512;
    const blocks = (DISK_MIB * 2 ** 20 - offset) / 4096;
    const features = ["-b", "4096", "-E", `offset=${offset},lazy_itable_init=0,root_owner=0:0`];
    await run("mke2fs", ["-q", "-F", "-t", "ext4", ...features, "-d", root, disk, String(blocks)]);
    const grub = join(root, "boot", "grub");
    const [boot, core] = await Promise.all(["boot.img", "core.img"].map((name) => readFile(join(grub, name))));
    if (boot === undefined || core === undefined) {
        throw new Error(`${grub} lacks GRUB's images`);
    }
    await writeBootArea(disk, bootArea(boot, core, (await stat(disk)).size / 512, DISK_SIGNATURE));
}

async function fileSha256(path: string): Promise<string> {
    const hash = createHash("sha256");
    await pipeline(createReadStream(path), hash);
    return hash.digest("hex");
}
