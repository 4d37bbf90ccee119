import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import * as fusion from "../../lib";
import { image } from "../support/farm";
import { type ProgramResult, type Registered, runProgram } from "../support/mocks";
import { stateAfter, TYPES } from "../support/state";
import { healthySurvey, surveyAs } from "../support/survey";

const edges = ["192.0.2.11", "192.0.2.12"].map((address) => ({ ssh: { address, user: "ops" } }));
const standby = { host: edges[1] as { ssh: fusion.SshTarget }, address: "192.0.2.10/24" };

/** A set behind a pair of balancers; without `pair` behind one. */
function program(pair = true, update?: fusion.FusionContainerSetArgs["update"]) {
    const hosts = ["10.0.0.1", "10.0.0.2"].map((address, index) => ({ name: `h${index + 1}`, address }));
    const args = { hosts, image: image("1"), replicas: 2, ports: [{ container: 80 }], ...(update && { update }) };
    const lb = new fusion.FusionBalancer("lb", {
        listen: 80,
        backends: [new fusion.FusionContainerSet("web", args)],
        host: edges[0],
        metrics: { listen: { address: "127.0.0.1", port: 8405 }, user: "a", password: "b" },
        ...(pair && { standby }),
    });
    return { url: lb.url, config: lb.config };
}

async function made(
    run: () => ReturnType<typeof program>,
): Promise<ProgramResult & { command(name: string): Registered }> {
    const result = await runProgram(run);
    assert.deepEqual(result.errors, []);
    const command = (name: string) => {
        const found = result.registered.filter((one) => one.name === name && /Command/.test(one.type));
        assert.equal(found.length, 1, `${found.length} commands are ${name}`);
        return found[0] as Registered;
    };
    return { ...result, command };
}

const COMMAND = "command:local:Command::";
const waitsFor = ({ dependsOn }: Registered) =>
    dependsOn.filter((one) => one.startsWith(COMMAND)).map((one) => one.slice(COMMAND.length));

