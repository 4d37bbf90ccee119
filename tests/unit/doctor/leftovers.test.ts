import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { leftoverScript, readLeftovers, suspects } from "../../../lib/doctor/leftovers";
import { nothingOwned } from "../../../lib/doctor/wanted";
import { placeholderTitle } from "../../../lib/hypervisor/poolScripts";
import { run } from "../../../tools/run";
import { healthySurvey } from "../../support/survey";

const size = { vcpus: 1, memoryMiB: 1024, diskGiB: 10 };
const domain = { uuid: "", state: "running", memoryMiB: 1024, vcpus: 1, autostart: true };

describe("what an interrupted deployment may have left", () => {
    const files = [
        ...["vm1-01234567.qcow2", "vm1-89abcdef.qcow2", "vm1-data-data.qcow2", "vm1-0123456789ab.img"],
        ...["vm10-01234567.qcow2", "base-0123456789abcdef.qcow2", "vm1-console.log", "my-vm1-01234567.qcow2"],
    ];
    const survey = {
        ...healthySurvey,
        storage: { ...healthySurvey.storage, files },
        domains: new Map([
            ["vm1", domain],
            ["vm2", domain],
            ["web", domain],
        ]),
    };
    const vms = ["vm1", "vm2"].map((name) => ({ name, ...size }));

    it("has the names of what the program makes, and is unknown to the state", () => {
        const owned = {
            ...nothingOwned,
            domains: new Set(["vm2"]),
            volumes: new Set(["vm1-01234567.qcow2"]),
        };
        assert.deepEqual(suspects(survey, vms, owned), {
            domains: ["vm1"],
            volumes: ["vm1-89abcdef.qcow2", "vm1-data-data.qcow2"],
        });
    });

    it("is nothing where the directory cannot be read", () => {
        const blind = { ...survey, storage: { ...survey.storage, files: undefined } };
        assert.deepEqual(suspects(blind, vms, nothingOwned).volumes, []);
    });

    it("is no domain whose disks are in another pool, though they have the names", async () => {
        const dir = mkdtempSync(join(tmpdir(), "fusion-leftovers-"));
        try {
            const disk = "vm1-01234567.qcow2";
            writeFileSync(
                join(dir, "virsh"),
                `#!/bin/sh\ncase "$*" in *domblklist*) echo "volume disk vda ${disk}" ;; *list*) echo vm1 ;; esac\n`,
                { mode: 0o755 },
            );
            const connection = { uri: "", localUri: "qemu:///system", ssh: undefined, session: false };
            const input = leftoverScript(
                { domains: ["vm1"], volumes: [] },
                { connection, pool: { name: "p", path: dir } },
                false,
            );
            const env = { ...process.env, PATH: `${dir}:${process.env.PATH}` };
            const tell = async () => readLeftovers((await run("sh", ["-s"], { input, env })).stdout).domains;
            assert.deepEqual(await tell(), []);
            writeFileSync(join(dir, disk), "");
            assert.deepEqual(await tell(), ["vm1"]);
        } finally {
            rmSync(dir, { recursive: true });
        }
    });

    /** Takes away, or tells, where a domain of the library, one of somebody else, and a placeholder are. */
    const takeAway = async (remove: boolean) => {
        const dir = mkdtempSync(join(tmpdir(), "fusion-leftovers-"));
        try {
            const disks = ["vm1-01234567.qcow2", "vm1-89abcdef.qcow2", "vm2-data-data.qcow2", "web-01234567.qcow2"];
            for (const disk of [...disks, "vm3-data-data.qcow2"]) writeFileSync(join(dir, disk), "");
            writeFileSync(join(dir, "vm3-data-data.qcow2"), Buffer.alloc(2 ** 21, 1));
            writeFileSync(
                join(dir, "virsh"),
                `#!/bin/sh
echo "$*" | sed 's/.*system //' >>'${dir}/calls'
case "$*" in
*"domblklist vm1"*) echo "file disk vda ${dir}/vm1-01234567.qcow2" ;;
*"domblklist web"*) echo "file disk vda ${dir}/web-01234567.qcow2"; echo "file disk vdb /srv/own.img" ;;
*"desc gone"*) echo '${placeholderTitle(dir)}' ;;
*list*) printf 'vm1\\nweb\\ngone\\nempty\\n' ;;
esac
`,
                { mode: 0o755 },
            );
            const connection = { uri: "", localUri: "qemu:///system", ssh: undefined, session: false };
            const suspected = {
                domains: ["vm1", "web", "gone", "empty"],
                volumes: [...disks, "vm3-data-data.qcow2"],
            };
            const input = leftoverScript(suspected, { connection, pool: { name: "p", path: dir } }, remove);
            const env = { ...process.env, PATH: `${dir}:${process.env.PATH}` };
            const told = readLeftovers((await run("sh", ["-s"], { input, env })).stdout);
            const calls = readFileSync(join(dir, "calls"), "utf8").split("\n");
            const changes = calls.filter((call) => /^(undefine|destroy|pool-)/.test(call));
            return { told, changes, files: readdirSync(dir).filter((file) => file.endsWith(".qcow2")) };
        } finally {
            rmSync(dir, { recursive: true });
        }
    };
    const ours = {
        domains: ["vm1", "gone"],
        volumes: ["vm1-01234567.qcow2", "vm1-89abcdef.qcow2", "vm2-data-data.qcow2"],
    };

    it("is told by a preview, which takes nothing away", async () => {
        const { told, changes, files } = await takeAway(false);
        assert.deepEqual({ told, changes }, { told: ours, changes: [] });
        assert.equal(files.length, 5);
    });

    it("is taken away where it is to: no domain with other disks, no disk in use, no data", async () => {
        const { told, changes, files } = await takeAway(true);
        assert.deepEqual(told, ours);
        const undefine = (name: string) =>
            `undefine ${name} --nvram --managed-save --snapshots-metadata --checkpoints-metadata`;
        assert.deepEqual(changes, [
            ...["destroy vm1", undefine("vm1"), "destroy gone", undefine("gone")],
            "pool-refresh p",
        ]);
        assert.deepEqual(files, ["vm3-data-data.qcow2", "web-01234567.qcow2"]);
    });

    it("is read from what the script tells", () => {
        assert.deepEqual(readLeftovers("domain vm1\nvolume vm1-89abcdef.qcow2\n"), {
            domains: ["vm1"],
            volumes: ["vm1-89abcdef.qcow2"],
        });
    });
});
