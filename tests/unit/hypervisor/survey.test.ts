import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readSurvey } from "../../../lib/hypervisor/readSurvey";
import { type HypervisorSurvey, surveyor } from "../../../lib/hypervisor/survey";
import { MARK, surveyScript } from "../../../lib/hypervisor/surveyScript";
import { assertGolden } from "../../support/golden";
import { needPrograms } from "../../support/programs";

const part = (name: string, text = "") => `\n${MARK}${name}\n${text}\n`;
const uuid = "477d5335-f231-473a-afeb-0e526da3e6ab";

/** As a hypervisor with libvirt 9.0 has written it, with odd names. */
const written = [
    part("libvirt", "Using library: libvirt 11.3.0\nRunning hypervisor: QEMU 7.2.22\nRunning against daemon: 9.0.0"),
    part("domain-names", `${uuid} it's 1\n5f1f3e1e-0000-0000-0000-000000000000 b`),
    part("autostart", "it's 1"),
    part(
        "domains",
        "Domain: 'it's 1'\n  state.state=1\n  balloon.maximum=2097152\n  vcpu.current=2\n  vcpu.maximum=4\n\nDomain: 'b'\n  state.state=5\n  balloon.maximum=65536\n  vcpu.current=1",
    ),
    part("active", uuid),
    part(
        "networks",
        `<network connections='1'>\n  <name>n &amp; 1</name>\n  <uuid>${uuid}</uuid>\n  <forward mode='nat'/>
  <bridge name='virbr0' stp='on'/>\n  <ip address='10.91.0.1' netmask='255.255.254.0'>\n  </ip>
  <ip family='ipv6' address='fd00:1::1' prefix='64'>\n  </ip>
  <route family='ipv4' address='10.5.0.0' prefix='16' gateway='10.91.0.2'/>\n</network>
<network>\n  <name>direct</name>\n  <uuid>x</uuid>\n  <forward mode='bridge'><interface dev='eth0'/></forward>\n</network>`,
    ),
    part(
        "pools",
        "<pool type='dir'>\n  <name>p1</name>\n  <target>\n    <path>/srv/a&amp;b</path>\n  </target>\n</pool>",
    ),
    part(
        "security",
        "<secmodel>\n<model>apparmor</model>\n</secmodel>\n<secmodel>\n<model>dac</model>\n<baselabel type='kvm'>+64055:+109</baselabel>\n</secmodel>",
    ),
    part(
        "facts",
        "host=rack1\nuser=ann\nuid=7\ncpus=4\nmemTotal=8388608\nmemAvailable=4194304\nkvm=yes\napparmor=Y\nbridgeNetfilter=1\nforward=DROP\nfirewallBackend=iptables",
    ),
    part(
        "routes",
        "default via 192.0.2.1 dev eth0 \n10.0.0.0/8 via 192.0.2.9 dev tun0 proto static\n192.0.2.0/24 dev eth0 proto kernel\nunreachable 10.9.9.9 dev lo\nblackhole 10.8.0.0/16 \nprohibit 10.7.0.0/16 proto static\nfd00:5::/64 dev eth0 proto kernel metric 256\nfe80::/64 dev eth0\ndefault via fd00:5::1 dev eth0",
    ),
    part(
        "addresses",
        "1: lo    inet 127.0.0.1/8 scope host lo\n4: eth0@if5    inet 192.0.2.2/24 brd 192.0.2.255 scope global eth0\n4: eth0    inet6 fe80::1/64 scope link",
    ),
    part("devices", "eth0\nlo"),
    part(
        "programs",
        "haproxy HAProxy version 2.6.12-1+deb12u4 2026/10/17\nsocat \ndocker Docker version 28.2.2, build e6534b4",
    ),
    part("storage", "writable=yes\nowner=root:root 755\nfreeKiB=10485760\nqemuUser=libvirt-qemu\nclosedTo=/srv"),
    part("images", "8 512 /pool/base-a b.qcow2\n4096 512 /pool/base-c.qcow2"),
    part("overlays", "/pool/base-a b.qcow2\t/elsewhere/vm 1.qcow2"),
    part("end"),
].join("");

