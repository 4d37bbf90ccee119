import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import ts from "typescript";
import * as fusion from "../../lib";
import { portSurvey } from "../../lib/containers/portsInUse";
import { isRecord } from "../../lib/isRecord";
import { projectDir } from "../../tools/paths";
import { farm, image } from "../support/farm";
import { type ProgramResult, runProgram } from "../support/mocks";

const source = readFileSync(join(projectDir, "examples", "global-agent", "index.ts"), "utf8");

/** The example, as it stands in the repository, with the library's source. */
function globalAgent(config: Record<string, string>): Record<string, pulumi.Output<unknown>> {
    const all = { imageSource: "/etc/hosts", imageSha256: "a".repeat(64), image: image("1"), agentImage: image("2") };
    const values = Object.entries({ ...all, ...config }).map(([key, value]) => [`project:${key}`, value]);
    pulumi.runtime.setAllConfig(Object.fromEntries(values));
    const { outputText } = ts.transpileModule(source, {
        compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
    });
    const exported: Record<string, pulumi.Output<unknown>> = {};
    const load = (name: string): unknown => (name === "pulumi-fusion" ? fusion : require(name));
    new Function("require", "exports", outputText)(load, exported);
    return Object.fromEntries(Object.entries(exported).filter(([, value]) => pulumi.Output.isInstance(value)));
}

const containers = ({ registered }: ProgramResult) =>
    registered.filter(({ type }) => type === "docker:index/container:Container").map(({ name }) => name);

