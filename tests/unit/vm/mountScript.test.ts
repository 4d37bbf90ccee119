import assert from "node:assert/strict";
import { type GuestMount, mountScript } from "../../../lib/vm/cloudInit/mountScript";
import { StubMachine } from "../../support/stubs";

const disk = (label: string, path: string): GuestMount => ({ device: "/dev/vdc", label, path, filesystem: "ext4" });
const units = ["docker", "containerd"];
const dropIn = (unit: string, label: string) => `etc/systemd/system/${unit}.service.d/10-fusion-${label}.conf`;
const entry = (label: string, path: string) =>
    `LABEL=${label} ${path} ext4 defaults,nofail,x-systemd.device-timeout=30s 0 2\n`;
const foreign = "# mine\nLABEL=theirs /srv/theirs ext4 defaults 0 2\nLABEL=data /srv/old ext4 noatime 0 2\n";

/** A guest whose disks have been mounted; `$BIN/at-FOLDER` has the device that is mounted there. */
function guestWith(...disks: [label: string, path: string][]): StubMachine {
    const at = (folder: string) => `"$BIN/at-$(echo "${folder}" | tr / _)"`;
    const guest = new StubMachine({
        blkid: `for word; do case $word in LABEL=gone) ;; LABEL=*) echo "/dev/by/$(echo "$word" | cut -c 7-)" ;; esac; done`,
        findmnt: `for folder; do :; done; cat ${at("$folder")} 2>/dev/null`,
        umount: `for folder; do :; done; [ ! -e "$BIN/busy" ] && rm ${at("$folder")}`,
        mount: `echo "$3" >${at("$4")}`,
        ...{ systemctl: "", resize2fs: "", mkdir: 'case $2 in /srv/*) ;; *) exec /bin/mkdir "$@" ;; esac' },
    });
    for (const [label, path] of disks) {
        for (const unit of units) guest.write(dropIn(unit, label), `[Unit]\nRequiresMountsFor=${path}\n`);
        if (label !== "gone") guest.write(`bin/at-${path.replaceAll("/", "_")}`, `/dev/by/${label}\n`);
    }
    guest.write("etc/fstab", foreign + disks.map(([label, path]) => entry(label, path)).join(""));
    guest.write(dropIn("docker", "proxy"), "[Service]\n");
    return guest;
}

const waitsFor = (guest: StubMachine, label: string): string | undefined => {
    try {
        return guest.read(dropIn("docker", label)) + guest.read(dropIn("containerd", label));
    } catch {
        return undefined;
    }
};
const twice = (path: string) => `[Unit]\nRequiresMountsFor=${path}\n`.repeat(2);
const ofDocker = (calls: string[]) => calls.filter((call) => /^(systemctl|u?mount)/.test(call));

describe("what data disks have left in a guest", () => {
    it("is taken away where they are listed no more, though none is left, and Docker is started", async () => {
        const guest = guestWith(["gone", "/srv/gone"]);
        try {
            const { code, stderr } = await guest.run(mountScript([]));
            assert.equal(code, 0, stderr);
            assert.equal(guest.read("etc/fstab"), foreign);
            assert.equal(waitsFor(guest, "gone"), undefined);
            assert.equal(guest.read(dropIn("docker", "proxy")), "[Service]\n");
            assert.deepEqual(ofDocker(guest.calls()), [
                "systemctl stop docker.socket docker containerd",
                "systemctl daemon-reload",
                "systemctl start --no-block containerd docker.socket docker",
            ]);
        } finally {
            guest.dispose();
        }
    });

    it("moves with a disk that is elsewhere, or has another name at the same folder", async () => {
        const guest = guestWith(["data", "/srv/data"], ["gone", "/srv/same"]);
        try {
            const { code, stderr } = await guest.run(
                mountScript([disk("data", "/srv/more"), disk("new", "/srv/same")]),
            );
            assert.equal(code, 0, stderr);
            assert.equal(guest.read("etc/fstab"), foreign + entry("data", "/srv/more") + entry("new", "/srv/same"));
            assert.equal(waitsFor(guest, "data"), twice("/srv/more"));
            assert.equal(waitsFor(guest, "new"), twice("/srv/same"));
            assert.equal(waitsFor(guest, "gone"), undefined);
            assert.deepEqual(
                guest.calls().filter((call) => /^u?mount/.test(call)),
                ["umount -R /srv/data", "mount -t ext4 /dev/by/data /srv/more", "mount -t ext4 /dev/by/new /srv/same"],
            );
        } finally {
            guest.dispose();
        }
    });

    it("stays where the disks are as they were, and Docker is not touched", async () => {
        const guest = guestWith(["data", "/srv/data"]);
        try {
            const { code, stderr } = await guest.run(mountScript([disk("data", "/srv/data")]));
            assert.equal(code, 0, stderr);
            assert.deepEqual(ofDocker(guest.calls()), ["systemctl daemon-reload"]);
        } finally {
            guest.dispose();
        }
    });

    it("is found again by the next run where a folder is in use", async () => {
        const guest = guestWith(["data", "/srv/data"]);
        try {
            guest.write("bin/busy", "");
            const { code, stderr } = await guest.run(mountScript([disk("data", "/srv/more")]));
            assert.equal(code, 1);
            assert.match(
                stderr,
                /^the disk for \/srv\/data: it is in use and cannot be unmounted; see with: fuser -vm/m,
            );
            assert.equal(waitsFor(guest, "data"), twice("/srv/data"));
        } finally {
            guest.dispose();
        }
    });
});

describe("a disk whose folder is another's", () => {
    it("is not taken for mounted", async () => {
        const guest = guestWith(["data", "/srv/data"]);
        try {
            guest.write("bin/at-_srv_data", "/dev/by/theirs\n");
            const { code, stderr } = await guest.run(mountScript([disk("data", "/srv/data")]));
            assert.equal(code, 1);
            assert.match(stderr, /^the disk for \/srv\/data: \/dev\/by\/theirs is mounted there; unmount it/m);
        } finally {
            guest.dispose();
        }
    });
});
