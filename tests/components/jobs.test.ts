import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import ts from "typescript";
import * as fusion from "../../lib";
import { isRecord } from "../../lib/isRecord";
import { projectDir } from "../../tools/paths";
import { farm, image } from "../support/farm";
import { type ProgramResult, type Registered, runProgram } from "../support/mocks";

const hosts = ["h1", "h2"].map((name, index) => ({ name, address: `10.78.0.1${index + 1}` }));
const SECRET = "hunter2";

/** Objects of a program's own: by them mocks tell one program from another. */
const ownHosts = () => hosts.map((host) => ({ ...host }));

const run = (args: Partial<fusion.FusionJobArgs>, last?: ProgramResult) =>
    runProgram(() => {
        const job = new fusion.FusionJob("job", { hosts: ownHosts(), image: image("1"), ...args });
        return { host: job.host };
    }, last?.outputs);
const made = async (args: Partial<fusion.FusionJobArgs>, last?: ProgramResult) => {
    const result = await run(args, last);
    assert.deepEqual(result.errors, []);
    return result;
};
const one = ({ registered }: ProgramResult, id: string): Registered => {
    const found = registered.find(({ type, name }) => `${type}::${name}` === id);
    assert.ok(found, `there is no ${id}`);
    return found;
};
const job = (result: ProgramResult) => one(result, "command:local:Command::job");
const variable = (result: ProgramResult, name: string): string => {
    const { environment } = job(result).inputs;
    return isRecord(environment) ? String(environment[name]) : "";
};
const version = (result: ProgramResult) => variable(result, "FUSION_JOB");

/** The state when a deployment's command has ended well, or, given the one before it, has not. */
function stateOf(result: ProgramResult, before?: ProgramResult): ProgramResult {
    const record = Object.keys(result.outputs).find((urn) => urn.endsWith("PlacementRecord::job")) ?? "";
    const command = record.replace("fusion:index:PlacementRecord", "command:local:Command");
    const kept = before?.outputs[command] ?? { type: "command:local:Command", outputs: job(before ?? result).inputs };
    return { ...result, outputs: { ...result.outputs, [command]: kept } };
}

