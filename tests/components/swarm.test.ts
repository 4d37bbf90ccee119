import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import * as fusion from "../../lib";
import { isRecord } from "../../lib/isRecord";
import { swarmSurvey } from "../../lib/swarm/lookAtSwarm";
import { type ProgramResult, type Registered, runProgram } from "../support/mocks";

const COMMAND = "command:local:Command";
const names = ["h1", "h2", "h3", "h4"];
/** Objects of a program's own: by them mocks tell one program from another. */
const hosts = (...which: string[]): fusion.ExistingHost[] =>
    which.map((name) => ({ name, address: `10.78.0.1${name.slice(1)}`, labels: { zone: `z${name.slice(1)}` } }));

const run = (args: Partial<fusion.FusionSwarmArgs> = {}, last?: ProgramResult) =>
    runProgram(() => {
        const swarm = new fusion.FusionSwarm("farm", { hosts: hosts(...names), ...args });
        const provider = pulumi.output(swarm.parts()).provider;
        return {
            managers: swarm.managers,
            unlockKey: swarm.unlockKey,
            secret: pulumi.output(pulumi.isSecret(swarm.unlockKey)),
            provider: pulumi.output(Promise.resolve(provider)).apply(() => "there"),
        };
    }, last?.outputs);
const made = async (args: Partial<fusion.FusionSwarmArgs> = {}, last?: ProgramResult) => {
    const result = await run(args, last);
    assert.deepEqual(result.errors, []);
    return result;
};
const one = ({ registered }: ProgramResult, type: string, name: string): Registered => {
    const found = registered.find((it) => it.type === type && it.name === name);
    assert.ok(found, `there is no ${type} ${name}`);
    return found;
};
const node = (result: ProgramResult, name: string) => one(result, COMMAND, `farm-${name}`);
const variable = ({ inputs }: Registered, name: string): string =>
    isRecord(inputs.environment) ? String(inputs.environment[name]) : "";
/** The state behind a deployment that went well: what it registered, and the command that has founded the swarm. */
function stateOf(result: ProgramResult): ProgramResult {
    const record = Object.keys(result.outputs).find((urn) => urn.endsWith("SwarmRecord::farm")) ?? "";
    const founded = record.replace("fusion:index:SwarmRecord", COMMAND);
    return { ...result, outputs: { ...result.outputs, [founded]: { type: COMMAND, outputs: {} } } };
}

