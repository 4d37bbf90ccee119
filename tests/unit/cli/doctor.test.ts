import assert from "node:assert/strict";
import { deployedHypervisors } from "../../../lib/cli/doctorState";
import { kvm } from "../../../lib/hypervisor/kvmScript";
import { type HypervisorSurvey, surveyor, type Unreachable } from "../../../lib/hypervisor/survey";
import { runCli } from "../../support/cli";
import { assertGolden } from "../../support/golden";
import { healthySurvey, surveyAs } from "../../support/survey";

const real = { survey: surveyor.survey, try: kvm.try };
const base = "/srv/rack/base-0123456789abcdef.qcow2";
const PREFIX = "urn:pulumi:dev::farm::";
const RACK = `${PREFIX}fusion:index:FusionHypervisor::rack`;
const VM = `${PREFIX}fusion:index:FusionVm::vm1`;
const PROVIDER = `${PREFIX}fusion:index:FusionHypervisor$pulumi:providers:libvirt::rack`;
const resource = (type: string, name: string, parent: string, more: object) => ({
    ...{ urn: `${parent.replace(/::[^:]*$/, "")}$${type}::${name}`, type, parent, provider: `${PROVIDER}::id` },
    ...more,
});
const state = (inputs: object = {}) => ({
    deployment: {
        resources: [
            { urn: RACK, type: "fusion:index:FusionHypervisor", inputs },
            { urn: VM, type: "fusion:index:FusionVm" },
            {
                urn: `${PREFIX}fusion:index:FusionBalancer::lb`,
                type: "fusion:index:FusionBalancer",
                inputs: { host: "rack" },
            },
            {
                ...resource("pulumi:providers:libvirt", "rack", RACK, { inputs: { uri: "qemu:///system" } }),
                urn: PROVIDER,
            },
            resource("libvirt:index/pool:Pool", "rack", RACK, {
                inputs: { name: "rack", target: { path: "/srv/rack" } },
            }),
            resource("libvirt:index/network:Network", "rack", RACK, {
                inputs: { name: "rack", bridge: "fus-1", addresses: ["10.77.0.0/24"] },
            }),
            resource("command:local:Command", "rack-base", RACK, { provider: "x::y", outputs: { stdout: base } }),
            resource("libvirt:index/domain:Domain", "vm1", VM, {
                inputs: { name: "vm1", type: "qemu", vcpu: 2, memory: 2048 },
            }),
            resource("libvirt:index/domain:Domain", "old", VM, { inputs: { name: "old" }, delete: true }),
            resource("libvirt:index/volume:Volume", "vm1", VM, { inputs: { size: 10 * 2 ** 30 } }),
        ],
    },
});

