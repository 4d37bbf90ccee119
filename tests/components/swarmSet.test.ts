import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import * as fusion from "../../lib";
import { type SeenService, serviceLook } from "../../lib/swarm/lookAtService";
import { swarmSurvey } from "../../lib/swarm/lookAtSwarm";
import { image } from "../support/farm";
import { type ProgramResult, type Registered, runProgram } from "../support/mocks";

const SERVICE = "docker:index/service:Service";
const COMMAND = "command:local:Command";

/** Objects of a program's own: by them mocks tell one program from another. */
const hosts = (...names: string[]): fusion.ExistingHost[] =>
    (names.length > 0 ? names : ["h1", "h2", "h3"]).map((name) => ({
        name,
        address: `10.78.0.1${name.slice(1)}`,
        labels: { zone: `z${name.slice(1)}` },
    }));

const run = (set: Partial<fusion.FusionContainerSetArgs> = {}, last?: ProgramResult, on: string[] = []) =>
    runProgram(() => {
        const swarm = new fusion.FusionSwarm("farm", { hosts: hosts(...on), networks: { backend: {} } });
        const web = new fusion.FusionContainerSet("web", {
            ...{ hosts: swarm, image: image("1"), replicas: 2, ports: [{ container: 80 }], healthCheck: { http: {} } },
            ...set,
        });
        const lb = new fusion.FusionBalancer("lb", { listen: 8080, backends: [web] });
        return { endpoints: web.endpoints, placement: web.placement, config: lb.config };
    }, last?.outputs);
async function made(set: Partial<fusion.FusionContainerSetArgs> = {}, last?: ProgramResult, on: string[] = []) {
    const result = await run(set, last, on);
    assert.deepEqual(result.errors, []);
    return result;
}
const one = ({ registered }: ProgramResult, type: string, name: string): Registered => {
    const found = registered.find((it) => it.type === type && it.name === name);
    assert.ok(found, `there is no ${type} ${name} among ${registered.map((it) => it.name)}`);
    return found;
};
const service = (result: ProgramResult) => one(result, SERVICE, "web");
const label = (result: ProgramResult, name: string): unknown => {
    const { labels } = service(result).inputs;
    return Array.isArray(labels) ? labels.find((it) => it.label === name)?.value : undefined;
};
const port = (result: ProgramResult): unknown =>
    Reflect.get(Object(service(result).inputs.endpointSpec), "ports")[0].publishedPort;
/** The state behind a deployment whose gate has failed. */
const failed = (result: ProgramResult): ProgramResult => ({
    ...result,
    outputs: Object.fromEntries(Object.entries(result.outputs).filter(([urn]) => !urn.includes("ServedRecord"))),
});

