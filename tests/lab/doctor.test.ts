import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Finding } from "../../lib/doctor/wanted";
import { tryKvm } from "../../lib/hypervisor/kvmScript";
import { parseLibvirtUri } from "../../lib/hypervisor/libvirtUri";
import { type Lab, labDown, labUp } from "../../tools/lab";
import { projectDir } from "../../tools/paths";
import { run } from "../../tools/run";
import { type EngineResult, TestStack } from "../support/stack";

const fusion = join(projectDir, "lib", "cli", "fusion.ts");
const DOMAIN = (name: string) =>
    `<domain type="qemu"><name>${name}</name><memory unit="MiB">64</memory><os><type>hvm</type></os></domain>`;
const NETWORK =
    '<network><name>other</name><bridge name="br-other"/><ip address="10.93.0.1" netmask="255.255.0.0"/></network>';

describe("fusion doctor and the check before a preview, on a hypervisor of the lab", () => {
    let lab: Lab;
    before(async () => {
        lab = await labUp("test-doctor", mkdtempSync(join(tmpdir(), "fusion-test-doctor-")));
    });
    after(() => labDown(lab.name, lab.dir));

    const virsh = (...args: string[]) => run("virsh", ["--connect", lab.uri, ...args]);
    const define = async (command: "define" | "net-define", xml: string) => {
        const file = join(lab.dir, "defined.xml");
        writeFileSync(file, xml);
        await virsh(command, file);
    };
    /** Runs the command inside the lab's network, where its routes are the hypervisor's. */
    const inLab = (command: string, args: string[]) =>
        run(lab.wrap[0] ?? "", [...lab.wrap.slice(1), command, ...args], { allowFailure: true });
    const doctor = async (...args: string[]): Promise<{ code: number; findings: Finding[]; text: string }> => {
        const argv = [join(projectDir, "tools", "node.mjs"), fusion, "doctor", "--json", ...args];
        const { code, stdout, stderr } = await inLab(process.execPath, argv);
        assert.equal(stderr, "");
        return { code, findings: JSON.parse(stdout).hypervisors[0].findings, text: stdout };
    };
    const here = (...args: string[]) => doctor("--uri", lab.uri, "--pool", lab.poolPath, ...args);
    /** Without what is said of KVM, which some machines that run this test have. */
    const besideKvm = (findings: Finding[]) =>
        findings.filter(({ path }) => path !== "hypervisor.domainType").map(({ severity, path }) => [severity, path]);

    it("finds nothing wrong with a healthy one, nor with a network that nobody has", async () => {
        const { findings } = await here("--cidr", "10.94.0.0/24", "--memory", "256", "--disk", "2");
        assert.deepEqual(besideKvm(findings), []);
    });

    it("says that no guest starts under KVM where none does, and leaves no guest behind", async () => {
        const { code, findings } = await here();
        const kvm = findings.filter(({ path }) => path === "hypervisor.domainType");
        assert.equal(kvm.length, lab.domainType === "kvm" ? 0 : 1, JSON.stringify(findings));
        assert.equal(code, kvm.length);
        const connection = parseLibvirtUri(lab.uri);
        assert.ok(typeof connection === "object");
        assert.equal((await tryKvm(connection))?.works, lab.domainType === "kvm");
        assert.equal((await virsh("list", "--all", "--name")).stdout.trim(), "");
    });

    it("finds a route and a network in the way of a CIDR, and one that is free", async () => {
        const ip = async (...args: string[]) => assert.equal((await inLab("ip", args)).code, 0, args.join(" "));
        await ip("link", "add", "br-doctor", "type", "bridge");
        await ip("address", "add", "10.92.0.1/16", "dev", "br-doctor");
        try {
            const route = await here("--cidr", "10.92.5.0/24");
            assert.deepEqual([route.code, besideKvm(route.findings)], [1, [["error", "--cidr"]]]);
            assert.match(route.text, /overlaps 10\.92\.0\.0\/16, which on \S+ is reached by br-doctor/);
            await define("net-define", NETWORK);
            const network = await here("--cidr", "10.93.5.0/24");
            assert.match(network.text, /overlaps 10\.93\.0\.0\/16, which on \S+ is of the network \\"other\\"/);
            assert.match(network.text, /give another: \\"10\.77\.0\.0\/24\\"/);
        } finally {
            await run("virsh", ["--connect", lab.uri, "net-undefine", "other"], { allowFailure: true });
            await inLab("ip", ["link", "delete", "br-doctor"]);
        }
    });

    it("compares space and memory with what is asked", async () => {
        const { code, findings } = await here("--disk", "60000", "--memory", "60000000");
        assert.equal(code, 1);
        assert.deepEqual(besideKvm(findings), [
            ["error", "--memory"],
            ["warning", "--pool"],
        ]);
    });

    it("lists base images that no disk uses, with the command that takes them away", async () => {
        const pool = join(lab.dir, "images");
        mkdirSync(pool);
        const create = (name: string, ...more: string[]) =>
            run("qemu-img", ["create", "-q", "-f", "qcow2", ...more, join(pool, name), "1M"]);
        await create("base-0000000000000001.qcow2");
        await create("base-0000000000000002.qcow2");
        // Used by the disk of a machine, which lies elsewhere.
        const disk = join(lab.dir, "elsewhere.qcow2");
        const used = join(pool, "base-0000000000000001.qcow2");
        await run("qemu-img", ["create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", used, disk]);
        const xml = DOMAIN("keeper").replace(
            "</domain>",
            `<devices><disk type="file"><source file="${disk}"/><target dev="vda"/></disk></devices></domain>`,
        );
        await define("define", xml);
        try {
            const { findings } = await doctor("--uri", lab.uri, "--pool", pool);
            const [finding, ...more] = findings.filter(({ path }) => path === "hypervisor.pool");
            assert.deepEqual(more, []);
            assert.deepEqual(
                [finding?.severity, finding?.remedy],
                ["info", `rm ${join(pool, "base-0000000000000002.qcow2")}`],
            );
        } finally {
            await virsh("undefine", "keeper");
        }
    });

    it("says why a socket does not answer", async () => {
        const { code, findings } = await doctor("--uri", "qemu+unix:///system?socket=/run/no-such-socket");
        assert.equal(code, 1);
        assert.deepEqual(
            findings.map(({ severity, path }) => [severity, path]),
            [["error", "--uri"]],
        );
        assert.match(findings[0]?.what ?? "", /cannot be reached: .*'\/run\/no-such-socket': No such file/);
        assert.match(findings[0]?.remedy ?? "", /systemctl start libvirtd/);
    });

    describe("before a preview", () => {
        let stack: TestStack;
        const program = (cidr: string) => `
            import * as fusion from "pulumi-fusion";
            const rack = new fusion.FusionHypervisor("rack", {
                uri: ${JSON.stringify(lab.uri)}, domainType: "qemu", network: { cidr: "${cidr}" },
                pool: { path: ${JSON.stringify(join(lab.poolPath, "rack"))} },
            });
            new fusion.FusionVm("taken", {
                hypervisor: rack, address: "${cidr.replace("0/24", "11")}", memoryMiB: 512, diskGiB: 2,
                image: { source: ${JSON.stringify(lab.image.source)}, sha256: "${lab.image.sha256}" },
                ssh: { authorizedKeys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE5mb65B"] },
            });
        `;
        let preview: EngineResult;
        before(async () => {
            await define("define", DOMAIN("taken"));
            await define("net-define", NETWORK);
            stack = await TestStack.create({ program: program("10.93.1.0/24"), wrap: lab.wrap });
            preview = await stack.preview();
        });
        after(() => stack?.dispose());

        it("a name and addresses that others have are told at once, and nothing is created", () => {
            assert.equal(preview.ok, false);
            assert.match(preview.text, /2 wrong arguments, nothing was created/);
            assert.match(
                preview.text,
                /rack\.network\.cidr: "10\.93\.1\.0\/24" overlaps 10\.93\.0\.0\/16.*"other"; give/,
            );
            assert.match(preview.text, /taken: there is a machine "taken" on \S+ already \(shut off\).*undefine taken/);
        });

        it("nothing is told once nothing is in the way", async () => {
            await virsh("undefine", "taken");
            stack.setProgram(program("10.95.1.0/24"));
            const again = await stack.preview();
            assert.equal(again.ok, true, again.text);
            assert.doesNotMatch(again.text, /warning/);
        });

        it("what the stack itself has made is in nobody's way, in a preview and for the doctor of the stack", async () => {
            stack.setProgram(program("10.95.1.0/24").replace(/new fusion\.FusionVm[\s\S]*/, ""));
            const up = await stack.up();
            assert.equal(up.ok, true, up.text);
            assert.match((await virsh("net-list", "--name")).stdout, /^rack$/m);
            const second = await stack.preview("--expect-no-changes");
            assert.equal(second.ok, true, second.text);
            assert.doesNotMatch(second.text, /warning/);
            const state = join(lab.dir, "state.json");
            writeFileSync(state, await stack.pulumi(["stack", "export"]));
            const { findings, text } = await doctor("--state", state);
            assert.deepEqual(
                findings.filter(({ path }) => path !== "rack.domainType"),
                [],
            );
            const [{ name, uri, survey }] = JSON.parse(text).hypervisors;
            assert.deepEqual([name, uri, survey.storage.path], ["rack", lab.uri, join(lab.poolPath, "rack")]);
        });
    });
});