describe("fusion doctor", () => {
    let found: HypervisorSurvey | Unreachable = healthySurvey;
    before(() => surveyAs(async () => found));
    beforeEach(() => {
        found = healthySurvey;
    });
    after(() => {
        surveyor.survey = real.survey;
        kvm.try = real.try;
    });

    it("says in few lines that all is well, and ends with 0", async () => {
        const { code, out, err } = await runCli(["doctor", "--uri", "qemu:///system"]);
        assert.deepEqual({ code, err }, { code: 0, err: "" });
        assertGolden("cli/doctor-healthy.txt", out);
    });

    it("tells what is to be mended with the remedy below, worst first, and ends with 1", async () => {
        found = {
            ...healthySurvey,
            libvirt: "7.0.0",
            networks: new Map([
                ["default", { uuid: "n", bridge: "virbr0", active: true, cidrs: ["192.168.122.0/24"] }],
            ]),
            baseImages: [{ file: "base-0123456789abcdef.qcow2", sizeMiB: 700, usedBy: [] }],
        };
        const uri = "qemu+ssh://root@rack1/system";
        const argv = ["doctor", "--uri", uri, "--cidr", "192.168.122.0/25", "--memory", "70000", "--disk", "600"];
        const { code, out } = await runCli(argv);
        assert.equal(code, 1);
        assertGolden("cli/doctor.txt", out);
        const coloured = await runCli(argv, { colour: true });
        assert.ok(coloured.out.includes("\u001b[31m✗\u001b[39m"), coloured.out);
    });

    it("says why a hypervisor cannot be reached", async () => {
        found = { reachable: false, reason: "it is off", hint: "switch it on" };
        const { code, out } = await runCli(["doctor", "--uri", "qemu:///system"]);
        assert.equal(code, 1);
        assert.match(out, /✗ --uri: "qemu:\/\/\/system" cannot be reached: it is off\n {2}→ switch it on\n$/);
    });

    it("prints the whole answer as JSON", async () => {
        found = { ...healthySurvey, kvmDevice: false };
        const { code, out } = await runCli(["doctor", "--json", "--uri", "qemu:///system"]);
        assert.equal(code, 1);
        const { hypervisors } = JSON.parse(out);
        assert.equal(hypervisors.length, 1);
        const [{ name, uri, findings, survey, kvm: tried }] = hypervisors;
        assert.deepEqual([name, uri, tried], ["hypervisor", "qemu:///system", undefined]);
        assert.deepEqual(Object.keys(findings[0]), ["severity", "path", "what", "remedy"]);
        assert.equal(survey.programs.haproxy, "2.6.12");
    });

    it("reads hypervisors and machines from a stack's state", async () => {
        const connection = { uri: "qemu:///system", localUri: "qemu:///system", ssh: undefined, session: false };
        assert.deepEqual(deployedHypervisors({ name: "x", value: state() }), [
            {
                name: "rack",
                connection,
                domainType: "qemu",
                pool: { path: "/srv/rack", name: "rack" },
                network: { made: true, name: "rack", cidrs: ["10.77.0.0/24"], bridge: "fus-1" },
                vms: [{ name: "vm1", vcpus: 2, memoryMiB: 2048, diskGiB: 10 }],
                balancers: ["lb"],
                owned: {
                    domains: new Set(["vm1"]),
                    networks: new Set(["rack"]),
                    pools: new Set(["rack"]),
                    volumes: new Set(),
                    images: new Set([base]),
                },
            },
        ]);
        const ssh = { address: "rack1", user: "root", port: 2222 };
        const [tls] = deployedHypervisors({ name: "x", value: state({ uri: "qemu+tls://rack1/system", ssh }) });
        assert.deepEqual(tls?.connection.ssh, ssh);
    });

    it("misses a machine whose domain a refresh has taken out of the state, and none that was never made", async () => {
        const { resources } = state().deployment;
        const vm = (name: string) => ({
            ...{ urn: `${PREFIX}fusion:index:FusionVm::${name}`, type: "fusion:index:FusionVm" },
            inputs: { hypervisor: "rack", vcpus: 2 },
        });
        const ready = resource("command:local:Command", "lost", vm("lost").urn, { provider: "x::y" });
        const deployment = { resources: [...resources, vm("lost"), ready, vm("never")] };
        const stdin = JSON.stringify({ deployment });
        const { out } = await runCli(["doctor", "--state", "-"], { stdin });
        assert.match(out, /✗ lost: the machine "lost" is in the stack's state, and not on rack1\n {2}→ pulumi up/);
        assert.doesNotMatch(out, /never/);
    });

    it("misses a machine of the state that is gone", async () => {
        const { code, out } = await runCli(["doctor", "--state", "-"], { stdin: JSON.stringify(state()) });
        assert.equal(code, 1);
        assert.match(out, /^rack qemu:\/\/\/system: 1 thing to mend\n/);
        assert.match(out, /✗ vm1: the machine "vm1" is in the stack's state, and not on rack1\n {2}→ pulumi up/);
    });

    for (const [argv, says, stdin] of [
        [["x"], /takes no FILE, got x; give --state FILE, or --uri URI/],
        [["--uri", "qemu:///system", "--stack"], /takes one of --uri, --state and --stack, got 2/],
        [["--uri", "rack1"], /--uri is not a libvirt URI: "rack1"; give one such as/],
        [
            ["--uri", "qemu+tls://rack1/system"],
            /commands cannot be run .* over TLS; give qemu\+ssh:\/\/root@rack1\/system/,
        ],
        [["--uri", "qemu:///system", "--pool", "images"], /--pool must be an absolute path .*, got "images"/],
        [["--uri", "qemu:///system", "--cidr", "10.0.0.0"], /--cidr is no network: "10.0.0.0"; give one such as/],
        [["--uri", "qemu:///system", "--memory", "2G"], /--memory must be a whole number above 0, got "2G"/],
        [["--cidr", "10.0.0.0/8"], /--cidr belongs to --uri; give the hypervisor/],
        [["--state", "-"], /is no state of a stack; give what "pulumi stack export" writes/, "{}"],
        [["--state", "-"], /has no FusionHypervisor among its 0 resources/, '{"deployment":{}}'],
    ] as const) {
        it(`refuses ${argv.join(" ")} ${stdin ?? ""}`, async () => {
            const { code, out, err } = await runCli(["doctor", ...argv], stdin === undefined ? {} : { stdin });
            assert.deepEqual({ code, out }, { code: 2, out: "" });
            assert.match(err, says);
        });
    }
});