describe("what a survey's script writes", () => {
    it("is the script in tests/golden", () => {
        assertGolden(
            "hypervisor/survey.sh",
            surveyScript({ localUri: "qemu:///system", poolPath: "/pool", images: true }),
        );
    });

    it("is read whole", () => {
        const domain = { vcpus: 2, memoryMiB: 2048, autostart: true };
        const expected: HypervisorSurvey = {
            reachable: true,
            ...{ host: "rack1", user: "ann", root: false, libvirt: "9.0.0", qemu: "7.2.22", kvmDevice: true, cpus: 4 },
            memoryMiB: { total: 8192, available: 4096 },
            storage: {
                ...{
                    path: "/pool",
                    exists: false,
                    writable: true,
                    owner: "root:root 755",
                    freeGiB: 10,
                    closedTo: "/srv",
                    files: undefined,
                },
            },
            ...{ qemuUser: "libvirt-qemu", apparmor: true, securityModels: ["apparmor", "dac"] },
            ...{ bridgeNetfilter: true, forwardPolicy: "DROP", firewallBackend: "iptables" },
            domains: new Map([
                ["it's 1", { uuid, state: "running", ...domain }],
                [
                    "b",
                    {
                        uuid: "5f1f3e1e-0000-0000-0000-000000000000",
                        state: "shut off",
                        ...{ memoryMiB: 64, vcpus: 1, autostart: false },
                    },
                ],
            ]),
            networks: new Map([
                [
                    "n & 1",
                    { uuid, bridge: "virbr0", active: true, cidrs: ["10.91.0.0/23", "fd00:1::/64", "10.5.0.0/16"] },
                ],
                ["direct", { uuid: "x", bridge: undefined, active: false, cidrs: [] }],
            ]),
            pools: new Map([["p1", "/srv/a&b"]]),
            routes: [
                { cidr: "10.0.0.0/8", device: "tun0" },
                { cidr: "192.0.2.0/24", device: "eth0" },
                { cidr: "10.9.9.9/32", device: "lo" },
                { cidr: "10.8.0.0/16", device: "" },
                { cidr: "10.7.0.0/16", device: "" },
                { cidr: "fd00:5::/64", device: "eth0" },
            ],
            devices: ["eth0", "lo"],
            baseImages: [
                { file: "base-a b.qcow2", sizeMiB: 1, usedBy: ["/elsewhere/vm 1.qcow2"] },
                { file: "base-c.qcow2", sizeMiB: 2, usedBy: [] },
            ],
            programs: new Map([
                ["haproxy", "2.6.12"],
                ["socat", ""],
                ["docker", "28.2.2"],
            ]),
        };
        assert.deepEqual(readSurvey(written, "/pool"), expected);
    });

    it("counts for nothing when it was cut off", () => {
        assert.equal(readSurvey(written.slice(0, -20), "/pool"), undefined);
    });

    it("lets a disk that cannot be read use every base image", () => {
        const unknown = written.replace("/pool/base-a b.qcow2\t/elsewhere", "?\t/elsewhere");
        const images = readSurvey(unknown, "/pool")?.baseImages ?? [];
        assert.deepEqual(
            images.map(({ usedBy }) => usedBy),
            [["/elsewhere/vm 1.qcow2"], ["/elsewhere/vm 1.qcow2"]],
        );
    });
});

