import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type * as fusion from "../../lib";
import { machineChange, readFacts } from "../../lib/vm/machineFacts";
import { projectDir } from "../../tools/paths";
import { type FarmArgs, farm } from "../support/farm";
import { type ProgramResult, type Registered, runProgram } from "../support/mocks";
import { stateAfter, TYPES } from "../support/state";
import { healthySurvey, surveyAs } from "../support/survey";

type VmArgs = Partial<fusion.FusionVmArgs>;
/** The argument as documents call it, a value before and one after. */
type Case = [argument: string, before: FarmArgs & { vm?: VmArgs }, after: FarmArgs & { vm?: VmArgs }, note?: string];

const data = (sizeGiB: number, more: object = {}): FarmArgs => ({
    vm: { dataDisks: [{ name: "data", sizeGiB, ...more }] },
});
const vm = (args: VmArgs): FarmArgs => ({ vm: args });

const cases: Case[] = [
    ["`vcpus`, up to `maxVcpus`", vm({ maxVcpus: 4 }), vm({ maxVcpus: 4, vcpus: 2 })],
    ["`vcpus` beyond it", {}, vm({ vcpus: 2 })],
    ["`maxVcpus`", {}, vm({ maxVcpus: 4 })],
    ["`memoryMiB`, up to `maxMemoryMiB`", vm({ maxMemoryMiB: 4096 }), vm({ maxMemoryMiB: 4096, memoryMiB: 3072 })],
    ["`memoryMiB` beyond it", {}, vm({ memoryMiB: 3072 })],
    ["`maxMemoryMiB`", {}, vm({ maxMemoryMiB: 4096 })],
    ["`diskGiB`, larger", {}, vm({ diskGiB: 20 })],
    ["`diskGiB`, smaller", {}, vm({ diskGiB: 5 })],
    ["`dataDisks`, one more", {}, data(20)],
    ["`dataDisks`, one fewer", data(20), {}, "its data is DELETED with it; Pulumi refuses while it is protected"],
    ["`dataDisks[].sizeGiB`, larger", data(20), data(30)],
    ["`dataDisks[].sizeGiB`, smaller", data(20), data(10)],
    ["`dataDisks[].name`", data(20), vm({ dataDisks: [{ name: "other", sizeGiB: 20 }] }), "one fewer and one more"],
    ["`dataDisks[].path`", data(20), data(20, { path: "/srv/more" }), "the old folder is left empty"],
    ["`dataDisks[].filesystem`", data(20), data(20, { filesystem: "xfs" })],
    ["`dataDisks[].protect`", data(20), data(20, { protect: false })],
    ["`autostart`", {}, vm({ autostart: false })],
    ["`description`", {}, vm({ description: "the web" })],
    ["`labels`", {}, vm({ labels: { zone: "a" } }), "replicas may be placed elsewhere"],
    ["`firmware`", {}, vm({ firmware: { loader: "/usr/share/OVMF/OVMF_CODE.fd" } })],
    ["`domain`", {}, vm({ domain: { cpu: { mode: "host-model" } } })],
    ["`interfaces`", {}, vm({ interfaces: [{ bridge: "br0" }] }), "the guest's network configuration changes too"],
    ["`mac`", {}, vm({ mac: "52:54:00:12:34:56" }), "the guest's network configuration changes too"],
    ["`address`", {}, vm({ address: "10.77.0.99" })],
    [
        "`address6`",
        { hypervisor: { network: { cidr6: "fd00:77::/64" } } },
        { hypervisor: { network: { cidr6: "fd00:77::/64" } }, vm: { address6: "fd00:77::99" } },
    ],
    ["`image.sha256`", {}, vm({ image: { source: "/etc/hosts", sha256: "b".repeat(64) } })],
    [
        "`image.source`",
        {},
        vm({ image: { source: "/etc/passwd", sha256: "a".repeat(64) } }),
        "the checksum says that it is the same",
    ],
    ["`docker.daemon`, `users`, `packages`, `files` and all else of the guest", {}, vm({ timezone: "Europe/Berlin" })],
    [
        'the same with `onUserDataChange: "ignore"`',
        vm({ onUserDataChange: "ignore" }),
        vm({ onUserDataChange: "ignore", timezone: "Europe/Berlin" }),
        "until the machine is made anew for another reason",
    ],
    ["`ssh.authorizedKeys`, `ssh.user`", {}, vm({ ssh: { authorizedKeys: ["ssh-ed25519 OTHER"] } })],
    [
        "`ssh.jump`",
        vm({ ssh: { authorizedKeys: ["ssh-ed25519 OPERATOR"] } }),
        vm({ ssh: { authorizedKeys: ["ssh-ed25519 OPERATOR"], jump: { address: "10.0.0.9" } } }),
        "how the machine is reached",
    ],
    ["`lost`, from `false` to `true`", {}, vm({ lost: true }), "once"],
    ["`lost`, from `true` to `false`", vm({ lost: true }), {}],
    ["`onUserDataChange`", {}, vm({ onUserDataChange: "ignore" })],
    ["`shutdownSeconds`", {}, vm({ shutdownSeconds: 30 }), "of the machine's command alone"],
    ["`readyTimeoutSeconds`", {}, vm({ readyTimeoutSeconds: 60 }), "of the machine's command alone"],
    ["`timezone`", {}, vm({ timezone: "Etc/UTC" }), "as all of the guest"],
    ["`hypervisor`", {}, { rack: "rack2" }, "data disks do not move: the old ones are deleted with their data"],
    ["the hypervisor's `domainType`", {}, { hypervisor: { domainType: "kvm" } }],
];

