import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../tools/run";
import { changes, Machines, type MachinesArgs } from "../support/machines";
import type { EngineResult } from "../support/stack";
import { ask, askTimes, eventually } from "../support/webfarm";

const VM1 = "10.77.0.11";
const VM2 = "10.77.0.12";

// One pair of machines for all, since each costs a minute under emulation. Each test leaves both serving.
describe("virtual machines that change, and that are lost", () => {
    let machines: Machines;
    let args: MachinesArgs;
    let url: string;
    const last: { up?: EngineResult } = {};

    before(async () => {
        args = {
            vms: {
                vm1: { maxVcpus: 2, maxMemoryMiB: 1280, dataDisks: [{ name: "data", sizeGiB: 1, protect: false }] },
                vm2: { dataDisks: [{ name: "scratch", sizeGiB: 1, protect: false }] },
            },
            set: {},
            balancer: true,
        };
        machines = await Machines.create("test-machines", args);
        await up();
        url = await machines.farm.url();
        await serving();
    });
    after(async function () {
        if (this.test?.parent?.tests.some(({ state }) => state === "failed")) {
            console.log(last.up?.text);
            console.log(await machines.farm.virsh("list", "--all").catch(String));
        }
        await machines?.farm.dispose();
    });

    /** Runs `up` and keeps what it said for a failure. */
    async function up(more: Partial<MachinesArgs> = {}): Promise<EngineResult> {
        args = { ...args, ...more };
        machines.set(args);
        last.up = await machines.farm.stack.up();
        assert.equal(last.up.ok, true, last.up.text);
        return last.up;
    }
    const withVm = (name: string, more: object): Partial<MachinesArgs> => ({
        vms: { ...args.vms, [name]: { ...args.vms[name], ...more } },
    });
    const onVm1 = (command: string) => machines.farm.onGuest(VM1, command);
    const bootId = (address: string) => machines.farm.onGuest(address, "cat /proc/sys/kernel/random/boot_id");
    const serving = () =>
        eventually("both machines answer", 90, async () => {
            const vms = new Set((await askTimes(url, 6)).map(({ vm }) => vm));
            return vms.size >= 2 ? vms : undefined;
        });
    /** Whether a machine's disk is the one that it was marked on; the guest image has no machine-id that stays. */
    const isMarked = async (address: string) =>
        (await machines.farm.onGuest(address, "test -e /var/lib/marked && echo yes || echo no")) === "yes";
    const mark = (address: string) => machines.farm.onGuest(address, "sudo touch /var/lib/marked; sync");
    const nothingToDo = async () => assert.deepEqual(changes(await machines.farm.stack.preview()), []);
    /** The machine's process, by what this machine's kernel calls it: the lab counts its own. */
    const qemuOf = async (name: string) => {
        const pids = (await run("ip", ["netns", "pids", machines.farm.lab.namespace])).stdout
            .split("\n")
            .filter(Boolean);
        const found = pids.find((pid) => readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(`guest=${name},`));
        assert.ok(found, `no process of ${name}`);
        return Number(found);
    };

    it("have their data disk mounted, and their console kept in a log", async () => {
        assert.match(await onVm1("findmnt -n -o FSTYPE,LABEL /srv/data; sudo touch /srv/data/kept"), /^ext4 +data$/);
        const log = readFileSync(join(machines.farm.lab.poolPath, "rack", "vm1-console.log"), "latin1");
        assert.match(log, /Linux version|login:/);
        assert.match(await machines.farm.virsh("dumpxml", "vm1"), /<console type='pty'/);
    });

    it("are changed in place where that can be: processors, memory, disks, title, autostart", async () => {
        const before = await bootId(VM1);
        const more = {
            ...{ vcpus: 2, memoryMiB: 1280, diskGiB: 4, description: "it's web", autostart: false },
            dataDisks: [{ name: "data", sizeGiB: 2, protect: false }],
        };
        machines.set({ ...args, ...withVm("vm1", more) });
        const preview = await machines.farm.stack.preview();
        assert.match(preview.text, /vm1 is changed while it runs; nothing is interrupted\./);
        for (const told of [/vcpus: 1 -> 2 \(in place\)/, /data disk data: 1 GiB -> 2 GiB \(in place\)/]) {
            assert.match(preview.text, told);
        }
        const done = await up(withVm("vm1", more));
        assert.deepEqual(changes(done).sort(), ["update vm1", "update vm1", "update vm1"], done.text);
        assert.equal(await bootId(VM1), before, "the machine has not been restarted");
        const [processors, memory, root, data] = (
            await onVm1(
                "nproc; free -m | awk '$1 == \"Mem:\" { print $2 }'; df -BM --output=size / /srv/data | tail -n 2",
            )
        )
            .split("\n")
            .map((line) => Number.parseInt(line, 10));
        assert.equal(processors, 2);
        assert.ok((memory ?? 0) > 1100, `${memory} MiB`);
        assert.ok((root ?? 0) > 3500 && (data ?? 0) > 1800, `${root} and ${data} MiB`);
        const info = await machines.farm.virsh("dominfo", "vm1");
        assert.match(info, /Autostart: +disable/);
        assert.equal(await machines.farm.virsh("desc", "vm1", "--title"), "it's web");
        await nothingToDo();
    });

    it("refuse what would destroy data, before anything is done", async () => {
        machines.set({ ...args, ...withVm("vm1", { diskGiB: 3, dataDisks: [{ name: "data", sizeGiB: 1 }] }) });
        const preview = await machines.farm.stack.preview();
        assert.equal(preview.ok, false);
        assert.match(preview.text, /vm1\.diskGiB: would shrink a disk from 4 to 3 GiB, which destroys it; keep 4/);
        assert.match(preview.text, /vm1\.dataDisks\[0\]\.sizeGiB: would shrink a disk from 2 to 1 GiB/);
        machines.set(args);
    });

    it("are made anew one after the other, out of the balancer, shut down, data kept, no request failed", async () => {
        await serving();
        const docker = (registry: string) => ({
            docker: { daemon: { "insecure-registries": [registry], debug: false } },
        });
        const changed = docker(machines.farm.lab.registry);
        // It has one processor again: under emulation kernels hang now and then when they start with two.
        const vms = { vm1: { ...args.vms.vm1, ...changed, vcpus: 1 }, vm2: { maxVcpus: 2 } };
        machines.set({ ...args, vms });
        const preview = await machines.farm.stack.preview();
        assert.match(preview.text, /vm1 is made anew: a new disk of the system/);
        assert.match(preview.text, /Kept with their data: data \(2 GiB\)/);
        assert.match(
            preview.text,
            /vm2 is restarted with its other disks and containers as they are[\s\S]*DELETED with its data: scratch \(1 GiB\)/,
        );
        assert.match(preview.text, /maxVcpus: 1 -> 2 \(restart\)/);
        assert.match(preview.text, /data disk scratch: 1 GiB -> none \(restart\)/);
        await mark(VM1);
        await mark(VM2);
        const load = startLoad(url);
        const done = await up({ vms }).finally(() => load.stop());
        const { asked, failed } = await load.ended;
        console.log(`      ${asked} requests while both machines were changed, ${failed.length} failed`);
        assert.deepEqual(failed, []);
        assert.ok(asked > 100, `only ${asked} requests`);
        const order = done.done.map(({ op, type, name }) => `${op} ${type.split(":").at(-1)} ${name}`);
        const at = (step: string) => {
            assert.ok(order.includes(step), `${step} in ${order.join(", ")}`);
            return order.indexOf(step);
        };
        const inOrder = [
            ...["delete-replaced Command lb-vm1", "delete-replaced Command vm1", "delete-replaced Domain vm1"],
            ...[
                "create-replacement Domain vm1",
                "create-replacement Command vm1",
                "create-replacement Container web-0",
            ],
            ...["create-replacement Command lb-vm1", "delete-replaced Command lb-vm2", "delete-replaced Domain vm2"],
            ...["create-replacement Domain vm2", "create-replacement Command vm2", "create-replacement Command lb-vm2"],
        ];
        assert.deepEqual(
            [...inOrder].sort((a, b) => at(a) - at(b)),
            inOrder,
        );
        assert.ok(!order.includes("create-replacement Container web-1"), "a restart leaves containers as they are");
        assert.doesNotMatch(done.text, /did not shut down/);
        assert.equal(await isMarked(VM1), false, "it has a new disk");
        assert.equal(await onVm1("ls /srv/data"), "kept\nlost+found");
        assert.equal(await isMarked(VM2), true, "it has the disk that it had");
        const left = "grep -rl scratch /etc/fstab /etc/systemd/system/docker.service.d /proc/mounts; true";
        assert.equal(await machines.farm.onGuest(VM2, left), "", "nothing of the disk that is gone is waited for");
        await serving();
        await nothingToDo();
    });

    it("are started again when their process was killed, and put back when their domain was undefined", async () => {
        await mark(VM1);
        await mark(VM2);
        process.kill(await qemuOf("vm2"), "SIGKILL");
        await eventually("libvirt notices", 30, async () =>
            (await machines.farm.virsh("domstate", "vm2")) === "shut off" ? true : undefined,
        );
        assert.equal((await ask(url)).status, 200);
        await machines.farm.virsh("destroy", "vm1");
        await machines.farm.virsh("undefine", "vm1");
        const preview = await machines.farm.stack.preview();
        for (const told of [
            /vm2 stands still and is started again, with its disks and containers as they are\./,
            /vm1 is put back: its domain is gone from the hypervisor; its disk is there/,
        ]) {
            assert.match(preview.text, told);
        }
        assert.deepEqual(
            changes(preview).filter((step) => step.endsWith("vm2")),
            ["update vm2"],
        );
        const done = await up();
        const touched = new Set(changes(done).map((step) => step.split(" ")[1]));
        assert.deepEqual(
            [...touched].sort(),
            ["lb-vm1", "vm1", "vm2"],
            "the machines, and the service of that which is put back",
        );
        await serving();
        assert.deepEqual(
            [await isMarked(VM1), await isMarked(VM2)],
            [true, true],
            "their disks are those that they had",
        );
        await nothingToDo();
    });

    it("are made anew, once, when they are lost, and hold up nothing meanwhile", async () => {
        const nic = (await machines.farm.virsh("domiflist", "vm2")).match(/^ *(vnet\d+)/m)?.[1] ?? "";
        await machines.farm.virsh("domif-setlink", "vm2", nic, "down");
        assert.equal((await ask(url)).vm, "vm1", "the other one serves");
        // Its Docker cannot be asked; all else can.
        const resources = await machines.farm.stack.export();
        const unreachable = resources.filter(({ type, urn }) => type.startsWith("docker:") && /web-1$/.test(urn));
        assert.equal(unreachable.length, 1);
        const refresh = await machines.farm.stack.refresh(...unreachable.flatMap(({ urn }) => ["--exclude", urn]));
        assert.equal(refresh.ok, true, refresh.text);
        const before = await bootId(VM1);
        // Killed between the new disk and what belongs on it: the state has the containers of the old one.
        args = { ...args, ...withVm("vm2", { lost: true }) };
        machines.set(args);
        const pidFile = join(machines.farm.lab.dir, "run", "libvirt", "qemu", "vm2.pid");
        const old = readFileSync(pidFile, "utf8");
        const isOther = () => existsSync(pidFile) && !["", old].includes(readFileSync(pidFile, "utf8"));
        const killed = await machines.farm.stack.killWhen(isOther);
        assert.equal(killed.ok, false);
        assert.match(killed.text, /vm2 is made anew/);
        await machines.farm.stack.pulumi(["cancel", "--yes"]);
        const done = await up();
        assert.ok(changes(done).includes("create-replacement web-1"), changes(done).join());
        assert.ok(!changes(done).some((step) => /(vm1|web-0)$/.test(step)), changes(done).join());
        assert.equal(await bootId(VM1), before);
        assert.equal(await isMarked(VM2), false);
        await serving();
        await nothingToDo();
        const { lost: _, ...back } = args.vms.vm2 as { lost?: boolean };
        const without = await up({ vms: { ...args.vms, vm2: back } });
        assert.ok(!changes(without).some((step) => /replace/.test(step)), changes(without).join());
        assert.equal((await machines.farm.stack.refresh()).ok, true, "nothing is in the way of a refresh any more");
    });

    it("are added while the others serve on, also when the first try was killed in the midst", async () => {
        const { stack, lab } = machines.farm;
        const ids = [await bootId(VM1), await bootId(VM2)];
        args = { ...args, vms: { ...args.vms, vm3: {} }, set: { replicas: 2 } };
        machines.set(args);
        const killed = await stack.killWhen(() => existsSync(join(lab.dir, "run", "libvirt", "qemu", "vm3.pid")));
        assert.equal(killed.ok, false);
        await stack.pulumi(["cancel", "--yes"]);
        const done = await up();
        const touched = changes(done).filter((step) => !/vm3(-seed|-console)?$/.test(step));
        assert.deepEqual(
            touched.filter((step) => !/^update (web|lb)$/.test(step)),
            [],
            done.text,
        );
        assert.deepEqual([await bootId(VM1), await bootId(VM2)], ids);
        assert.equal(
            await machines.farm.onGuest("10.77.0.13", "docker info --format '{{.ServerVersion}}' | wc -l"),
            "1",
        );
        await nothingToDo();
    });

    it("can be destroyed whatever state they are in", async () => {
        process.kill(await qemuOf("vm1"), "SIGKILL");
        await machines.farm.virsh("destroy", "vm3");
        await machines.farm.virsh("undefine", "vm3");
        const destroyed = await machines.farm.stack.destroy();
        assert.equal(destroyed.ok, true, destroyed.text);
        assert.equal(await machines.farm.virsh("list", "--all", "--name"), "");
        assert.deepEqual(readdirSync(machines.farm.lab.poolPath), []);
        assert.deepEqual(
            (await run("virsh", ["-c", machines.farm.lab.uri, "pool-list", "--all", "--name"])).stdout.trim(),
            "",
        );
    });
});

/** Requests one after the other over new connections; each is a twentieth of a second of a processor under emulation. */
function startLoad(url: string) {
    const failed: string[] = [];
    let asked = 0;
    let running = true;
    const ended = (async () => {
        while (running) {
            asked++;
            const answer = await ask(url).catch((error: unknown) => ({ status: String(error) }));
            if (answer.status !== 200) failed.push(`${new Date().toISOString()} ${answer.status}`);
            await new Promise((resolve) => setTimeout(resolve, 250));
        }
        return { asked, failed };
    })();
    return {
        ended,
        stop: () => {
            running = false;
        },
    };
}