describe("an agent on every machine: examples/global-agent", () => {
    const keys = mkdtempSync(join(tmpdir(), "fusion-where-"));
    const sshKey = join(keys, "key");
    let first: ProgramResult;
    before(async () => {
        writeFileSync(sshKey, "");
        writeFileSync(`${sshKey}.pub`, "ssh-ed25519 OPERATOR\n");
        first = await runProgram(() => globalAgent({ sshKey }));
    });
    after(() => rmSync(keys, { recursive: true, force: true }));

    it("runs on each that is to have one, the other set around it", () => {
        assert.deepEqual(first.errors, []);
        assert.deepEqual(first.values.agents, { "agent-vm1": "vm1", "agent-vm2": "vm2" });
        assert.deepEqual(first.values.webs, { "web-0": "old", "web-1": "vm1", "web-2": "vm2" });
        assert.deepEqual(containers(first).sort(), ["agent-vm1", "agent-vm2", "web-0", "web-1", "web-2"]);
    });

    it("explains where the others are", () => {
        const why: unknown = first.values.why;
        assert.ok(isRecord(why));
        assert.deepEqual(why["web-0"], {
            host: "old",
            why: "is pinned there",
            elsewhere: { vm1: "pinned to old", vm2: "pinned to old" },
        });
        assert.match(JSON.stringify(why["web-1"]), /"old":"would work; spread: 1 pair on one host instead of 0 pairs/);
    });

    it("comes and goes with its machine alone", async () => {
        const more = await runProgram(() => globalAgent({ sshKey, machines: "3" }), first.outputs);
        assert.deepEqual(more.errors, []);
        assert.deepEqual(more.values.agents, { "agent-vm1": "vm1", "agent-vm2": "vm2", "agent-vm3": "vm3" });
        assert.deepEqual(more.values.webs, first.values.webs);
        const fewer = await runProgram(() => globalAgent({ sshKey, machines: "1" }), more.outputs);
        assert.deepEqual(fewer.errors, []);
        assert.deepEqual(fewer.values.agents, { "agent-vm1": "vm1" });
        const ports = (result: ProgramResult) =>
            JSON.stringify(result.registered.find(({ name }) => name === "agent-vm1")?.inputs.ports);
        assert.equal(ports(fewer), ports(first));
    });
});

/** A component of a user's own that has sets on machines of the program. */
class Shop extends pulumi.ComponentResource {
    readonly web: fusion.FusionContainerSet;
    readonly cache: fusion.FusionContainerSet;

    constructor(name: string, hosts: readonly fusion.ExistingHost[]) {
        super("test:index:Shop", name);
        const set = (part: string, more: Partial<fusion.FusionContainerSetArgs>) =>
            new fusion.FusionContainerSet(
                `${name}-${part}`,
                { hosts, image: image("1"), ports: [{ container: 80 }], ...more },
                { parent: this },
            );
        this.web = set("web", { replicas: 2, resources: { memoryMiB: 300 } });
        this.cache = set("cache", { resources: { memoryMiB: 300 }, placement: { affinity: [`${name}-web`] } });
    }
}

/** The same machines, described anew each time. */
const machines = (): fusion.ExistingHost[] =>
    ["one", "two"].map((name, i) => ({ name, address: `10.0.0.${i + 1}`, capacity: { memoryMiB: 1000 } }));

function checkShared({ errors, values, registered }: ProgramResult): void {
    assert.deepEqual(errors, []);
    const all = Object.values(values).filter(isRecord);
    const taken = new Map<unknown, number>();
    for (const host of all.flatMap((of) => Object.values(of))) taken.set(host, (taken.get(host) ?? 0) + 300);
    assert.deepEqual([...taken.values()].sort(), [900, 900]);
    const ports = registered
        .filter(({ type }) => type === "docker:index/container:Container")
        .map(({ inputs }) => JSON.stringify(inputs.ports));
    assert.equal(ports.length, 6);
    assert.equal(new Set(ports).size, 6);
}

describe("sets in several components of a user's own, on the same machines", () => {
    const placements = ({ web, cache }: Shop, name: string) => ({
        [`${name}W`]: web.placement,
        [`${name}C`]: cache.placement,
    });

    it("share them truthfully when they are declared together", async () => {
        const result = await runProgram(() => {
            const hosts = machines();
            return { ...placements(new Shop("a", hosts), "a"), ...placements(new Shop("b", machines()), "b") };
        });
        checkShared(result);
    });

    it("share them truthfully behind an await, and tell what does not fit any more", async () => {
        const [one, two] = machines();
        const program = (late: (hosts: fusion.ExistingHost[]) => Shop) => () => {
            // Under Pulumi's mocks there is no stack: rounds are of one program that have the same first host.
            const first = new Shop("a", [one as fusion.ExistingHost, two as fusion.ExistingHost]);
            const second = first.web.placement.apply(() => late([one as fusion.ExistingHost, ...machines().slice(1)]));
            const outputs = (pick: (shop: Shop) => pulumi.Output<unknown>) => pulumi.output(second).apply(pick);
            const own = { bW: outputs(({ web }) => web.placement), bC: outputs(({ cache }) => cache.placement) };
            return { ...placements(first, "a"), ...own };
        };
        checkShared(await runProgram(program((hosts) => new Shop("b", hosts))));
    });
});

describe("ports of a set", () => {
    /** Which hosts are asked for their ports, and the ports that replicas get; 20000 to 20007 are in use on all. */
    async function asked(args: Partial<fusion.FusionContainerSetArgs>, last?: ProgramResult) {
        const hosts: string[] = [];
        const result = await runProgram(() => {
            portSurvey.ask = async (all) => {
                hosts.push(...all.map(({ name }) => name));
                return all.map(({ name }) => ({ vm: name, slots: [0] }));
            };
            const web = new fusion.FusionContainerSet("web", {
                hosts: machines(),
                image: image("1"),
                ports: [{ container: 80 }],
                placement: { pin: { "web-0": "one" } },
                ...args,
            });
            return { placement: web.placement };
        }, last?.outputs);
        assert.deepEqual(result.errors, []);
        const ports = result.registered.flatMap(({ inputs }) => (Array.isArray(inputs.ports) ? inputs.ports : []));
        return { result, hosts, ports: ports.flatMap(({ external }) => external ?? []) };
    }

    it("are asked for on the hosts where a replica is to get some, whatever for", async () => {
        const first = await asked({});
        assert.deepEqual([first.hosts, first.ports], [["one"], [20008]]);
        const same = await asked({}, first.result);
        assert.deepEqual([same.hosts, same.ports], [[], [20008]]);
        const moved = await asked({ placement: { pin: { "web-0": "two" } } }, first.result);
        assert.deepEqual([moved.hosts, moved.ports.length], [["two"], 1]);
        assert.ok(moved.ports.every((port) => port >= 20008));
        const more = await asked({ ports: [{ container: 80 }, { container: 53, protocol: "udp" }] }, first.result);
        assert.deepEqual([more.hosts, more.ports.length], [["one"], 2]);
        assert.ok(
            more.ports.every((port) => port >= 20016),
            "its old container has 20008 still",
        );
        const fixed = await asked({ ports: [{ container: 80, host: 8080 }] });
        assert.deepEqual([fixed.hosts, fixed.ports], [[], [8080]]);
    });
});

describe("wrong placements of a set", () => {
    it("are told with path, value and remedy, all in one error", async () => {
        const wrong: unknown = {
            objective: "cheap",
            spreadover: "zone",
            move: { improve: -1 },
            pin: { "web-0": "vm9" },
            require: { host: ["vm8"] },
        };
        const args = { set: { placement: wrong as fusion.FusionContainerSetArgs["placement"] } };
        const { errors } = await runProgram(() => farm(args));
        assert.equal(errors.length, 1);
        for (const path of ["objective", "spreadover", "move.improve", 'pin["web-0"]', "require.host[0]"]) {
            assert.ok(errors[0]?.includes(`web.placement.${path}: `), `${path} in ${errors[0]}`);
        }
        const later: Record<string, [object, RegExp]> = {
            require: [
                { require: { zone: ["a"] } },
                /web\.placement\.require\.zone: no host has a label "zone"; hosts have/,
            ],
            prefer: [
                { prefer: { zone: ["a"] } },
                /web\.placement\.prefer\.zone: no host has a label "zone"; hosts have/,
            ],
            apart: [
                { antiAffinity: { with: ["api"] } },
                /antiAffinity\.with\[0\]: there is no service "api"; there is web/,
            ],
            together: [
                { affinity: { with: ["web"], over: "rack" } },
                /affinity\.over: no host has a label "rack"; hosts have/,
            ],
            spread: [{ spreadOver: "zone" }, /web\.placement\.spreadOver: no host has a label "zone"; hosts have/],
            skew: [{ maxSkew: 2 }, /web\.placement\.maxSkew: has no meaning alone, got 2; give spreadOver/],
            needs: [{ needs: -1 }, /web\.placement\.needs: must be a whole number.*got -1; give/],
            dependsOn: [
                { dependsOn: ["api"] },
                /web\.placement\.dependsOn\[0\]: there is no service "api"; there is web/,
            ],
            pin: [
                { pin: { "web-9": "vm1" } },
                /web\.placement\.pin\["web-9"\]: there is no replica "web-9"; there is web-0/,
            ],
        };
        for (const [what, [placement, says]] of Object.entries(later)) {
            const result = await runProgram(() => farm({ set: { placement } }));
            assert.match(result.errors.join("\n"), says, what);
        }
    });

    it("are also labels that a machine has by itself", async () => {
        const { errors } = await runProgram(() => farm({ vm: { labels: { hypervisor: "other" } } }));
        assert.match(errors.join(), /vm1\.labels\.hypervisor: is "rack" by itself, got "other"; leave it out/);
    });
});

describe("replicas apart over host, hypervisor and zone, of machines on two hypervisors", () => {
    for (const [over, most] of [
        ["host", 3],
        ["hypervisor", 2],
        ["zone", 2],
    ] as const) {
        it(`are one a ${over}`, async () => {
            const program = (replicas: number) => () => {
                const racks = ["rack1", "rack2"].map(
                    (name, i) =>
                        new fusion.FusionHypervisor(name, {
                            uri: `qemu+ssh://root@${name}/system`,
                            network: { cidr: `10.9${i}.0.0/24` },
                            labels: { zone: `z${i}` },
                        }),
                );
                const hosts = [0, 0, 1].map(
                    (rack, i) =>
                        new fusion.FusionVm(`vm${i}`, {
                            hypervisor: racks[rack] as fusion.FusionHypervisor,
                            image: { source: "/image.qcow2", sha256: "a".repeat(64) },
                            ssh: { authorizedKeys: ["ssh-ed25519 OPERATOR"] },
                        }),
                );
                const placement = { antiAffinity: { with: ["web"], over } };
                const web = new fusion.FusionContainerSet("web", { hosts, image: image("1"), replicas, placement });
                return { placement: web.placement };
            };
            const good = await runProgram(program(most));
            assert.deepEqual(good.errors, []);
            const vms = Object.values(isRecord(good.values.placement) ? good.values.placement : {});
            assert.equal(new Set(vms.map((vm) => (over === "host" ? vm : vm === "vm2"))).size, most);
            const bad = await runProgram(program(most + 1));
            assert.match(
                bad.errors.join(),
                new RegExp(`web-\\d fits on no host \\(vm0: antiAffinity: web is on ${over} `),
            );
        });
    }
});