describe("a swarm", () => {
    const { managesWithQuorum } = swarmSurvey;
    let asked: string[] = [];
    /** Has these hosts answer as managers with a quorum. */
    const answer = (...quorum: string[]) => {
        asked = [];
        swarmSurvey.managesWithQuorum = async ({ name }) => {
            asked.push(name);
            return quorum.includes(name);
        };
    };
    beforeEach(() => answer(...names));
    after(() => {
        swarmSurvey.managesWithQuorum = managesWithQuorum;
    });

    it("is a command that founds it, one a host, a provider and its networks", async () => {
        const result = await made({ networks: { front: {}, back: { encrypted: true } } });
        assert.deepEqual(result.registered.map(({ type, name, parent }) => `${type}::${name} < ${parent}`).sort(), [
            "command:local:Command::farm < fusion:index:FusionSwarm::farm",
            ...names.map((name) => `command:local:Command::farm-${name} < fusion:index:FusionSwarm::farm`),
            "docker:index/network:Network::farm-back-encrypted < fusion:index:FusionSwarm::farm",
            "docker:index/network:Network::farm-front < fusion:index:FusionSwarm::farm",
            "fusion:index:FusionSwarm::farm < ",
            "fusion:index:SwarmRecord::farm < fusion:index:FusionSwarm::farm",
            "pulumi:providers:docker::farm < fusion:index:FusionSwarm::farm",
        ]);
        assert.deepEqual(result.values.managers, ["h1", "h2", "h3"]);
        assert.equal(one(result, "pulumi:providers:docker", "farm").inputs.host, "ssh://10.78.0.11");
        assert.deepEqual(asked, []);
        const network = one(result, "docker:index/network:Network", "farm-back-encrypted");
        assert.deepEqual(
            { ...network.inputs, labels: undefined },
            { name: "farm-back-encrypted", driver: "overlay", options: { encrypted: "true" }, labels: undefined },
        );
        assert.equal(network.provider, "pulumi:providers:docker::farm");
        assert.deepEqual(
            network.dependsOn,
            names.map((name) => `${COMMAND}::farm-${name}`),
        );
        assert.equal(one(result, "docker:index/network:Network", "farm-front").inputs.options, undefined);
    });

    it("has hosts join one after the other, managers first, and founds it once", async () => {
        const result = await made({ hosts: hosts("h4", "h3", "h2", "h1") });
        const commands = result.registered.filter(({ type }) => type === COMMAND);
        assert.deepEqual(
            commands.map(({ name }) => name),
            ["farm", "farm-h1", "farm-h2", "farm-h3", "farm-h4"],
        );
        const [founded] = commands;
        assert.deepEqual(founded?.inputs.create, 'sh -c "$FUSION_SCRIPT" found');
        assert.deepEqual(founded?.inputs.update, 'sh -c "$FUSION_SCRIPT" keep');
        assert.equal(founded?.inputs.delete, undefined);
        const worker = node(result, "h4");
        assert.equal(worker.inputs.create, 'sh -c "$FUSION_JOIN"');
        assert.equal(worker.inputs.delete, 'sh -c "$FUSION_LEAVE"');
        assert.equal(worker.deleteBeforeReplace, true);
        assert.deepEqual(worker.inputs.triggers, ["10.78.0.14"]);
        assert.deepEqual(
            worker.dependsOn,
            ["farm", "farm-h1", "farm-h2", "farm-h3"].map((name) => `${COMMAND}::${name}`),
        );
        assert.match(variable(worker, "FUSION_JOIN"), /^CONTACTS='h1 h2 h3'$/m);
        assert.match(variable(worker, "FUSION_JOIN"), /^ROLE=worker$/m);
        assert.match(
            variable(worker, "FUSION_JOIN"),
            /--label-add fusion\.host=h4 --label-add fusion\.swarm=project\/dev\/farm --label-add zone=z4 /,
        );
        assert.match(variable(node(result, "h1"), "FUSION_JOIN"), /^ROLE=manager$/m);
        assert.deepEqual(worker.timeouts, { create: "15m", update: "15m", delete: "660s" });
    });

    it("has a key only where it is locked, which is a secret", async () => {
        const open = await made();
        assert.equal(open.values.unlockKey, undefined);
        const locked = await made({ autolock: true });
        const key = one(locked, COMMAND, "farm-unlock-key");
        assert.equal(key.inputs.logging, "none");
        assert.equal(locked.values.secret, true);
        assert.match(variable(one(locked, COMMAND, "farm"), "FUSION_SCRIPT"), /^AUTOLOCK=true$/m);
    });

    /** What the engine would change, without the component itself, whose inputs name its hosts. */
    const changed = (before: ProgramResult, now: ProgramResult) => {
        const all = ({ registered }: ProgramResult) =>
            new Map(registered.map((it) => [`${it.type}::${it.name}`, JSON.stringify([it.inputs, it.provider])]));
        const [old, fresh] = [all(before), all(now)];
        return [...new Set([...old.keys(), ...fresh.keys()])]
            .filter((key) => !key.startsWith("fusion:") && old.get(key) !== fresh.get(key))
            .map((key) => key.replace(`${COMMAND}::`, ""))
            .sort();
    };

    it("changes nothing in a second deployment, whatever the order of its hosts, and another host adds its own command", async () => {
        const first = stateOf(await made({ hosts: hosts("h1", "h2", "h3") }));
        assert.deepEqual(changed(first, await made({ hosts: hosts("h3", "h1", "h2") }, first)), []);
        assert.deepEqual(asked, ["h1"]);
        assert.deepEqual(changed(first, await made({}, first)), ["farm-h4"]);
    });

    it("keeps its managers, and has another in the place of one that is gone; all commands ask the new ones", async () => {
        const first = stateOf(await made());
        const now = await made({ hosts: hosts("h0", "h2", "h3", "h4") }, first);
        assert.deepEqual(now.values.managers, ["h0", "h2", "h3"]);
        assert.match(variable(node(now, "h4"), "FUSION_JOIN"), /^CONTACTS='h0 h2 h3'$/m);
    });

    it("is reached by the manager that was used last as long as that answers, then by another", async () => {
        const first = stateOf(await made());
        answer("h2", "h3");
        const second = stateOf(await made({}, first));
        assert.equal(one(second, "pulumi:providers:docker", "farm").inputs.host, "ssh://10.78.0.12");
        assert.deepEqual(changed(first, second), ["pulumi:providers:docker::farm"]);
        answer(...names);
        const third = await made({}, second);
        assert.equal(one(third, "pulumi:providers:docker", "farm").inputs.host, "ssh://10.78.0.12");
        assert.deepEqual(asked, ["h2"]);
    });

    it("is looked through when no manager answers, and no more when one does", async () => {
        const first = stateOf(await made());
        answer();
        const lost = stateOf(await made({}, first));
        assert.deepEqual(changed(first, lost), ["farm", ...names.map((name) => `farm-${name}`)]);
        answer(...names);
        assert.deepEqual(changed(lost, await made({}, lost)), []);
        answer();
        const recovered = await made({ recover: "h2", hosts: hosts("h2", "h4") }, lost);
        assert.deepEqual(recovered.values.managers, ["h2"]);
        assert.match(variable(one(recovered, COMMAND, "farm"), "FUSION_SCRIPT"), /^RECOVER=h2$/m);
    });

    /** A swarm of virtual machines of these names. */
    const ofMachines = (...names: string[]) =>
        runProgram(() => {
            const rack = new fusion.FusionHypervisor("rack", { uri: "qemu:///system", domainType: "qemu" });
            const vms = names.map(
                (name) =>
                    new fusion.FusionVm(name, {
                        hypervisor: rack,
                        image: { source: "/etc/hosts", sha256: "a".repeat(64) },
                        ssh: { authorizedKeys: ["ssh-ed25519 OPERATOR"] },
                    }),
            );
            const swarm = new fusion.FusionSwarm("farm", { hosts: vms, networks: { back: {} } });
            return { managers: swarm.managers };
        });

    it("of virtual machines has its nodes deleted before a machine is touched, and its networks go with the swarm", async () => {
        const result = await ofMachines("vm1", "vm2");
        assert.deepEqual(result.errors, []);
        const second = one(result, COMMAND, "farm-vm2");
        assert.equal(Array.isArray(second.inputs.triggers) && second.inputs.triggers.length, 2);
        assert.ok(second.dependsOn.includes(`${COMMAND}::vm2`));
        assert.match(variable(second, "FUSION_JOIN"), /hypervisor=rack/);
        // One manager, and who stands in for it.
        assert.match(variable(second, "FUSION_JOIN"), /^CONTACTS='vm1 vm2'$/m);
        const network = one(result, "docker:index/network:Network", "farm-back");
        assert.equal(network.deletedWith, `${COMMAND}::farm`);
    });

    it("of one virtual machine has its networks made anew with that", async () => {
        const network = one(await ofMachines("vm1"), "docker:index/network:Network", "farm-back");
        assert.equal(network.deletedWith, "libvirt:index/domain:Domain::vm1");
    });

    it("tells all that is wrong at once, and creates nothing", async () => {
        const { errors, registered } = await run({
            managers: 4,
            addressPool: "10.78.0.0/16",
            recover: "h9",
            drainSeconds: -1,
        });
        assert.equal(errors.length, 1);
        for (const path of ["managers", "addressPool", "recover", "drainSeconds"]) {
            assert.match(errors.join(), new RegExp(`^farm\\.${path}: `, "m"));
        }
        assert.ok(registered.every(({ type }) => type === "fusion:index:FusionSwarm"));
        const first = stateOf(await made());
        const refused = await run({ hosts: hosts("h4", "h5"), addressPool: "10.9.0.0/16" }, first);
        assert.match(
            refused.errors.join(),
            /^2 wrong arguments, nothing was changed:\nfarm\.addressPool: .*\nfarm\.hosts: /,
        );
    });

    it("is refused with arguments that cannot be read", async () => {
        for (const [args, says] of [
            [{ hosts: "h1" }, /farm\.hosts: must be a list, got "h1"/],
            [{ hosts: [{ name: "h1" }] }, /farm\.hosts\[0\]\.address: is not an IPv4 address/],
            [{ autolock: "yes" }, /farm\.autolock: must be true or false, got "yes"/],
            [{ networks: [] }, /farm\.networks: must be an object/],
            [{ manager: 3 }, /farm\.manager: is no argument that is known; did you mean managers\?/],
            [{ recover: pulumi.output("h1") }, /farm\.recover: is an Output; give a plain text/],
        ] as const) {
            const given: object = args;
            assert.match((await run(given)).errors.join(), says);
        }
    });
});
