import assert from "node:assert/strict";
import { type EngineResult, TestStack } from "../support/stack";

const sha256 = "0".repeat(64);
const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE5mb65B";

const head = `
    import * as fusion from "pulumi-fusion";
    const image = "10.0.0.1:5000/web@sha256:${"0".repeat(64)}";
`;
/** No hypervisor is there: it is looked at when the arguments are right. */
const rack = `
    const rack = new fusion.FusionHypervisor("rack", { uri: "qemu:///system" });
    const vm = (name: string, more: object) => new fusion.FusionVm(name, {
        hypervisor: rack, image: { source: __filename, sha256: "${sha256}" }, address: "10.77.0.11",
        ssh: { authorizedKeys: ["${key}"] }, ...more,
    });
`;

/** Runs one operation on a program and takes everything away again. */
async function runOnce(program: string, operation: "preview" | "up" = "preview"): Promise<EngineResult> {
    const stack = await TestStack.create({ program: head + program });
    try {
        return await stack[operation]();
    } finally {
        await stack.dispose();
    }
}

/** The kinds of resources that the engine was asked for, components and the stack left out. */
const children = ({ steps }: EngineResult) =>
    steps.filter(({ type }) => !/^(fusion:index:|pulumi:pulumi:Stack)/.test(type)).map(({ type }) => type);

describe("wrong arguments", () => {
    let result: EngineResult;
    before(async () => {
        result = await runOnce(`${rack}
            const vm1 = vm("vm1", { address: "10.78.0.11" });
            const vm2 = vm("vm2", {});
            const vm3 = vm("vm3", { memoryMiB: 1.5, image: { source: "/no/such/image.qcow2", sha256: "abc" } });
            const vm4 = vm("vm4", {});
            const bad = vm("a b", { address: "10.77.0.12" });
            const web = new fusion.FusionContainerSet("web", {
                hosts: [vm1, vm2], image: "No Image", ports: [{ container: 70000 }],
                healthCheck: { http: { path: "x", port: 81 } },
            });
            new fusion.FusionContainerSet("api", {
                hosts: [vm1, vm2], image, replicas: 2, ports: [{ container: 80, host: 80 }],
                update: { order: "start-first" }, canary: { weight: 0 }, env: { FUSION_HOST: "x" },
                volumes: [{ name: "data", path: "data" }], container: { networkMode: "host" },
                resources: { memoryMiB: 128, limits: { memoryMiB: 64 } }, stopSignal: "quit",
            });
            new fusion.FusionBalancer("lb", { listen: 65536, backends: [web], algorithm: "fastest" as "roundrobin" });
        `);
    });

    it("fail the preview, all told at once in one error", () => {
        assert.equal(result.ok, false);
        const errors = result.diagnostics.filter(({ severity }) => severity === "error");
        assert.equal(errors.filter(({ message }) => message.includes("wrong arguments")).length, 1, result.text);
        assert.match(result.text, /wrong arguments, nothing was created/);
    });

    const told: [string, RegExp][] = [
        [
            "an address outside the network",
            /vm1\.address: "10\.78\.0\.11" is outside the network rack \(10\.77\.0\.0\/24\); give/,
        ],
        ["two machines with one address", /vm4\.address: "10\.77\.0\.11" is the address of vm2 already; give another/],
        ["a fraction of a MiB", /vm3\.memoryMiB: must be a whole number from 512 .*, got 1\.5; give MiB/],
        ["an image that is not there", /vm3\.image\.source: is not there: "\/no\/such\/image\.qcow2"; give/],
        ["a checksum that is none", /vm3\.image\.sha256: must be 64 .*, got "abc"; see/],
        [
            "a name that libvirt would not take",
            /a b: is a name that libvirt, Docker or HAProxy would not take: "a b"; use/,
        ],
        ["an image name that is none", /web\.image: is no image name: "No Image"; give one such as/],
        ["a port above 65535", /web\.ports\[0\]\.container: must be a whole number from 1 to 65535, got 70000; give/],
        ["a health check of a port that is not published", /web\.healthCheck\.http\.port: is not published: 81; add/],
        ["a path that is none", /web\.healthCheck\.http\.path: is not the path of a URL: "x"; give one such as/],
        ["start-first on a fixed port", /api\.update\.order: cannot be "start-first": api\.ports\[0\]\.host lets/],
        ["a canary without requests", /api\.canary\.weight: must be a number from 1 to 99, got 0; give per cent/],
        ["a variable of the library's", /api\.env\.FUSION_HOST: is what the library itself sets; give the variable/],
        ["a volume's path that is none", /api\.volumes\[0\]\.path: is no plain absolute path: "data"; give/],
        ["a network of the host's", /api\.container\.networkMode: is what the library itself sets; use no argument/],
        ["a limit below what is planned", /api\.resources\.limits\.memoryMiB: is less than .*: 64 and 128; a limit/],
        ["a signal that is none", /api\.stopSignal: is no signal: "quit"; give one such as "SIGQUIT"/],
        ["a balancer's port above 65535", /lb\.listen: must be a whole number from 1 to 65535, got 65536; give/],
        ["an unknown algorithm", /lb\.algorithm: is not known: "fastest"; use one of "roundrobin"/],
    ];
    for (const [what, message] of told) {
        it(`name ${what} by path, value and remedy`, () => assert.match(result.text, message));
    }

    it("show no stack trace", () => assert.doesNotMatch(result.text, /^\s+at .*\.js:\d+/m));

    it("create nothing, even where the preview is left out", async () => {
        const up = await runOnce(`${rack} vm("vm1", { address: "10.78.0.11" });`, "up");
        assert.equal(up.ok, false);
        assert.match(up.text, /1 wrong argument, nothing was created:\n\s*vm1\.address/);
        assert.deepEqual(children(up), [], up.text);
    });
});