describe("a pair of balancers", () => {
    it("is two of everything, each on its machine, the standby before the first", async () => {
        const { registered, command, values } = await made(program);
        const commands = registered.filter((one) => /Command/.test(one.type) && one.name.startsWith("lb"));
        assert.deepEqual(commands.map(({ name }) => name).sort(), [
            ...["lb", "lb-keepalived", "lb-secrets"],
            ...["lb-standby", "lb-standby-keepalived", "lb-standby-secrets"],
        ]);
        for (const { name, inputs } of commands) {
            const [own, other] = name.startsWith("lb-standby")
                ? ["192.0.2.12", "192.0.2.11"]
                : ["192.0.2.11", "192.0.2.12"];
            assert.match(String(inputs.delete), new RegExp(`^ssh .* -l ops -- ${own.replaceAll(".", "[.]")} `));
            assert.ok(!String(inputs.delete).includes(`-- ${other} `), name);
        }
        assert.deepEqual(waitsFor(command("lb-standby-secrets")), []);
        assert.deepEqual(waitsFor(command("lb-secrets")), ["lb-standby"]);
        assert.ok(waitsFor(command("lb-standby")).includes("lb-standby-secrets"));
        for (const earlier of ["lb-standby", "lb-secrets"])
            assert.ok(waitsFor(command("lb")).includes(earlier), earlier);
        assert.ok(!waitsFor(command("lb-standby")).includes("lb"));
        assert.deepEqual(waitsFor(command("lb-standby-keepalived")).sort(), ["lb", "lb-standby"]);
        assert.deepEqual(waitsFor(command("lb-keepalived")).sort(), ["lb", "lb-standby", "lb-standby-keepalived"]);
        assert.equal(values.url, "http://192.0.2.10/");
    });

    it("has one configuration, and directories that are told apart", async () => {
        const { command } = await made(program);
        assert.equal(command("lb").inputs.stdin, command("lb-standby").inputs.stdin);
        assert.match(String(command("lb").inputs.create), /OWNER=project\/dev\/lb\n/);
        assert.match(String(command("lb-standby").inputs.create), /OWNER=project\/dev\/lb-standby\n/);
    });

    it("looks at the standby before the first is changed, and at nobody before the standby is", async () => {
        const { command } = await made(program);
        const first = String(command("lb").inputs.create);
        const [look = "", change = ""] = first.split(" >&2 && ");
        assert.match(
            look,
            /^ssh .* -- 192\.0\.2\.11 [\s\S]* <\/dev\/null \| ssh .* -- 192\.0\.2\.12 [\s\S]*could not take over/,
        );
        assert.match(change, /^ssh .* -- 192\.0\.2\.11 /);
        const other = String(command("lb-standby").inputs.create);
        assert.match(other, /^ssh .* -- 192\.0\.2\.12 /);
        assert.ok(!other.includes("-- 192.0.2.11 "));
    });

    it("tells keepalived on each machine who is who, and the standby to leave the address to the first", async () => {
        const { command } = await made(program);
        const [first, other] = ["lb-keepalived", "lb-standby-keepalived"].map((name) =>
            String(command(name).inputs.stdin),
        );
        assert.match(first ?? "", /unicast_src_ip 192\.0\.2\.11\n {4}unicast_peer \{\n {8}192\.0\.2\.12\n/);
        assert.match(other ?? "", /unicast_src_ip 192\.0\.2\.12\n {4}unicast_peer \{\n {8}192\.0\.2\.11\n/);
        assert.deepEqual(
            [first, other].map((text) => /startup_delay/.test(text ?? "")),
            [false, true],
        );
        const lines = ([text = ""]: readonly (string | undefined)[]) =>
            text.split("\n").filter((line) => !/startup_delay|192\.0\.2\.1[12]/.test(line));
        assert.deepEqual(lines([first]), lines([other]));
    });

    for (const [order, steps] of [
        ["start-first", ["lb-standby-web-step-0", "lb-web-step-0"]],
        ["stop-first", ["lb-standby-web-step-0", "lb-web-step-0", "lb-standby-web-0", "lb-web-0"]],
    ] as const) {
        it(`takes each step of a rollout on the standby first, where a set is updated ${order}`, async () => {
            const { command } = await made(() => program(true, order === "stop-first" ? { order } : { maxSurge: 1 }));
            for (const name of steps) assert.ok(command(name));
            assert.ok(waitsFor(command("lb-web-step-0")).includes("lb-standby-web-step-0"));
            // There is none before its first deployment, which waits for the set.
            assert.match(String(command("lb-web-step-0").inputs.create), /MAY_LACK=yes[\s\S]*could not take over/);
            assert.match(String(command("lb").inputs.create), /MAY_LACK=[^y][\s\S]*could not take over/);
            assert.doesNotMatch(String(command("lb-standby-web-step-0").inputs.create), /could not take over/);
        });
    }

    it("leaves the first's commands as they were with one balancer, but for the look at the standby", async () => {
        const [pair, one] = [await made(program), await made(() => program(false))];
        assert.equal(pair.command("lb").inputs.delete, one.command("lb").inputs.delete);
        const text = String(one.command("lb").inputs.create);
        assert.ok(String(pair.command("lb").inputs.create).includes(text));
        assert.deepEqual(pair.command("lb").inputs.triggers, one.command("lb").inputs.triggers);
    });

    for (const changed of [
        ["vm1", "edge1", "edge2"],
        ["vm1", "edge2"],
        ["vm1", "edge1"],
    ]) {
        it(`is waited for as far as its own machines are not interrupted: ${changed.join(", ")}`, async () => {
            const names = ["vm1", "edge1", "edge2"];
            const machines = (maxMemoryMiB: number) => () => {
                const rack = new fusion.FusionHypervisor("rack", { uri: "qemu:///system", domainType: "qemu" });
                const [vm1, edge1, edge2] = names.map(
                    (name, index) =>
                        new fusion.FusionVm(name, {
                            ...{ hypervisor: rack, address: `10.77.0.2${index + 1}` },
                            maxMemoryMiB: changed.includes(name) ? maxMemoryMiB : 2048,
                            image: { source: "/etc/hosts", sha256: "a".repeat(64) },
                            ssh: { authorizedKeys: ["ssh-ed25519 OPERATOR"] },
                        }),
                ) as [fusion.FusionVm, fusion.FusionVm, fusion.FusionVm];
                const args = { hosts: [vm1], image: image("1"), replicas: 2, ports: [{ container: 80 }] };
                const web = new fusion.FusionContainerSet("web", { ...args, update: { maxSurge: 1 } });
                const standby = { host: edge2, address: "10.77.0.9/24" };
                const lb = new fusion.FusionBalancer("lb", { listen: 80, backends: [web], host: edge1, standby });
                return { url: lb.url };
            };
            const running = { state: "running", memoryMiB: 2048, vcpus: 1, autostart: true };
            const domains = new Map(names.map((name) => [name, { uuid: name, ...running }]));
            const first = await runProgram(machines(2048));
            assert.deepEqual(first.errors, []);
            const disks = first.registered
                .filter(({ type }) => type === TYPES.volume)
                .map(({ inputs }) => String(inputs.name));
            const storage = { ...healthySurvey.storage, exists: true, files: disks };
            surveyAs(async () => ({ ...healthySurvey, domains, storage }));
            try {
                const second = await runProgram(machines(4096), stateAfter(first));
                assert.deepEqual(second.errors, []);
                const memory = second.registered
                    .filter(({ type }) => type === TYPES.domain)
                    .map(({ name, inputs }) => [name, inputs.memory]);
                assert.deepEqual(
                    memory.sort(),
                    names.map((name) => [name, changed.includes(name) ? 4096 : 2048]).sort(),
                );
            } finally {
                surveyAs();
            }
        });
    }

    it("is told of wrong arguments, and of names that its commands have", async () => {
        const { errors } = await runProgram(() => {
            const wrong = {
                listen: 80,
                backends: [{ name: "a", servers: [{ name: "a", address: "10.0.0.1", port: 1 }] }],
            };
            const lb = new fusion.FusionBalancer("lb", {
                ...wrong,
                host: edges[0],
                standby: { ...standby, host: edges[0] as never },
            });
            return { url: lb.url };
        });
        assert.match(errors.join(), /1 wrong argument.*\nlb\.standby\.host: is the machine of the first balancer/);
        const named = await runProgram(() => {
            const rack = new fusion.FusionHypervisor("rack", { uri: "qemu:///system", domainType: "qemu" });
            const source = { source: "/etc/hosts", sha256: "a".repeat(64) };
            const vm = new fusion.FusionVm("standby", { hypervisor: rack, image: source, address: "10.77.0.20" });
            const web = new fusion.FusionContainerSet("web", {
                hosts: [vm],
                image: image("1"),
                ports: [{ container: 80 }],
            });
            const lb = new fusion.FusionBalancer("lb", { listen: 80, backends: [web], host: edges[0], standby });
            return { url: lb.url };
        });
        assert.match(named.errors.join(), /lb\.backends: have "standby", as a command of the balancer is called/);
        const two = await runProgram(() => {
            const servers = [{ name: "a", address: "10.0.0.1", port: 1 }];
            const urls = ["lb-standby", "lb"].map(
                (name, index) =>
                    new fusion.FusionBalancer(name, { listen: 80 + index, backends: [{ name: "a", servers }] }).url,
            );
            return { url: pulumi.all(urls) };
        });
        assert.match(
            two.errors.join(),
            /lb-standby: is what a command of the balancer lb is called: "lb-standby"; give/,
        );
    });
});
