import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { type FarmArgs, farm, image } from "../support/farm";
import { type ProgramResult, runProgram } from "../support/mocks";

describe("a second deployment", () => {
    let first: ProgramResult;
    const again = async (args: FarmArgs = {}) => {
        const result = await runProgram(() => farm(args), first.outputs);
        assert.deepEqual(result.errors, []);
        return result;
    };
    /** What the engine compares: everything registered, in an order of its own. */
    const all = ({ registered }: ProgramResult) =>
        new Map(registered.map((one) => [`${one.type}::${one.name}`, JSON.stringify([one.inputs, one.parent])]));
    /** The names of what differs between two deployments. */
    const changed = (now: ProgramResult) => {
        const [before, after] = [all(first), all(now)];
        return [...new Set([...before.keys(), ...after.keys()])]
            .filter((key) => before.get(key) !== after.get(key))
            .sort();
    };
    const endpoints = ({ values }: ProgramResult) => {
        assert.ok(Array.isArray(values.endpoints));
        return values.endpoints.map(({ name, vm, port }) => `${name} ${vm}:${port}`);
    };

    before(async () => {
        first = await runProgram(() => farm());
        assert.deepEqual(first.errors, []);
    });

    it("of the same program changes nothing, the host keys included", async () => {
        assert.deepEqual(changed(await again()), []);
    });

    it("would have other host keys without the last state", async () => {
        const fresh = await runProgram(() => farm());
        assert.ok(changed(fresh).includes("libvirt:index/volume:Volume::vm1"));
    });

    it("with another replica adds a container and moves nothing", async () => {
        const now = await again({ replicas: 3 });
        assert.deepEqual(endpoints(now).slice(0, 2), endpoints(first));
        const differing = changed(now).filter((key) => /Container::|Image::|Domain::|Volume::|vm\d/.test(key));
        // The host is looked at again for the image, in place.
        assert.deepEqual(differing, ["command:local:Command::web-vm1", "docker:index/container:Container::web-2"]);
    });

    it("with another machine leaves all replicas and machines where they are", async () => {
        const now = await again({ vms: ["vm1", "vm2", "vm3"] });
        assert.deepEqual(endpoints(now), endpoints(first));
        assert.ok(
            changed(now).every((key) => /::vm3(-seed)?$|FusionContainerSet::web$/.test(key)),
            changed(now).join(),
        );
    });

    it("of a new image starts the new version on each slot's next port, a way back too", async () => {
        const second = await again({ image: image("2") });
        assert.deepEqual(endpoints(first), ["web-0 vm1:20000", "web-1 vm2:20000"]);
        assert.deepEqual(endpoints(second), ["web-0 vm1:20001", "web-1 vm2:20001"]);
        assert.match(String(second.values.config), /server web-0 10\.77\.0\.11:20001 /);
        const back = await runProgram(() => farm({ image: image("1") }), second.outputs);
        assert.deepEqual(endpoints(back), ["web-0 vm1:20002", "web-1 vm2:20002"]);
        const same = await runProgram(() => farm({ image: image("2") }), second.outputs);
        assert.deepEqual(endpoints(same), endpoints(second));
    });

    it("of a changed secret variable is a new version too", async () => {
        const now = await again({ env: { PASSWORD: pulumi.secret("other") } });
        assert.deepEqual(endpoints(now), ["web-0 vm1:20001", "web-1 vm2:20001"]);
    });

    it("with the same secrets is the same version, in a fresh state another: nothing can be tried against it", async () => {
        const secrets = () => farm({ env: { PASSWORD: pulumi.secret("hunter2"), USER: "app" } });
        const one = await runProgram(secrets);
        const other = await runProgram(secrets);
        const versions = (result: ProgramResult) =>
            result.registered
                .filter(({ type }) => type === "docker:index/container:Container")
                .map(({ inputs }) => inputs.name);
        assert.notDeepEqual(versions(other), versions(one));
        assert.deepEqual(versions(await runProgram(secrets, one.outputs)), versions(one));
    });

    it("that names its variables in another order changes nothing", async () => {
        const ordered = await runProgram(() => farm({ env: { A: "1", B: "2" } }));
        const now = await runProgram(() => farm({ env: { B: "2", A: "1" } }), ordered.outputs);
        for (const key of ["docker:index/container:Container::web-0", "docker:index/container:Container::web-1"]) {
            assert.equal(all(now).get(key), all(ordered).get(key));
        }
        assert.deepEqual(endpoints(now), endpoints(ordered));
    });

    it("by another operator, who has other keys in ~/.ssh, makes no machine anew", async () => {
        const home = process.env.HOME;
        const asOperator = async (key: string, last?: ProgramResult) => {
            process.env.HOME = mkdtempSync(join(tmpdir(), "fusion-home-"));
            try {
                mkdirSync(join(process.env.HOME, ".ssh"));
                writeFileSync(join(process.env.HOME, ".ssh", "id_ed25519.pub"), `ssh-ed25519 ${key} somebody\n`);
                return await runProgram(() => farm({ vm: { ssh: {} } }), last?.outputs);
            } finally {
                rmSync(process.env.HOME, { recursive: true });
                process.env.HOME = home;
            }
        };
        const one = await asOperator("AAAA");
        const other = await asOperator("BBBB", one);
        assert.deepEqual(other.errors, []);
        for (const key of ["libvirt:index/volume:Volume::vm1", "libvirt:index/domain:Domain::vm1"]) {
            assert.equal(all(other).get(key), all(one).get(key));
        }
    });

    it("with less of everything takes away the last replica alone", async () => {
        const now = await again({ replicas: 1 });
        assert.deepEqual(endpoints(now), endpoints(first).slice(0, 1));
    });

    it("gives a new replica a port of its own", async () => {
        const crowd = await runProgram(() => farm({ vms: ["vm1"], replicas: 2 }));
        const now = await runProgram(() => farm({ vms: ["vm1"], replicas: 3 }), crowd.outputs);
        assert.deepEqual(endpoints(now), ["web-0 vm1:20000", "web-1 vm1:20008", "web-2 vm1:20016"]);
    });
});