// libvirt's test driver is in the client: no daemon is needed.
describe("a survey of libvirt's test driver on this machine", () => {
    let dir = "";
    before(() => needPrograms("virsh", "qemu-img"));
    beforeEach(() => {
        dir = mkdtempSync(join(tmpdir(), "fusion-survey-"));
    });
    afterEach(() => rmSync(dir, { recursive: true, force: true }));

    const survey = (pool: string, images = false): HypervisorSurvey => {
        const input = surveyScript({ localUri: "test:///default", poolPath: pool, images });
        const found = readSurvey(execFileSync("sh", ["-s"], { input, encoding: "utf8" }), pool);
        assert.ok(found);
        return found;
    };
    const qcow2 = (name: string, ...more: string[]) =>
        execFileSync("qemu-img", ["create", "-q", "-f", "qcow2", ...more, join(dir, name), "1M"]);

    it("finds its domain, network and pool, and what this machine is", () => {
        const found = survey(dir);
        assert.equal(found.domains.get("test")?.state, "running");
        assert.equal(found.domains.get("test")?.autostart, false);
        assert.deepEqual(found.networks.get("default")?.cidrs, ["192.168.122.0/24"]);
        assert.equal(found.pools.get("default-pool"), "/default-pool");
        assert.ok(found.memoryMiB.total >= found.memoryMiB.available && found.memoryMiB.available > 0);
        assert.ok(found.cpus > 0 && found.host !== "" && found.devices.includes("lo"));
        assert.ok(found.storage.exists && found.storage.writable && found.storage.freeGiB > 0);
        assert.ok(!found.routes.some(({ cidr }) => cidr.startsWith("127.")));
        assert.match(found.programs.get("qemu-img") ?? "", /^\d+\.\d+/);
    });

    it("tells of a pool that is not there what is above it", () => {
        const { exists, writable, freeGiB } = survey(join(dir, "a", "b")).storage;
        assert.deepEqual({ exists, writable, free: freeGiB > 0 }, { exists: false, writable: true, free: true });
    });

    it("tells what is in the way of a pool and is no directory", () => {
        const file = join(dir, "file");
        writeFileSync(file, "");
        assert.equal(survey(file).storage.blockedBy, file);
        assert.equal(survey(join(file, "pool")).storage.blockedBy, file);
        assert.equal(survey(dir).storage.blockedBy, undefined);
    });

    it("finds which base images have disks over them, and asks only when told to", () => {
        for (const name of ["base-1.qcow2", "base-2.qcow2", "base-3.qcow2"]) qcow2(name);
        qcow2("vm1.qcow2", "-F", "qcow2", "-b", join(dir, "base-1.qcow2"));
        qcow2("snapshot.qcow2", "-F", "qcow2", "-b", "base-2.qcow2");
        assert.deepEqual(
            survey(dir, true).baseImages.map(({ file, usedBy }) => [file, usedBy]),
            [
                ["base-1.qcow2", [join(dir, "vm1.qcow2")]],
                ["base-2.qcow2", [join(dir, "snapshot.qcow2")]],
                ["base-3.qcow2", []],
            ],
        );
        assert.deepEqual(survey(dir).baseImages, []);
    });

    it("says which directory QEMU's user may not pass", function () {
        if (process.getuid?.() !== 0) {
            console.log("      not run: only root can be somebody else");
            this.skip();
        }
        mkdirSync(join(dir, "closed", "pool"), { recursive: true });
        chmodSync(dir, 0o755);
        chmodSync(join(dir, "closed"), 0o700);
        // The test driver names no user: a virsh before the real one does.
        const bin = join(dir, "bin");
        mkdirSync(bin);
        const label = "<secmodel><model>dac</model><baselabel type='kvm'>+65534:+65534</baselabel></secmodel>";
        const real = execFileSync("sh", ["-c", "command -v virsh"], { encoding: "utf8" }).trim();
        const fake = `#!/bin/sh\ncase "$*" in *capabilities) echo "${label}" ;; *) exec ${real} "$@" ;; esac\n`;
        execFileSync("sh", ["-c", 'cat >"$1" && chmod 755 "$1"', "sh", join(bin, "virsh")], { input: fake });
        const run = (pool: string) => {
            const input = surveyScript({ localUri: "test:///default", poolPath: pool, images: false });
            const env = { ...process.env, PATH: `${bin}:${process.env.PATH}` };
            return readSurvey(execFileSync("sh", ["-s"], { input, encoding: "utf8", env }), pool);
        };
        const found = run(join(dir, "closed", "pool"));
        assert.deepEqual([found?.qemuUser, found?.storage.closedTo], ["nobody", join(dir, "closed")]);
        chmodSync(join(dir, "closed"), 0o711);
        assert.equal(run(join(dir, "closed", "pool"))?.storage.closedTo, undefined);
    });

    it("is made once for all who ask in a program run", async () => {
        const uri = "test:///default";
        const target = { connection: { uri, localUri: uri, ssh: undefined, session: false }, pool: { path: dir } };
        const [one, other] = [surveyor.survey(target), surveyor.survey(target)];
        assert.equal(one, other);
        assert.notEqual(one, surveyor.survey(target, true));
        assert.equal((await one).reachable, true);
    });
});
