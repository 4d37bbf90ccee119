import assert from "node:assert/strict";
import { parseLibvirtUri } from "../../../lib/hypervisor/libvirtUri";

describe("libvirt URIs", () => {
    it("of this machine need no ssh", () => {
        for (const uri of ["qemu:///system", "qemu:///session", "qemu+unix:///system?socket=/run/x/libvirt-sock"]) {
            assert.deepEqual(parseLibvirtUri(uri), { uri, localUri: uri, ssh: undefined });
        }
    });

    it("over ssh say how to run a command there", () => {
        const uri = "qemu+ssh://root@rack1:2222/system?keyfile=/k&knownhosts=/h";
        assert.deepEqual(parseLibvirtUri(uri), {
            uri,
            localUri: "qemu:///system",
            ssh: { address: "rack1", user: "root", port: 2222, privateKeyFile: "/k", knownHostsFile: "/h" },
        });
    });

    for (const [uri, why] of [
        ["http://rack1/", /is not a libvirt URI.*give one such as/],
        ["qemu://rack1/system", /names the host "rack1" without a way to it; give "qemu\+ssh:\/\/rack1\/system"/],
        ["qemu+tls://rack1/system", /cannot run commands.*"tls"/],
        ["qemu+ssh:///system", /names no host/],
    ] as const) {
        it(`${uri} is refused with a remedy`, () => {
            const answer = parseLibvirtUri(uri);
            assert.ok(typeof answer === "string");
            assert.match(answer, why);
        });
    }
});
