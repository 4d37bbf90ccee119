import assert from "node:assert/strict";
import { askMachine } from "../../../lib/askMachine";
import type { LibvirtConnection } from "../../../lib/hypervisor/libvirtUri";
import { surveyor } from "../../../lib/hypervisor/survey";
import { unreachable } from "../../../lib/hypervisor/unreachable";
import { needPrograms } from "../../support/programs";

const ssh = { address: "rack1", user: "ann", knownHostsFile: "/keys/hosts" };
const remote: LibvirtConnection = {
    ...{ uri: "qemu+ssh://ann@rack1/system", localUri: "qemu:///system", ssh, session: false },
};
const local = { ...remote, uri: "qemu:///system", ssh: undefined };

describe("a hypervisor that does not answer", () => {
    const said: [string, string, RegExp, LibvirtConnection?][] = [
        ["a port where nobody listens", "ssh: connect to host rack1 port 22: Connection refused", /sshd runs on rack1/],
        ["no way to it", "ssh: connect to host rack1 port 22: No route to host", /rack1 is up.*firewall/],
        ["no answer to ssh", "ssh: connect to host rack1 port 22: Connection timed out", /rack1 is up.*firewall/],
        [
            "an unknown name",
            "ssh: Could not resolve hostname rack1: Name or service not known",
            /correct the host's name/,
        ],
        [
            "an unknown host key",
            "No ED25519 host key is known for rack1 and you have requested strict checking.\r\nHost key verification failed.",
            /ssh-keyscan rack1.*\/keys\/hosts/,
        ],
        [
            "a refused key",
            "ann@rack1: Permission denied (publickey).",
            /ssh .* -l ann -- rack1 true must succeed.*"keyfile"/,
        ],
        ["no libvirt", "sh: 1: virsh: not found", /apt-get install libvirt-daemon-system/],
        [
            "a user who is not in the group",
            "error: failed to connect to the hypervisor\nerror: Failed to connect socket to '/var/run/libvirt/libvirt-sock': Permission denied",
            /usermod --append --groups libvirt/,
        ],
        [
            "polkit",
            "error: authentication unavailable: no polkit agent available to authenticate action 'org.libvirt.unix.manage'",
            /usermod --append --groups libvirt/,
        ],
        [
            "libvirt that does not run",
            "error: failed to connect to the hypervisor\nerror: Failed to connect socket to '/var/run/libvirt/libvirt-sock': No such file or directory",
            /on this machine: systemctl start libvirtd/,
            local,
        ],
        [
            "a session that does not run",
            "error: Failed to connect socket to '/run/user/7/libvirt/libvirt-sock': Connection refused",
            /virsh --connect qemu:\/\/\/session uri/,
            { ...local, session: true },
        ],
        ["anything else", "error: the moon is full", /run this on rack1.*virsh --connect qemu:\/\/\/system version/],
    ];
    for (const [what, stderr, hint, connection = remote] of said) {
        it(`is told with what to do: ${what}`, () => {
            const told = unreachable(connection, { code: 1, stdout: "", stderr: `${stderr}\n`, late: false });
            assert.equal(
                told.reason,
                stderr
                    .split("\n")
                    .at(-1)
                    ?.replace(/^error: /, "")
                    .replace(/\.$/, ""),
            );
            assert.match(told.hint, hint);
        });
    }

    const hintOf = (uri: string, stderr: string, code = 1) =>
        unreachable({ ...remote, uri }, { code, stdout: "", stderr, late: false });

    it("is told of a socket in the URI where there is one", () => {
        const stderr = "error: Failed to connect socket to '/x': No such file or directory";
        assert.doesNotMatch(hintOf("qemu:///system", stderr).hint, /in the URI/);
        assert.match(hintOf("qemu+unix:///system?socket=/x", stderr).hint, /; or correct "socket" in the URI$/);
    });

    it("over TLS is told of ssh's own arguments, and that ssh did not get there", () => {
        const tls = hintOf("qemu+tls://rack1/system", "ann@rack1: Permission denied (publickey).", 255);
        assert.match(tls.hint, /name the key with "ssh\.privateKeyFile"$/);
        assert.equal(tls.overSsh, true);
        assert.equal(hintOf("qemu+tls://rack1/system", "error: the moon is full").overSsh, undefined);
    });

    it("is ended after some seconds, with all that it has started", async () => {
        const begin = Date.now();
        const answer = await askMachine(undefined, "echo begun >&2; sleep 60 & sleep 60", 1);
        assert.deepEqual(answer, { code: undefined, stdout: "", stderr: "begun\n", late: true });
        assert.ok(Date.now() - begin < 10_000);
        assert.match(unreachable(remote, answer).reason, /has not answered for 20 seconds \(begun\)/);
    });

    it("is no error of the survey", async () => {
        await needPrograms("virsh");
        const uri = "qemu+unix:///system?socket=/no/such/socket";
        const connection = { uri, localUri: uri, ssh: undefined, session: false };
        const told = await surveyor.survey({ connection, pool: { path: "/" } });
        assert.ok(!told.reachable);
        assert.match(told.reason, /'\/no\/such\/socket': No such file/);
        assert.match(told.hint, /correct "socket" in the URI/);
    });
});