describe("a container set on a swarm", () => {
    const { managesWithQuorum } = swarmSurvey;
    const { ask } = serviceLook;
    let seen: SeenService | undefined;
    let asked = 0;
    before(() => {
        swarmSurvey.managesWithQuorum = async () => true;
        serviceLook.ask = async () => {
            asked += 1;
            return seen;
        };
    });
    beforeEach(() => {
        asked = 0;
    });
    after(() => {
        swarmSurvey.managesWithQuorum = managesWithQuorum;
        serviceLook.ask = ask;
    });

    it("is refused where Swarm might put it so that it does not survive what is demanded", async () => {
        const both = { ports: [], healthCheck: undefined, survives: { vms: 1 } };
        assert.deepEqual((await run(both)).errors.length, 1);
        assert.match(
            String((await run(both)).errors[0]),
            /web\.survives\.vms: losing host h1 may stop web: h1 may run both of its replicas/,
        );
        await made({ survives: { vms: 1 } });
        const needy = await run({ placement: { dependsOn: ["db"] } });
        assert.match(String(needy.errors[0]), /web\.placement\.dependsOn\[0\]: "db" is no set on the swarm farm/);
    });

    it("is a service with a gate, and nothing on hosts", async () => {
        const result = await made({
            files: { "/etc/web.conf": { content: "hunter2", mode: "0440" } },
            env: { MODE: "{{live}}", PASSWORD: pulumi.secret("hunter3") },
            command: ["serve"],
            resources: { cpus: 0.25, memoryMiB: 64, limits: { cpus: 0.5, memoryMiB: 128 } },
            ...{ stopSeconds: 90, stopSignal: "SIGQUIT", platform: "linux/amd64" },
            placement: { require: { host: ["h1", "h2"] }, spreadOver: "zone" },
            swarm: { networks: ["backend"], monitorSeconds: 5 },
        });
        const children = result.registered.filter(({ parent }) => parent.endsWith("FusionContainerSet::web"));
        assert.deepEqual(children.map(({ type, name }) => `${type.split(":").at(-1)} ${name}`).sort(), [
            "Command web-serves",
            "Secret web/etc/web.conf",
            "ServedRecord web",
            "Service web",
            "ServiceRecord web",
        ]);
        const { inputs, deleteBeforeReplace, dependsOn, provider } = service(result);
        const { taskSpec, labels: _, ...more } = inputs;
        const pace = { parallelism: 2, delay: "0s", monitor: "5s", maxFailureRatio: "0.0", order: "start-first" };
        assert.deepEqual(more, {
            name: "web",
            mode: { replicated: { replicas: 2 } },
            endpointSpec: {
                mode: "vip",
                ports: [{ targetPort: 80, publishedPort: 30_000, protocol: "tcp", publishMode: "host" }],
            },
            updateConfig: { ...pace, failureAction: "rollback" },
            rollbackConfig: { ...pace, failureAction: "continue" },
        });
        const { containerSpec, ...task } = Object(taskSpec);
        assert.deepEqual(task, {
            resources: {
                limits: { nanoCpus: 500_000_000, memoryBytes: 134_217_728 },
                reservation: { nanoCpus: 250_000_000, memoryBytes: 67_108_864 },
            },
            restartPolicy: { condition: "any", delay: "2s", maxAttempts: 0, window: "0s" },
            placement: {
                constraints: ["node.labels.fusion.host!=h3"],
                prefs: ["spread=node.labels.zone"],
                platforms: [{ os: "linux", architecture: "amd64" }],
            },
            networksAdvanceds: [{ id: "farm-backend-id" }],
            runtime: "container",
        });
        const version = String(label(result, "fusion.version"));
        assert.deepEqual(
            [version.length, label(result, "fusion.turn"), label(result, "fusion.attempt")],
            [8, "0", undefined],
        );
        const { healthcheck, secrets, ...container } = containerSpec;
        assert.deepEqual(container, {
            image: image("1"),
            args: ["serve"],
            env: {
                MODE: '{{"{{"}}live}}',
                PASSWORD: "hunter3",
                FUSION_HOST: "{{.Node.Hostname}}",
                FUSION_REPLICA: "web-{{.Task.Slot}}",
                FUSION_TURN: "0",
                FUSION_VERSION: version,
            },
            stopGracePeriod: "1m30s",
            stopSignal: "SIGQUIT",
        });
        assert.deepEqual([healthcheck.interval, healthcheck.startPeriod], ["5s", "5m"]);
        const secret = one(result, "docker:index/secret:Secret", "web/etc/web.conf");
        assert.match(String(secret.inputs.name), /^web-[0-9a-f]{8}-0$/);
        assert.deepEqual(
            [secret.inputs.data, secret.secrets, secret.deleteBeforeReplace],
            [Buffer.from("hunter2").toString("base64"), ["data"], false],
        );
        assert.deepEqual(secrets, [
            {
                ...{ secretId: "web/etc/web.conf-id", secretName: secret.inputs.name, fileName: "/etc/web.conf" },
                ...{ fileMode: 0o440, fileUid: "0", fileGid: "0" },
            },
        ]);
        assert.equal(deleteBeforeReplace, true);
        assert.equal(provider, "pulumi:providers:docker::farm");
        assert.ok(dependsOn.includes(`${COMMAND}::farm-h3`), "all nodes are in the swarm");
        assert.deepEqual(one(result, COMMAND, "web-serves").replaceWith, [`${SERVICE}::web`]);
    });

    it("answers at both turns' ports of each node that may run it", async () => {
        const { values } = await made({ placement: { require: { zone: ["z1", "z2"] } } });
        const at = (name: string, vm: string, port: number) => ({ name, vm, address: `10.78.0.1${vm.slice(1)}`, port });
        assert.deepEqual(values.endpoints, [
            ...[at("web-h1", "h1", 30_000), at("web-h1-b", "h1", 30_001)],
            ...[at("web-h2", "h2", 30_000), at("web-h2-b", "h2", 30_001)],
        ]);
        assert.deepEqual(values.placement, {});
    });

    it("has a balancer in front that waits for one of its servers, and knows all of them before it changes", async () => {
        const result = await made();
        assert.match(
            String(result.values.config),
            /retries 6\n(.*\n)* {4}default-server error-limit 1 rise 2\n(.*\n)* {4}server web-h1 /,
        );
        const deployed = String(one(result, COMMAND, "lb").inputs.create);
        assert.match(deployed, /FOUND=web/);
        assert.match(
            String(one(result, COMMAND, "lb-web-servers").inputs.stdin),
            /^retries 6\nserver web-h1 .* error-limit 1 rise 2\n/,
        );
        const names = result.registered.map(({ type, name }) => `${type.split(":").at(-1)} ${name}`);
        assert.ok(names.indexOf("Command lb-web-servers") < names.indexOf("Service web"), names.join());
        const follow = one(result, COMMAND, "lb-web-follow");
        assert.match(String(follow.inputs.create), /SERVERS=.*h1:0=web-h1 h1:1=web-h1-b /);
        assert.deepEqual(follow.dependsOn, [`${COMMAND}::lb-web-servers`]);
    });

    it("is the same in a second run, asks nobody, and takes the other port for another version", async () => {
        const first = await made();
        const same = await made({}, first);
        assert.deepEqual(service(same).inputs, service(first).inputs);
        const second = await made({ image: image("2") }, same);
        assert.deepEqual([port(first), port(second), label(second, "fusion.turn")], [30_000, 30_001, "1"]);
        assert.equal(port(await made({ image: image("2") }, second)), 30_001);
        assert.equal(asked, 0);
    });

    it("asks the swarm what serves where the last deployment was not completed", async () => {
        const first = await made();
        const version = String(label(first, "fusion.version"));
        const second = await made({ image: image("2") }, first);
        const broken = { ...second, outputs: { ...second.outputs, ...served(first) } };
        seen = { running: [{ version, turn: 0 }], isBusy: false, isPaused: false };
        const again = await made({ image: image("2") }, broken);
        assert.deepEqual([port(again), label(again, "fusion.attempt"), asked], [30_001, "1", 1]);
        const third = await made({ image: image("3") }, broken);
        assert.deepEqual([port(third), label(third, "fusion.attempt")], [30_001, undefined]);
        const back = await made({}, broken);
        // The provider changes the service again, so that all its tasks are replaced and need other ports.
        assert.deepEqual([port(back), label(back, "fusion.attempt")], [30_001, "1"]);
        assert.equal(label(back, "fusion.version"), version);
        seen = undefined;
        assert.equal(port(await made({ image: image("2") }, failed(first))), 30_001);
    });
    const served = ({ outputs }: ProgramResult) =>
        Object.fromEntries(Object.entries(outputs).filter(([urn]) => urn.includes("ServedRecord")));

    it("tries again, and once only, what a deployment has not brought about of its number of tasks", async () => {
        const tries = (result: ProgramResult) =>
            /^TRIES=(\d+)$/m.exec(String(one(result, COMMAND, "web-serves").inputs.stdin))?.[1];
        const first = await made();
        const more = await made({ replicas: 3 }, first);
        const broken = { ...more, outputs: { ...more.outputs, ...served(first) } };
        // The program as it was: the gate has nothing else to run for.
        const back = await made({}, broken);
        const after = await made({}, back);
        assert.deepEqual([first, more, back, after].map(tries), ["0", "0", "1", "1"]);
        assert.equal(label(back, "fusion.attempt"), undefined);
        // It comes with each version: set afterwards it would be another update, and Swarm would go back to the version that failed.
        const next = await made({ image: image("2") }, after);
        assert.deepEqual([tries(next), label(next, "fusion.tries")], ["1", "1"]);
    });

    it("leaves hosts that are taken out of the swarm before they go, and says no more of it until others go", async () => {
        const constraints = (result: ProgramResult): unknown =>
            Reflect.get(Object(Reflect.get(Object(service(result).inputs.taskSpec), "placement")), "constraints");
        const all = await made({}, undefined, ["h1", "h2", "h3", "h4"]);
        assert.deepEqual(constraints(all), []);
        const fewer = await made({}, all, ["h1", "h2", "h3"]);
        assert.deepEqual(constraints(fewer), ["node.labels.fusion.host!=h4"]);
        // Its balancer lets go of them too, though it does not send them anything later.
        const follow = one(fewer, COMMAND, "lb-web-follow");
        assert.match(String(follow.inputs.create), /h4:0=web-h4 h4:1=web-h4-b/);
        const again = await made({}, fewer, ["h1", "h2", "h3"]);
        assert.deepEqual(constraints(again), ["node.labels.fusion.host!=h4"]);
        assert.deepEqual(one(again, COMMAND, "lb-web-follow").inputs, follow.inputs);
        assert.deepEqual(constraints(await made({}, again, ["h1", "h2"])), ["node.labels.fusion.host!=h3"]);
        assert.deepEqual(constraints(await made({}, again, ["h1", "h2", "h3", "h4"])), []);
    });

    it("is told of a machine that is called as a command of its balancer", async () => {
        const { errors } = await runProgram(() => {
            const swarm = new fusion.FusionSwarm("farm", { hosts: hosts() });
            const rack = new fusion.FusionHypervisor("rack", { uri: "qemu:///system", domainType: "qemu" });
            const source = { source: "/etc/hosts", sha256: "a".repeat(64) };
            const vm = new fusion.FusionVm("web-follow", { hypervisor: rack, image: source, address: "10.77.0.20" });
            const set = (name: string, on: fusion.FusionContainerSetArgs["hosts"]) =>
                new fusion.FusionContainerSet(name, { hosts: on, image: image("1"), ports: [{ container: 80 }] });
            const backends = [set("web", swarm), { set: set("api", [vm]), match: { hosts: ["api.example.org"] } }];
            new fusion.FusionBalancer("lb", { listen: 8080, backends });
            return {};
        });
        assert.match(errors.join(), /lb\.backends: have "web-follow", as a command of the balancer is called/);
    });

    it("keeps its ports, and leaves them to no other set", async () => {
        const two = (names: readonly string[], last?: ProgramResult) =>
            runProgram(() => {
                const swarm = new fusion.FusionSwarm("farm", { hosts: hosts() });
                const sets = names.map(
                    (name) =>
                        new fusion.FusionContainerSet(name, {
                            hosts: swarm,
                            image: image("1"),
                            ports: [{ container: 80 }],
                        }),
                );
                return { ports: pulumi.all(sets.map(({ endpoints }) => endpoints.apply(([one]) => one?.port))) };
            }, last?.outputs);
        const first = await two(["web", "api"]);
        assert.deepEqual(first.values.ports, [30_000, 30_002]);
        assert.deepEqual((await two(["new", "api", "web"], first)).values.ports, [30_004, 30_002, 30_000]);
    });

    it("on every node, or on the mesh, is the service of that kind", async () => {
        const everywhere = await made({ replicas: "every-host" });
        assert.deepEqual(service(everywhere).inputs.mode, { global: true });
        assert.equal(service(everywhere).replacementTrigger, "global on farm");
        // Swarm would count the task that is about to stop, and have no room for the new one.
        const apart = await made({ replicas: "every-host", swarm: { publish: "mesh", maxPerNode: 1 } });
        assert.deepEqual(Reflect.get(Object(service(apart).inputs.taskSpec), "placement"), { constraints: [] });
        const mesh = await made({ swarm: { publish: "mesh", maxPerNode: 2 } });
        assert.deepEqual(Reflect.get(Object(service(mesh).inputs.taskSpec), "placement"), {
            constraints: [],
            maxReplicas: 2,
        });
        assert.deepEqual(Array.isArray(mesh.values.endpoints) && mesh.values.endpoints.map(({ port: at }) => at), [
            ...[30_000, 30_000, 30_000],
        ]);
        assert.equal(
            mesh.registered.some(({ name }) => name === "lb-web-follow"),
            false,
        );
    });

    it("of a private registry has a provider with the login, which no service shows", async () => {
        const result = await made({ registryAuth: { username: "robot", password: "hunter2" } });
        const { inputs, secrets } = one(result, "pulumi:providers:docker", "web-login");
        assert.match(JSON.stringify(inputs.registryAuth), /127\.0\.0\.1:1.*hunter2/);
        assert.ok(secrets.includes("registryAuth"));
        assert.doesNotMatch(JSON.stringify(service(result).inputs), /hunter2/);
        assert.equal(service(result).provider, "pulumi:providers:docker::web-login");
        const other = await made({ registryAuth: { username: "robot", password: "hunter3" } }, result);
        assert.notEqual(label(other, "fusion.version"), label(result, "fusion.version"));
    });

    it("is refused on plain hosts, and what Swarm cannot do by name, all at once", async () => {
        const plain = await runProgram(() => {
            const web = new fusion.FusionContainerSet("web", { hosts: hosts(), image: image("1"), swarm: {} });
            return { endpoints: web.endpoints };
        });
        assert.match(
            plain.errors.join(),
            /web\.swarm: is for a set on a swarm; leave it out, or give a FusionSwarm as hosts/,
        );
        const { errors, registered } = await run({ canary: {}, replicas: 4, placement: { affinity: ["db"] } });
        assert.match(errors.join(), /web\.canary: .*\nweb\.placement\.affinity: .*\nweb\.replicas: are 4, /);
        assert.equal(
            registered.some(({ type }) => type === SERVICE),
            false,
        );
    });
});
