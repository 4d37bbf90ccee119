import assert from "node:assert/strict";
import { checkSshTarget } from "../../lib/checkSshTarget";
import { Faults } from "../../lib/faults";
import type { SshTarget } from "../../lib/ssh";
import { assertFault, type WrongCase } from "../support/faults";

const gate: SshTarget = { address: "gate.example.org" };

describe("how a machine is reached over ssh", () => {
    it("may be told in full", () => {
        const faults = new Faults();
        const hostKey = "ssh-ed25519 AAAAC3Nz";
        const full = { ...gate, user: "j.doe", port: 22, hostKey, privateKeyFile: "~/.ssh/k", knownHostsFile: "/k" };
        checkSshTarget("vm1.ssh.jump", { ...full, jump: { ...full, address: "fe80::1%eth0" } }, faults);
        assert.equal(faults.size, 0);
    });

    const wrong: WrongCase<Partial<SshTarget>>[] = [
        ["no address", { address: "" }, "address", /neither an IP address nor a host name: ""; give/],
        ["an address that is an option", { address: "-oProxyCommand=x" }, "address", /: "-oProxyCommand=x"/],
        ["an address with a user", { address: "root@gate" }, "address", /: "root@gate"/],
        ["a user that is an option", { user: "-x" }, "user", /is no name of a user: "-x"; give/],
        ["a user of two words", { user: "a b" }, "user", /is no name of a user: "a b"/],
        ["a port of nothing", { port: 0 }, "port", /from 1 to 65535, got 0/],
        [
            "a host key of another kind",
            { hostKey: "ssh-rsa AAAA" },
            "hostKey",
            /no ed25519 host key: "ssh-rsa AAAA"; give/,
        ],
        ["a host key of two lines", { hostKey: "ssh-ed25519 AAAA\nx" }, "hostKey", /no ed25519 host key/],
        ["no path", { privateKeyFile: "" }, "privateKeyFile", /must be the path of a file on one line, got ""/],
        ["a path of two lines", { knownHostsFile: "a\nb" }, "knownHostsFile", /the path of a file on one line/],
        ["another way that is wrong", { jump: { address: "a b" } }, "jump.address", /: "a b"/],
    ];
    for (const [title, more, path, says] of wrong) {
        it(`${title} is refused at ${path}`, () =>
            assertFault(`vm1.ssh.jump.${path}`, says, (faults) =>
                checkSshTarget("vm1.ssh.jump", { ...gate, ...more }, faults),
            ));
    }
});