describe("what the engine or Node.js would tell in words of their own", () => {
    it("are faults: two components of one name, and arguments that cannot be read", async () => {
        const result = await runOnce(`${rack}
            const config: Record<string, unknown> = {};
            config.me = config;
            vm("vm1", {});
            vm("vm1", { address: "10.77.0.12" });
            vm("vm2", { address: "10.77.0.13", cloudInit: config, memory: 4096 });
            new fusion.FusionVm("vm3", undefined as unknown as fusion.FusionVmArgs);
        `);
        assert.equal(result.ok, false);
        for (const told of [
            /4 wrong arguments, nothing was created/,
            /vm1: is the name of two components FusionVm; give each its own/,
            /vm2\.cloudInit: has itself in it/,
            /vm2\.memory: is no argument that is known; did you mean memoryMiB\?/,
            /vm3: must be an object, got undefined/,
        ]) {
            assert.match(result.text, told);
        }
        assert.doesNotMatch(result.text, /Duplicate resource URN|^\s+at .*\.[jt]s:\d+/m);
    });
});

describe("a replica that fits on no host", () => {
    it("is named with a reason for every host", async () => {
        const result = await runOnce(`
            const hosts = ["a", "b"].map((name, i) => ({
                name, address: "10.9.0." + (i + 1), capacity: { cpus: 1, memoryMiB: 200 },
            }));
            new fusion.FusionContainerSet("web", { hosts, image, replicas: 3, resources: { memoryMiB: 128 } });
        `);
        assert.equal(result.ok, false);
        const expected =
            /web\.replicas: web-2 fits on no host \(a: memory: needs 128, 72 left; b: memory: needs 128, 72 left\); add a host, or lower/;
        assert.match(result.text, expected);
        assert.deepEqual(children(result), []);
    });

    it("counts what other sets of the program take", async () => {
        const result = await runOnce(`
            const hosts = [{ name: "a", address: "10.9.0.1", capacity: { memoryMiB: 200 } }];
            new fusion.FusionContainerSet("web", { hosts, image, resources: { memoryMiB: 128 } });
            new fusion.FusionContainerSet("api", { hosts, image, resources: { memoryMiB: 128 } });
        `);
        assert.equal(result.ok, false);
        assert.match(result.text, /(web|api)-0 fits on no host \(a: memory: needs 128, 72 left\)/);
    });
});