/** The machine as it is on its hypervisor, once it has been made. */
const running = { uuid: "", state: "running", memoryMiB: 2048, vcpus: 1, autostart: true };

/** What the engine will do to the machine, by what the program registers for it. */
function effectOf(before: ProgramResult, after: ProgramResult): string {
    if (after.errors.length > 0) {
        assert.match(
            after.errors.join("\n"),
            /^1 wrong argument, nothing was changed:\n.*(would shrink a disk|only a blank disk is formatted)/,
        );
        return "refused";
    }
    const differs = (type: string, ...ignored: string[]) => {
        const inputs = ({ registered }: ProgramResult) => {
            const found = registered.find((one: Registered) => one.type === type && one.name === "vm1");
            assert.ok(found, type);
            return JSON.stringify({ ...found.inputs, ...Object.fromEntries(ignored.map((key) => [key, undefined])) });
        };
        return inputs(before) !== inputs(after);
    };
    if (differs(TYPES.volume, "size")) return "new disk";
    const trigger = ({ registered }: ProgramResult) =>
        registered.find(({ type }) => type === TYPES.domain)?.replacementTrigger;
    if (differs(TYPES.domain, "autostart") || trigger(before) !== trigger(after)) return "restart";
    return differs(TYPES.command) || differs(TYPES.domain) ? "in place" : "nothing";
}

describe("a change of a machine's arguments", () => {
    const rows: string[] = [];
    for (const [argument, from, to, note = ""] of cases) {
        it(`${argument} does to the machine what the library says that it does`, async () => {
            const one = (args: FarmArgs) => () => farm({ vms: ["vm1"], replicas: 1, ...args });
            const before = await runProgram(one(from));
            assert.deepEqual(before.errors, []);
            surveyAs(async () => ({ ...healthySurvey, domains: new Map([["vm1", running]]) }));
            const after = await runProgram(one(to), stateAfter(before)).finally(() => surveyAs());
            const effect = effectOf(before, after);
            if (effect !== "refused") {
                const [was, is] = [before, after].map(({ registered }) =>
                    readFacts(
                        registered.find(({ type, name }) => type === TYPES.command && name === "vm1")?.inputs.stdin,
                    ),
                );
                assert.ok(was && is);
                const told = machineChange(was, is).effect;
                assert.equal(told ?? "in place", effect === "nothing" ? "in place" : effect);
            }
            rows.push(`| ${argument} | ${effect} | ${note} |`);
        });
    }

    it("is in the table of docs/changes.md", () => {
        const file = join(projectDir, "docs", "changes.md");
        const text = readFileSync(file, "utf8");
        const start = text.indexOf("| argument |");
        const end = text.indexOf("\n\n", start);
        const table = ["| argument | effect | |", "|---|---|---|", ...rows].join("\n");
        if (process.env.UPDATE_GOLDEN === "1") {
            writeFileSync(file, `${text.slice(0, start)}${table}${text.slice(end)}`);
            return;
        }
        assert.equal(text.slice(start, end), table);
    });
});
