import assert from "node:assert/strict";
import { scriptOn, shellOn, sshCommand, sshOptions } from "../../lib/ssh";

describe("ssh commands", () => {
    it("pin the host key in the command itself", () => {
        const target = { address: "10.77.0.11", user: "fusion", privateKeyFile: "/k", hostKey: "ssh-ed25519 AAAA" };
        assert.equal(
            sshCommand(target, "docker info"),
            "ssh -o BatchMode=yes -o StrictHostKeyChecking=yes -o ConnectTimeout=15 -o ServerAliveInterval=15 " +
                "-o ServerAliveCountMax=4 -o UserKnownHostsFile=/dev/null -o GlobalKnownHostsFile=/dev/null " +
                "-o HostKeyAlgorithms=ssh-ed25519 -o UpdateHostKeys=no " +
                "-o 'KnownHostsCommand=/usr/bin/env echo 10.77.0.11 ssh-ed25519 AAAA' " +
                "-o IdentityFile=/k -o IdentitiesOnly=yes -l fusion -- 10.77.0.11 'docker info'",
        );
    });

    it("never accept an unknown host key", () => {
        assert.ok(sshOptions({ address: "rack1" }).includes("StrictHostKeyChecking=yes"));
    });

    it("name the port in what is known of the host", () => {
        const options = sshOptions({ address: "rack1", port: 2222, hostKey: "ssh-ed25519 AAAA" });
        assert.ok(options.includes("KnownHostsCommand=/usr/bin/env echo [rack1]:2222 ssh-ed25519 AAAA"));
    });

    it("go through the hypervisor where there is one", () => {
        const options = sshOptions({ address: "10.77.0.11", jump: { address: "rack1", user: "root", port: 2222 } });
        const proxy = options.find((option) => option.startsWith("ProxyCommand="));
        assert.match(proxy ?? "", /^ProxyCommand=ssh .* -W %h:%p -p 2222 -l root -- rack1$/);
    });

    it("run a script here or there", () => {
        assert.equal(shellOn(undefined), "sh -s");
        assert.match(shellOn({ address: "rack1" }), /-- rack1 'sh -s'$/);
        assert.equal(scriptOn(undefined, "echo 'a'"), `sh -c 'echo '\\''a'\\'''`);
    });
});
