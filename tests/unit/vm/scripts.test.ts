import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { labelsXml } from "../../../lib/vm/createMachine";
import { applyScript, stopScript } from "../../../lib/vm/domainScripts";
import { readFacts, writeFacts } from "../../../lib/vm/machineFacts";
import { type MachineTarget, readyScript, stopCommand, waitScript } from "../../../lib/vm/readyScript";
import { renderCloudInit } from "../../../lib/vm/renderCloudInit";
import { seedScript, textHash } from "../../../lib/vm/seedScript";
import { run } from "../../../tools/run";
import { facts, guest } from "../../support/documents";
import { assertGolden } from "../../support/golden";
import { needPrograms } from "../../support/programs";
import { StubMachine } from "../../support/stubs";

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

    it("has another name when a text differs", () => {
        assert.match(textHash(documents.userData), /^[0-9a-f]{12}$/);
        assert.equal(textHash(documents.userData), textHash(`${documents.userData}`));
        assert.notEqual(textHash(documents.userData), textHash(`${documents.userData} `));
    });
});

describe("what a guest says of itself", () => {
    const dir = mkdtempSync(join(tmpdir(), "fusion-guest-"));
    const result = join(dir, "result.json");
    after(() => rmSync(dir, { recursive: true, force: true }));
    const stub = (name: string, text: string) =>
        writeFileSync(join(dir, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    const say = async (left = 1) => {
        stub("cloud-init", "exit 0");
        const input = `LEFT=${left}\n${waitScript.replace("/run/cloud-init/result.json", result)}`;
        const env = { ...process.env, PATH: `${dir}:${process.env.PATH}` };
        return (await run("sh", ["-s"], { input, env })).stdout.trim().split("\n");
    };

    it("is what is missing, in time: cloud-init first, then Docker", async () => {
        stub("docker", "echo 'Cannot connect to the Docker daemon' >&2; exit 1");
        assert.deepEqual(await say(), ["cloud-init is not done"]);
        writeFileSync(result, '{\n "v1": {\n  "datasource": "DataSourceNoCloud",\n  "errors": []\n }\n}\n');
        assert.deepEqual(await say(), ["Docker does not answer: Cannot connect to the Docker daemon"]);
        stub("docker", "exit 0");
        assert.deepEqual(await say(), ["ready"]);
    });

    it("is each error of cloud-init, by module, and the end of its log", async () => {
        const errors = [
            "('scripts_user', RuntimeError('Runparts: 1 failures (runcmd) in 1 attempted commands'))",
            "('package_update_upgrade_install', ProcessExecutionError())",
        ];
        writeFileSync(result, JSON.stringify({ v1: { datasource: "DataSourceNoCloud", errors } }, undefined, 1));
        stub("sudo", "echo 'E: Unable to locate package no-such-thing'");
        assert.deepEqual(await say(), [
            "cloud-init: scripts_user: RuntimeError('Runparts: 1 failures (runcmd) in 1 attempted commands')",
            "cloud-init: package_update_upgrade_install: ProcessExecutionError()",
            "| E: Unable to locate package no-such-thing",
            "failed: cloud-init has errors, above by module",
        ]);
    });
});

describe("waiting for a machine", () => {
    const guestTarget = { address: "10.77.0.11", user: "fusion", hostKey: "ssh-ed25519 HOST" };
    const target: MachineTarget = {
        name: "vm1",
        guest: guestTarget,
        hypervisor: undefined,
        consoleLog: "/pool/vm1-console.log",
    };
    const apply = applyScript({
        ...{ name: "vm1", libvirtUri: "qemu:///system", vcpus: 2, memoryMiB: 2048, consoleLog: target.consoleLog },
        ...{ description: "it's web", labels: labelsXml({ zone: "a", '<"&': "'" }) },
        disks: [
            { path: "/pool/vm1-01234567.qcow2", gib: 10 },
            { path: "/pool/vm1-data-data.qcow2", gib: 20 },
        ],
    });
    const plan = {
        made: writeFacts(facts),
        apply,
        starts: 0,
        mount: "echo mounting",
        disks: "data /srv/data",
        timezone: "Etc/UTC",
    };

    it("is the script in tests/golden", () => assertGolden("vm/ready.sh", readyScript(target, plan, 900)));

    it("begins on the hypervisor with the script in tests/golden", () => assertGolden("vm/apply.sh", apply));

    it("ends with the command in tests/golden, which shuts it down", () =>
        assertGolden("vm/stop.sh", stopCommand(target, stopScript("vm1", "qemu:///system", target.consoleLog, 90))));

    it("keeps what the machine is made of in the script", () => {
        assert.deepEqual(readFacts(readyScript(target, plan, 900)), facts);
        const odd = { ...facts, description: 'it\'s "odd"\\ $HOME `x`' };
        assert.deepEqual(readFacts(readyScript(target, { ...plan, made: writeFacts(odd) }, 900)), odd);
        assert.equal(readFacts("set -eu\nNAME=vm1\n"), undefined);
    });

    it("gives up after its time with what was missing last, the console, and what to do", async () => {
        await needPrograms("ssh");
        const dir = mkdtempSync(join(tmpdir(), "fusion-ready-"));
        try {
            const consoleLog = join(dir, "console.log");
            writeFileSync(consoleLog, "GRUB\r\nKernel panic - not syncing: no root\r\n");
            // Nothing listens on port 1 of the loopback.
            const gone = { ...target, consoleLog, guest: { ...guestTarget, address: "127.0.0.1", port: 1 } };
            const script = readyScript(gone, { ...plan, apply: "echo domain 0123" }, 2);
            const { code, stdout, stderr } = await run("sh", ["-s"], {
                input: script,
                allowFailure: true,
                timeout: 60_000,
            });
            assert.equal(code, 1);
            assert.match(stdout, /^waiting for vm1 \(\d+ s\): .*Connection refused$/m);
            assert.equal(stdout.trim().split("\n").length, 1, "what is awaited is said once");
            assert.match(
                stderr,
                /^vm1 \(127\.0\.0\.1\) is not ready after \d+ s; the last answer: .*Connection refused$/m,
            );
            assert.match(stderr, /^console: Kernel panic - not syncing: no root$/m);
            assert.match(stderr, /give it longer with readyTimeoutSeconds/);
            // A folder is there and cannot be read as a file, whoever asks.
            const blind = readyScript({ ...gone, consoleLog: dir }, { ...plan, apply: "echo domain 0123" }, 1);
            const said = await run("sh", ["-s"], { input: blind, allowFailure: true, timeout: 60_000 });
            assert.match(said.stderr, /^console: \S+fusion-ready-\S+ cannot be read$/m);
        } finally {
            rmSync(dir, { recursive: true, force: true });
        }
    });

    it("says what it awaits twice a minute, and last that it is ready, and of a time zone without effect", async () => {
        const guest = new StubMachine({
            // Each look at the clock is twelve seconds later.
            date: 'n=$(cat "$BIN/clock" 2>/dev/null || echo 0); echo $((n + 12)) | tee "$BIN/clock"',
            ssh: `case $* in *" -O "*) exit 0 ;; esac
n=$(cat "$BIN/asked" 2>/dev/null || echo 0); echo $((n + 1)) >"$BIN/asked"
[ $n -ge 8 ] || { echo "connect: Connection refused" >&2; exit 255; }
sh -s`,
            docker: "",
            tee: 'cat >"$1"; cat "$1"',
            ...{ sleep: "", sudo: "", findmnt: "", readlink: "", basename: "", cksum: "cat" },
        });
        try {
            const script = readyScript(
                target,
                { ...plan, apply: "echo domain 0123", disks: "", timezone: "No/Where" },
                900,
            );
            const { code, stdout, stderr } = await guest.run(script);
            assert.equal(code, 0, stderr);
            const lines = stdout.trim().split("\n");
            const waits = lines.filter((line) => line.endsWith("Connection refused"));
            const times = waits.map((line) => Number(/\((\d+) s\)/.exec(line)?.[1]));
            assert.ok(times.length >= 3, stdout);
            assert.ok(
                times.every(
                    (time, i) => i === 0 || (time - (times[i - 1] ?? 0) >= 30 && time - (times[i - 1] ?? 0) < 60),
                ),
                stdout,
            );
            assert.match(lines.at(-1) ?? "", /^vm1 is ready after \d+ s$/);
            assert.equal(lines.at(-2), "domain 0123");
            assert.match(
                lines.at(-3) ?? "",
                /^vm1: the time zone No\/Where is without effect, since the image has no data of it; add tzdata to packages$/,
            );
        } finally {
            guest.dispose();
        }
    });

    it("has the guest rid of what other disks have left before it waits for Docker, which would never start", async () => {
        const waits = "/etc/systemd/system/docker.service.d/10-fusion-old.conf";
        const guest = new StubMachine({
            date: 'n=$(cat "$BIN/clock" 2>/dev/null || echo 0); echo $((n + 1)) | tee "$BIN/clock"',
            tee: 'cat >"$1"; cat "$1"',
            ssh: 'case $* in *" -O "*) exit 0 ;; esac\nsh -s',
            docker: 'cd "$BIN/.." && [ ! -e etc/systemd/system/docker.service.d/10-fusion-old.conf ]',
            sudo: 'shift; exec "$@"',
            ...{ sleep: "", findmnt: "", readlink: "", basename: "", cksum: "cat" },
        });
        try {
            guest.write(waits.slice(1), "[Unit]\nRequiresMountsFor=/srv/old\n");
            guest.write("etc/systemd/system/docker.service.d/10-fusion-proxy.conf", "[Service]\n");
            const mount = `echo mounting >>/var/lib/calls; rm -f ${waits}`;
            guest.write("var/lib/calls", "");
            const ready = (disks: string) =>
                guest.run(readyScript(target, { ...plan, apply: "echo domain 0123", disks, mount, timezone: "" }, 900));
            const { code, stdout, stderr } = await ready("");
            assert.equal(code, 0, stderr);
            assert.match(stdout, /^waiting for vm1 \(\d+ s\): its data disks have changed$/m);
            assert.equal(guest.read("var/lib/calls"), "mounting\n");
            assert.equal((await ready("")).code, 0);
            assert.equal(guest.read("var/lib/calls"), "mounting\n", "nothing is run where nothing is left");
        } finally {
            guest.dispose();
        }
    });

    it("says what the hypervisor refuses, and asks no guest then", async () => {
        const refused = { ...plan, apply: "echo 'failed: vm1: no such file (virsh start)' >&2; exit 1" };
        const { code, stdout, stderr } = await run("sh", ["-s"], {
            input: readyScript(target, refused, 60),
            allowFailure: true,
        });
        assert.equal(code, 1);
        assert.equal(stdout, "");
        assert.match(stderr, /no such file \(virsh start\)/);
    });
});
