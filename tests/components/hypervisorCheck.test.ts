import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import * as fusion from "../../lib";
import { kvm } from "../../lib/hypervisor/kvmScript";
import { pathLook } from "../../lib/hypervisor/lookAtPaths";
import type { HypervisorSurvey, Unreachable } from "../../lib/hypervisor/survey";
import { type FarmArgs, farm } from "../support/farm";
import { type ProgramResult, runProgram } from "../support/mocks";
import { healthySurvey, surveyAs } from "../support/survey";

const domain = {
    uuid: "11111111-1111-4111-8111-111111111111",
    state: "running",
    memoryMiB: 2048,
    vcpus: 1,
    autostart: true,
};

/** Runs a farm on a hypervisor that is so; with what it warned of, and how often each hypervisor was looked at. */
async function runOn(
    survey: Partial<HypervisorSurvey> | Unreachable,
    args: FarmArgs = {},
    last?: ProgramResult["outputs"],
) {
    const looked: string[] = [];
    surveyAs(async ({ connection }) => {
        looked.push(connection.uri);
        return survey.reachable === false ? survey : { ...healthySurvey, ...survey };
    });
    const warned: string[] = [];
    const { warn } = pulumi.log;
    Reflect.set(pulumi.log, "warn", async (message: string) => warned.push(message));
    try {
        return { ...(await runProgram(() => farm(args), last)), warned, looked };
    } finally {
        Reflect.set(pulumi.log, "warn", warn);
    }
}

const urn = (type: string, name: string) => `urn:pulumi:dev::project::fusion:index:Parent$${type}::${name}`;
const made = (type: string, name: string, outputs: Record<string, unknown>) => ({
    [urn(type, name)]: { type, outputs },
});

