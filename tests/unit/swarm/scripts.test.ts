import assert from "node:assert/strict";
import { foundScript, unlockKeyScript } from "../../../lib/swarm/foundScript";
import { joinScript } from "../../../lib/swarm/joinScript";
import { leaveScript } from "../../../lib/swarm/leaveScript";
import type { Contact } from "../../../lib/swarm/nodeScripts";
import { run } from "../../../tools/run";
import { assertGolden } from "../../support/golden";

const contact = (number: number): Contact => {
    const address = `10.77.0.1${number}`;
    return { name: `vm${number}`, address, ssh: { address, user: "fusion", hostKey: "ssh-ed25519 AAAA" } };
};
const contacts = [1, 2, 3].map(contact);
const swarm = { swarm: "farm", contacts };
const node = { ...swarm, host: contact(4), managers: ["vm1", "vm2", "vm3"], alone: undefined };

describe("the scripts of a swarm", () => {
    const found = foundScript({
        ...swarm,
        founder: contact(1),
        addressPool: "10.201.0.0/16",
        autolock: true,
        recover: contact(4),
    });
    const join = joinScript({ ...node, role: "worker", labels: { zone: "a", rack: "row 4" } });
    const leave = leaveScript({ ...node, drainSeconds: 60 });
    const key = unlockKeyScript("farm", contacts);

    for (const [name, text] of Object.entries({ found, join, leave, key })) {
        it(`are those in tests/golden, which a shell can read: ${name}`, async () => {
            assertGolden(`swarm/${name}.sh`, text);
            assert.equal((await run("sh", ["-n"], { input: text })).stderr, "");
            assert.equal((await run("bash", ["--posix", "-n"], { input: text })).stderr, "");
        });
    }

    it("have a join token in no command line: the builtin printf writes it to Docker's API", () => {
        assert.doesNotMatch(join, /swarm join |--token/);
        const uses = join.split("\n").filter((line) => /\$token\b/.test(line));
        assert.equal(uses.length, 1);
        assert.match(uses[0] ?? "", /^ *! post \/swarm\/join /);
    });

    it("begin a swarm on its founder alone, or where there is but one host", () => {
        assert.match(found, /^FOUNDER=vm1$/m);
        assert.match(join, /^ALONE=''$/m);
        const alone = joinScript({
            ...node,
            contacts: [],
            managers: ["vm4"],
            role: "manager",
            labels: {},
            alone: "10.9.0.0/16",
        });
        assert.match(alone, /^ALONE=10\.9\.0\.0\/16$/m);
    });

    it("label a node with its host's name, its swarm and labels, and with which these are", () => {
        const words =
            "--label-add fusion.host=vm4 --label-add fusion.swarm=project/stack/farm --label-add 'rack=row 4' --label-add zone=a --label-add 'fusion.labels=fusion.host fusion.swarm rack zone'";
        assert.ok(join.includes(`LABELS='${words.replaceAll("'", "'\\''")}'\n`), join);
    });
});
