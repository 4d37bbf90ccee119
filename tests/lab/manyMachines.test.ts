import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { seedScript } from "../../lib/vm/seedScript";
import { run } from "../../tools/run";
import { Machines } from "../support/machines";

/** The command that starts a machine and waits for it: left out, since ten guests would boot for half an hour here. */
const starts = (names: readonly string[]) =>
    names.flatMap((name) => [
        "--exclude",
        `urn:pulumi:dev::webfarm::fusion:index:FusionVm$command:local:Command::${name}`,
    ]);

/** What a user adds to a domain in the provider's own words. */
const more = {
    video: { type: "vga" },
    graphics: { type: "vnc", listenType: "address", autoport: true },
    consoles: [{ type: "pty", targetType: "virtio", targetPort: "1" }],
};

describe("ten machines on one hypervisor", () => {
    const names = Array.from({ length: 10 }, (_, index) => `vm${index}`);
    let machines: Machines;
    before(async () => {
        const vms = Object.fromEntries(names.map((name) => [name, name === "vm0" ? { domain: more } : {}]));
        machines = await Machines.create("test-many", { vms });
    });
    after(() => machines?.farm.dispose());

    it("are all defined in one go, each with its disk, its seed and its card, and started by nobody yet", async () => {
        const up = await machines.farm.stack.up(...starts(names));
        assert.equal(up.ok, true, up.text);
        const list = await machines.farm.virsh("list", "--all");
        assert.deepEqual(list.match(/^ *- +vm\d +shut off$/gm)?.length, 10, list);
        const cards = new Set<string>();
        for (const name of names) {
            const xml = await machines.farm.virsh("dumpxml", name);
            assert.match(xml, new RegExp(`volume='${name}-[0-9a-f]{8}\\.qcow2'`));
            assert.match(xml, new RegExp(`volume='${name}-[0-9a-f]{12}\\.img'`));
            cards.add(/<mac address='([^']+)'/.exec(xml)?.[1] ?? "");
        }
        assert.equal(cards.size, 10);
    });

    it("have what the user adds to them, behind the library's own", async () => {
        const xml = await machines.farm.virsh("dumpxml", "vm0");
        assert.match(xml, /<graphics type='vnc'/);
        assert.match(xml, /<model type='vga'/);
        assert.deepEqual(
            [...xml.matchAll(/<console type='pty'[^>]*>\s*<target type='(\w+)'/g)].map(([, type]) => type),
            ["serial", "virtio"],
        );
        assert.doesNotMatch(await machines.farm.virsh("dumpxml", "vm1"), /<graphics type='vnc'/);
    });

    it("get seeds that never hang or fail: 20 at once beside new volumes, 20 times", async () => {
        const { lab } = machines.farm;
        const documents = { userData: "#cloud-config\n{}\n", metaData: "{}\n", networkConfig: "{}\n" };
        const pool = join(lab.poolPath, "rack");
        const target = (index: number) => join(pool, `seed${index}-0123456789ab.img`);
        let failed = 0;
        for (let round = 0; round < 20; round++) {
            const seeds = Array.from({ length: 20 }, (_, index) =>
                run("sh", ["-s"], {
                    input: seedScript(documents, target(index), "rack", lab.uri),
                    allowFailure: true,
                    timeout: 60_000,
                }),
            );
            const volumes = ["a", "b"].map((name) =>
                run("virsh", [
                    "-c",
                    lab.uri,
                    "vol-create-as",
                    "rack",
                    `stress-${name}.qcow2`,
                    "1G",
                    "--format",
                    "qcow2",
                ]),
            );
            failed += (await Promise.all(seeds)).filter(({ code }) => code !== 0).length;
            await Promise.all(volumes);
            await Promise.all(
                ["a", "b"].map((name) =>
                    run("virsh", ["-c", lab.uri, "vol-delete", "--pool", "rack", `stress-${name}.qcow2`]),
                ),
            );
        }
        console.log(`      400 seeds, ${failed} failed`);
        assert.equal(failed, 0);
        assert.equal(readdirSync(pool).filter((name) => /^seed\d+-.*\.img$/.test(name)).length, 20);
    });

    it("change nothing but their starts in a second preview", async () => {
        const preview = await machines.farm.stack.preview();
        assert.equal(preview.ok, true, preview.text);
        assert.deepEqual(
            preview.steps
                .filter(({ op }) => op !== "same")
                .map(({ op, name }) => `${op} ${name}`)
                .sort(),
            names.map((name) => `create ${name}`),
        );
    });

    it("are all destroyed again", async () => {
        const destroyed = await machines.farm.stack.destroy();
        assert.equal(destroyed.ok, true, destroyed.text);
        assert.equal(await machines.farm.virsh("list", "--all", "--name"), "");
    });
});