describe("a hypervisor, before anything is created", () => {
    after(() => surveyAs());

    it("is looked at once, and a healthy one has nothing said about it", async () => {
        const { errors, warned, looked } = await runOn({});
        assert.deepEqual({ errors, warned, looked }, { errors: [], warned: [], looked: ["qemu:///system"] });
    });

    it("that cannot be reached is one error with a hint", async () => {
        const { errors, registered } = await runOn({ reachable: false, reason: "it is off", hint: "switch it on" });
        assert.deepEqual(errors, [
            '1 wrong argument, nothing was created:\nrack.uri: "qemu:///system" cannot be reached: it is off; switch it on',
        ]);
        assert.deepEqual(
            registered.filter(({ type }) => !type.startsWith("fusion:")),
            [],
        );
    });

    it("is not looked at where arguments are wrong", async () => {
        const { errors, looked } = await runOn({ reachable: false, reason: "", hint: "" }, { vm: { vcpus: 0 } });
        assert.match(errors.join(), /vm1\.vcpus/);
        assert.doesNotMatch(errors.join(), /rack\.uri/);
        assert.deepEqual(looked, []);
    });

    it("tells all that would not work as errors, at the arguments that lead to it", async () => {
        const { errors } = await runOn({
            domains: new Map([["vm2", domain]]),
            routes: [{ cidr: "10.0.0.0/8", device: "tun0" }],
            memoryMiB: { total: 1000, available: 900 },
            programs: new Map([...healthySurvey.programs].filter(([name]) => name !== "haproxy")),
        });
        const paths = (errors[0] ?? "").split("\n").map((line) => line.replace(/: .*/, ""));
        assert.deepEqual(paths, [
            "5 wrong arguments, nothing was created:",
            "lb.host",
            "rack.network.cidr",
            "vm1.memoryMiB",
            "vm2",
            "vm2.memoryMiB",
        ]);
    });

    it("warns of what may not work, and goes on", async () => {
        const { errors, warned } = await runOn({ libvirt: "7.0.0", memoryMiB: { total: 9000, available: 4095 } });
        assert.deepEqual(errors, []);
        assert.match(warned[0] ?? "", /^rack: libvirt is 7\.0\.0 on rack1;.*; apt-get install --only-upgrade/);
        assert.match(warned[1] ?? "", /^rack: vm1 and vm2 ask for 4096 MiB of memory more, and rack1 has 4095/);
    });

    it("knows by the last state what is of this stack", async () => {
        const there = {
            domains: new Map([
                ["vm1", domain],
                ["vm2", domain],
            ]),
            networks: new Map([["rack", { uuid: "n", bridge: "fus-1", active: true, cidrs: ["10.77.0.0/24"] }]]),
            pools: new Map([["rack", "/var/lib/libvirt/images/rack"]]),
            routes: [{ cidr: "10.77.0.0/24", device: "fus-1" }],
            memoryMiB: { total: 9000, available: 1 },
        };
        const state = {
            ...made("libvirt:index/domain:Domain", "vm1", { name: "vm1" }),
            ...made("libvirt:index/domain:Domain", "vm2", { name: "vm2" }),
            ...made("libvirt:index/network:Network", "rack", { name: "rack" }),
            ...made("libvirt:index/pool:Pool", "rack", { name: "rack" }),
        };
        const { errors, warned } = await runOn(there, {}, state);
        assert.deepEqual({ errors, warned }, { errors: [], warned: [] });
        assert.match((await runOn(there)).errors.join(), /5 wrong arguments|4 wrong arguments/);
    });

    it("has the networks, bridges and devices that its machines name, or the program makes them", async () => {
        const interfaces = [{ network: "nope" }, { bridge: "br9" }, { macvtap: "eth9" }, { bridge: "br0" }];
        const { errors } = await runOn({}, { vms: ["vm1"], replicas: 1, vm: { interfaces } });
        assert.match(
            errors[0] ?? "",
            /^vm1\.interfaces\[0\]\.network: there is no network "nope" on rack1; it has none/m,
        );
        assert.match(
            errors[0] ?? "",
            /^vm1\.interfaces\[1\]\.bridge: there is no bridge "br9" on rack1; it has "br0", "eth0"$/m,
        );
        assert.match(errors[0] ?? "", /^vm1\.interfaces\[2\]\.macvtap: there is no network device "eth9" on rack1/m);
        assert.equal(errors[0]?.split("\n").length, 4);
        const made = { vms: ["vm1"], replicas: 1, vm: { interfaces: [{ network: "storage" }, { bridge: "fus-own" }] } };
        const { errors: none } = await runOn(
            {},
            { ...made, more: { storage: { cidr: "10.78.0.0/24", bridge: "fus-own" } } },
        );
        assert.deepEqual(none, []);
    });

    it("is asked for the files that machines name", async () => {
        const asked: string[] = [];
        const vm = { firmware: { loader: "/no/OVMF.fd" }, image: { source: "/etc", sha256: "a".repeat(64) } };
        const running = runOn({}, { vms: ["vm1"], replicas: 1, vm });
        pathLook.at = async (_, paths) => {
            asked.push(...paths);
            return new Map([
                ["/no/OVMF.fd", "nothing"],
                ["/etc", "directory"],
            ]);
        };
        const { errors } = await running;
        assert.deepEqual(asked, ["/no/OVMF.fd", "/etc"]);
        assert.match(
            errors[0] ?? "",
            /^vm1\.firmware\.loader: is not there on rack1: "\/no\/OVMF\.fd"; give the path/m,
        );
        assert.match(
            errors[0] ?? "",
            /^vm1\.image\.source: is a directory on rack1: "\/etc"; give the path of an image there/m,
        );
    });

    it("is looked at again for what is constructed later, and nothing is told twice", async () => {
        const warned: string[] = [];
        const { warn } = pulumi.log;
        Reflect.set(pulumi.log, "warn", async (message: string) => warned.push(message));
        const vm = (name: string, hypervisor: fusion.FusionHypervisor, vcpus = 1) =>
            new fusion.FusionVm(name, {
                ...{ hypervisor, vcpus, address: `10.77.0.1${name.slice(2)}` },
                image: { source: "/etc/hosts", sha256: "a".repeat(64) },
                ssh: { authorizedKeys: ["ssh-ed25519 OPERATOR"] },
            });
        const later = async () => {
            const rack = new fusion.FusionHypervisor("rack", { uri: "qemu:///system", domainType: "qemu" });
            vm("vm1", rack);
            await rack.parts;
            const vm2 = vm("vm2", rack, 99);
            const vm3 = vm("vm3", rack);
            new fusion.FusionBalancer("lb", {
                listen: 8080,
                backends: [{ name: "old", servers: [{ name: "s1", address: "10.0.0.1", port: 80 }] }],
                host: rack,
            });
            await Promise.all([vm2.readiness, vm3.readiness]);
        };
        surveyAs(async () => ({
            ...healthySurvey,
            libvirt: "7.0.0",
            domains: new Map([["vm3", domain]]),
            programs: new Map([...healthySurvey.programs].filter(([name]) => name !== "haproxy")),
        }));
        const { errors } = await runProgram(() => ({ made: pulumi.output(later()) })).finally(() =>
            Reflect.set(pulumi.log, "warn", warn),
        );
        const paths = (errors[0] ?? "").split("\n").map((line) => line.replace(/: .*/, ""));
        assert.deepEqual(paths, ["2 wrong arguments, nothing was created:", "lb.host", "vm3"]);
        assert.equal(warned.filter((text) => text.startsWith("rack: libvirt is 7.0.0")).length, 1, warned.join("\n"));
        assert.equal(warned.filter((text) => text.startsWith("vm2.vcpus: is 99")).length, 1, warned.join("\n"));
    });

    it("is rid of what an interrupted deployment has left, once, before anything is made", async () => {
        const dir = mkdtempSync(join(tmpdir(), "fusion-leftovers-"));
        const path = process.env.PATH;
        const disk = "vm1-01234567.qcow2";
        writeFileSync(join(dir, disk), "");
        writeFileSync(
            join(dir, "virsh"),
            `#!/bin/sh\ncase "$*" in *domblklist*) echo "file disk vda ${dir}/${disk}" ;; *list*) echo vm1 ;; *undefine*) echo "$*" >>${dir}/calls ;; esac\n`,
            { mode: 0o755 },
        );
        process.env.PATH = `${dir}:${path}`;
        try {
            const there = {
                domains: new Map([["vm1", domain]]),
                pools: new Map([["rack", dir]]),
                storage: { ...healthySurvey.storage, path: dir, exists: true, files: [disk] },
            };
            const state = made("libvirt:index/pool:Pool", "rack", { name: "rack" });
            const args = { vms: ["vm1"], replicas: 1, hypervisor: { pool: { path: dir } } };
            const { errors } = await runOn(there, args, state);
            assert.deepEqual(errors, []);
            assert.match(readFileSync(join(dir, "calls"), "utf8"), /^.*undefine vm1 --nvram .*\n$/);
            assert.ok(!existsSync(join(dir, disk)));
            // Killed while it replaced a domain: the state has the one before.
            const replaced = (id: string, over = "vm1-89abcdef.qcow2") => ({
                ...state,
                ...made("libvirt:index/domain:Domain", "vm1", {
                    name: "vm1",
                    disks: [{ volumeId: `/srv/rack/${over}` }],
                }),
                ...made("libvirt:index/volume:Volume", "vm1", { name: disk }),
                ...made("command:local:Command", "vm1", { stdout: `vm1 starts\ndomain ${id}\nvm1 is ready` }),
            });
            rmSync(join(dir, "calls"));
            assert.deepEqual((await runOn(there, args, replaced(domain.uuid))).errors, []);
            assert.ok(!existsSync(join(dir, "calls")), "its own stays");
            const another = "00000000-0000-4000-8000-000000000001";
            assert.deepEqual((await runOn(there, args, replaced(another, disk))).errors, []);
            assert.ok(!existsSync(join(dir, "calls")), "so does one over the state's disk, whose command has failed");
            assert.deepEqual((await runOn(there, args, replaced(another))).errors, []);
            assert.match(readFileSync(join(dir, "calls"), "utf8"), /undefine vm1 /);
        } finally {
            process.env.PATH = path;
            rmSync(dir, { recursive: true, force: true });
        }
    });

    it("that has the base image needs its source no more", async () => {
        const image = { source: "/no/such.qcow2", sha256: "a".repeat(64) };
        const had = (files: string[]) =>
            runOn({ storage: { ...healthySurvey.storage, files } }, { vms: ["vm1"], replicas: 1, vm: { image } });
        assert.match((await had([])).errors.join(), /vm1\.image\.source: is not there: "\/no\/such\.qcow2"/);
        assert.deepEqual((await had([`base-${"a".repeat(16)}.qcow2`])).errors, []);
    });

    it("that ssh does not reach is told at the argument that says how", async () => {
        const unreached = { reachable: false, overSsh: true, reason: "no", hint: "go" } as const;
        const tls = { uri: "qemu+tls://rack1/system", ssh: { address: "rack1", user: "root" } };
        const { errors } = await runOn(unreached, { hypervisor: tls });
        assert.match(errors[0] ?? "", /^rack\.ssh: "rack1" cannot be reached: no; go$/m);
        const { errors: plain } = await runOn(unreached, { hypervisor: { uri: "qemu+ssh://root@rack1/system" } });
        assert.match(plain[0] ?? "", /^rack\.uri: "qemu\+ssh:/m);
    });

    it("starts a guest under KVM when it is new, and not again", async () => {
        let tries = 0;
        const run = async (last?: ProgramResult["outputs"]) => {
            const { try: healthy } = kvm;
            const running = runOn({}, { hypervisor: { domainType: "kvm" } }, last);
            kvm.try = async () => {
                tries++;
                return { works: false, why: "it is broken" };
            };
            const result = await running;
            kvm.try = healthy;
            return result.errors.join();
        };
        assert.match(
            await run(),
            /rack\.domainType: "kvm": a guest does not start under KVM on rack1: it is broken; switch/,
        );
        assert.equal(tries, 1);
        assert.equal(await run(made("libvirt:index/pool:Pool", "rack", { name: "rack" })), "");
        assert.equal(tries, 1);
    });
});