describe("a job", () => {
    it("is an image on its host and a command after it, and no docker provider", async () => {
        const result = await made({});
        assert.deepEqual(result.registered.map(({ type, name, parent }) => `${type}::${name} < ${parent}`).sort(), [
            "command:local:Command::job < fusion:index:FusionJob::job",
            "command:local:Command::job-h1 < fusion:index:FusionJob::job",
            "fusion:index:FusionJob::job < ",
            "fusion:index:PlacementRecord::job < fusion:index:FusionJob::job",
        ]);
        const { inputs, dependsOn, deleteBeforeReplace } = job(result);
        assert.equal(inputs.create, 'sh -c "$FUSION_SCRIPT"');
        assert.deepEqual(inputs.triggers, ["once"]);
        assert.match(String(inputs.delete), /^ssh .* 10\.78\.0\.11 [\s\S]*JOB=job[\s\S]*cannot be reached/);
        assert.ok(dependsOn.includes("command:local:Command::job-h1"));
        assert.equal(deleteBeforeReplace, true);
        assert.match(version(result), /^job-[0-9a-f]{8}$/);
        assert.deepEqual(result.values, { host: "h1" });
    });

    it("is another version with all that it is made of, and with nothing else", async () => {
        const base = { command: ["a"], env: { A: "1" }, files: { "/a": "1" } };
        const first = await made(base);
        const same: Partial<fusion.FusionJobArgs>[] = [
            { timeoutSeconds: 5 },
            { hosts: ownHosts().reverse() },
            { resources: { memoryMiB: 64 } },
            { placement: { require: { host: ["h1", "h2"] } } },
        ];
        for (const more of same) assert.equal(version(await made({ ...base, ...more }, first)), version(first));
        const other: Partial<fusion.FusionJobArgs>[] = [
            { image: image("2") },
            { command: ["b"] },
            { env: { A: "2" } },
            { files: { "/a": "2" } },
            { files: { "/a": { content: "1", mode: "0400" } } },
            { resources: { limits: { cpus: 1 } } },
        ];
        for (const more of other) assert.notEqual(version(await made({ ...base, ...more }, first)), version(first));
    });

    it("keeps env and files secret, in standard input alone, and its version says nothing of them", async () => {
        const args = { env: { TOKEN: pulumi.secret(SECRET) }, files: { "/run/key": SECRET } };
        const result = await made(args);
        assert.deepEqual(job(result).secrets, ["stdin"]);
        const [env = "", , file = ""] = String(job(result).inputs.stdin).split("\n");
        assert.equal(
            Buffer.from(env.split(" ")[2] === "-" ? (env.split(" ")[3] ?? "") : "", "base64").toString(),
            `TOKEN=${SECRET}\n`,
        );
        assert.equal(file, `file /run/key 0444 ${Buffer.from(SECRET).toString("base64")}`);
        const open = result.registered.map(({ inputs, secrets }) =>
            Object.entries(inputs).filter(([key]) => !secrets.includes(key)),
        );
        assert.ok(!JSON.stringify(open).includes(SECRET));
        assert.notEqual(version(await made(args)), version(result), "the key is random");
        assert.equal(version(await made(args, result)), version(result), "and kept");
    });

    it("has the limits, the command and the time that its arguments say", async () => {
        const result = await made({
            command: ["migrate", "--all"],
            resources: { limits: { cpus: 0.5, memoryMiB: 64 } },
            timeoutSeconds: 90,
        });
        const script = variable(result, "FUSION_SCRIPT");
        assert.match(script, /^set -- --cpus=0\.5 --memory=64m --memory-swap=64m \S+@sha256:1+ migrate --all$/m);
        assert.match(script, /^TIMEOUT=90$/m);
    });

    it("runs where it may, stays where it was, and moves when it must", async () => {
        const first = await made({ placement: { require: { host: ["h2"] } } });
        assert.deepEqual(first.values, { host: "h2" });
        const still = await made({}, first);
        assert.deepEqual(still.values, { host: "h2" });
        const moved = await made({ hosts: ownHosts().slice(0, 1) }, first);
        assert.deepEqual(moved.values, { host: "h1" });
        assert.equal(version(moved), version(first), "which is no reason to run again");
        assert.deepEqual(job(moved).inputs.triggers, job(first).inputs.triggers);
    });

    it("whose last run has not ended well is a change of its command, whatever its version is, until one has", async () => {
        const v1 = stateOf(await made({ image: image("1") }));
        const number = (result: ProgramResult) => variable(result, "FUSION_RUN");
        const same = await made({ image: image("1") }, v1);
        assert.deepEqual(job(same).inputs, job(v1).inputs);
        const interrupted = stateOf(await made({ image: image("2") }, v1), v1);
        const back = await made({ image: image("1") }, interrupted);
        assert.equal(version(back), version(v1));
        assert.deepEqual([v1, interrupted, back].map(number), ["1", "2", "3"]);
        const again = await made({ image: image("1") }, stateOf(back, v1));
        assert.equal(number(again), "4", "that one was interrupted as well");
        const settled = stateOf(again);
        assert.deepEqual(job(await made({ image: image("1") }, settled)).inputs, job(settled).inputs);
    });

    it("whose last run has not ended well where it was is removed there before it runs elsewhere", async () => {
        const v1 = stateOf(await made({ image: image("1") }));
        assert.equal(v1.values.host, "h1");
        const interrupted = stateOf(await made({ image: image("2") }, v1), v1);
        const elsewhere = () => ({ image: image("2"), hosts: ownHosts().slice(1) });
        const moved = await made(elsewhere(), interrupted);
        assert.deepEqual([moved.values.host, job(moved).inputs.triggers], ["h2", ["once", "3"]]);
        const settled = stateOf(moved);
        assert.deepEqual(job(await made(elsewhere(), settled)).inputs, job(settled).inputs);
        const well = await made({ image: image("1"), hosts: ownHosts().slice(1) }, v1);
        assert.deepEqual([well.values.host, job(well).inputs.triggers], ["h2", ["once"]]);
    });

    it("carries the stack's name, so that another stack may have one of its name on the host", async () => {
        const once = await made({});
        assert.match(variable(once, "FUSION_SCRIPT"), /STACK=project\/dev/);
        assert.match(String(job(once).inputs.delete), /STACK=project\/dev/);
        const daily = await made({ schedule: "daily" });
        assert.match(variable(daily, "FUSION_SCRIPT"), /UNIT=fusion-project--dev-job/);
    });

    it("on a schedule is another command, which is made anew elsewhere", async () => {
        const daily = await made({ schedule: "daily" });
        assert.deepEqual(job(daily).inputs.triggers, ["h1", "fusion-project--dev-job"]);
        assert.match(variable(daily, "FUSION_SCRIPT"), /OnCalendar=daily/);
        assert.match(String(job(daily).inputs.delete), /systemctl disable --now/);
    });

    it("on a virtual machine goes with it; only a schedule is made anew with its disk", async () => {
        const { registered, errors } = await runProgram(() => {
            const values = farm({ vms: ["vm1"], replicas: 1 });
            const rack = new fusion.FusionHypervisor("rack2", {
                uri: "qemu:///system",
                domainType: "qemu",
                network: { cidr: "10.99.0.0/24" },
            });
            const ssh = { authorizedKeys: ["ssh-ed25519 OPERATOR"] };
            const vm = new fusion.FusionVm("vm9", {
                hypervisor: rack,
                image: { source: "/etc/hosts", sha256: "a".repeat(64) },
                ssh,
            });
            const jobs = ["daily", undefined].map(
                (schedule) =>
                    new fusion.FusionJob(schedule ?? "once", {
                        hosts: [vm],
                        image: image("1"),
                        ...(schedule && { schedule }),
                    }),
            );
            return { ...values, hosts: pulumi.all(jobs.map(({ host }) => host)) };
        });
        assert.deepEqual(errors, []);
        for (const [name, replaced] of [
            ["daily", 1],
            ["once", 0],
        ] as const) {
            const found = registered.find((it) => it.name === name && it.type === "command:local:Command");
            assert.equal(found?.deletedWith, "libvirt:index/domain:Domain::vm9");
            assert.equal(found?.replaceWith.length, replaced);
            assert.ok(found?.dependsOn.includes("command:local:Command::vm9"));
        }
    });

    it("shares its hosts' capacity with sets, and says what is wrong with all else", async () => {
        const first = { name: "h1", address: "10.78.0.11" };
        const small = [{ ...first, capacity: { memoryMiB: 100 } }];
        const { errors, registered } = await runProgram(() => {
            const resources = { memoryMiB: 80 };
            const set = new fusion.FusionContainerSet("web", { hosts: small, image: image("1"), resources });
            new fusion.FusionJob("job", { hosts: small, image: image("1"), resources: { memoryMiB: 90 } });
            return { endpoints: set.endpoints };
        });
        assert.match(
            errors.join(),
            /fits on no host \(h1: memory: needs 80, 10 left\)|none has room for it \(h1: memory: needs 90, 20 left\)/,
        );
        const large = await run({ hosts: [{ ...first, capacity: { memoryMiB: 100 } }], resources: { memoryMiB: 101 } });
        assert.match(
            large.errors.join(),
            /job\.hosts: none has room for it \(h1: memory: needs 101, .*\); add a host, or lower/,
        );
        assert.ok(registered.every(({ type }) => type.startsWith("fusion:")));
        const wrong = await run({ timeoutSeconds: 0, schedule: "", hosts: [] });
        const paths = (wrong.errors[0] ?? "")
            .split("\n")
            .slice(1)
            .map((line) => line.replace(/: .*/, ""));
        assert.deepEqual(paths, ["job.hosts", "job.schedule", "job.timeoutSeconds"]);
    });
});

describe("a migration before a rollout: examples/migration", () => {
    /** The example, as it stands in the repository, with the library's source. */
    function migration(): Record<string, pulumi.Output<unknown>> {
        const values = {
            hosts: JSON.stringify(hosts),
            image: image("1"),
            databaseUrl: `postgres://shop:${SECRET}@db/shop`,
        };
        const config = Object.entries(values).map(([key, value]) => [`project:${key}`, value]);
        pulumi.runtime.setAllConfig(Object.fromEntries(config), ["project:databaseUrl"]);
        const source = readFileSync(join(projectDir, "examples", "migration", "index.ts"), "utf8");
        const { outputText } = ts.transpileModule(source, {
            compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
        });
        const exported: Record<string, pulumi.Output<unknown>> = {};
        const load = (name: string): unknown => (name === "pulumi-fusion" ? fusion : require(name));
        new Function("require", "exports", outputText)(load, exported);
        return Object.fromEntries(Object.entries(exported).filter(([, value]) => pulumi.Output.isInstance(value)));
    }

    it("has the set wait for the job, and no secret in the open", async () => {
        const result = await runProgram(migration);
        assert.deepEqual(result.errors, []);
        assert.ok(
            one(result, "fusion:index:FusionContainerSet::shop").dependsOn.includes("command:local:Command::migrate"),
        );
        assert.ok(!one(result, "fusion:index:FusionJob::tidy").dependsOn.includes("command:local:Command::migrate"));
        const order = result.registered.map(({ type, name }) => `${type.split(":").at(-1)} ${name}`);
        assert.ok(order.indexOf("Command migrate") < order.indexOf("Container shop-0"), order.join("\n"));
        assert.equal(result.values.migratedOn, "h1");
        const open = result.registered.map(({ inputs, secrets }) =>
            Object.entries(inputs).filter(([key]) => !secrets.includes(key)),
        );
        assert.ok(!JSON.stringify(open).includes(SECRET));
    });
});
