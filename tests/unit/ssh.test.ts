import assert from "node:assert/strict";
import {
    forgetConnection,
    type SshTarget,
    scriptOn,
    shellOn,
    sshCommand,
    sshOptions,
    tellingSshCommand,
} from "../../lib/ssh";

/** The option that begins so. */
const option = (target: SshTarget, name: string) => sshOptions(target).find((one) => one.startsWith(`${name}=`)) ?? "";

describe("ssh commands", () => {
    it("pin the host key in the command itself, and share a connection", () => {
        const target = { address: "10.77.0.11", user: "fusion", privateKeyFile: "/k", hostKey: "ssh-ed25519 AAAA" };
        const tell = `mkdir -p -m 700 "$0/.ssh"; echo "$1"`;
        assert.equal(
            sshCommand(target, "docker info").replaceAll(`'\\''`, "^"),
            "ssh -o BatchMode=yes -o StrictHostKeyChecking=yes -o ConnectTimeout=15 -o ServerAliveInterval=15 " +
                "-o ServerAliveCountMax=4 -o ControlMaster=auto -o 'ControlPath=~/.ssh/fusion-ae81da465b56d227' " +
                "-o ControlPersist=60 -o UserKnownHostsFile=/dev/null -o GlobalKnownHostsFile=/dev/null " +
                "-o HostKeyAlgorithms=ssh-ed25519 -o UpdateHostKeys=no " +
                `-o 'KnownHostsCommand=/bin/sh -c ^${tell}^ %d ^10.77.0.11 ssh-ed25519 AAAA^' ` +
                "-o IdentityFile=/k -o IdentitiesOnly=yes -l fusion -- 10.77.0.11 'docker info'",
        );
    });

    it("never accept an unknown host key", () => {
        assert.ok(sshOptions({ address: "rack1" }).includes("StrictHostKeyChecking=yes"));
    });

    it("name the port in what is known of the host", () => {
        assert.match(
            option({ address: "rack1", port: 2222, hostKey: "ssh-ed25519 AAAA" }, "KnownHostsCommand"),
            / '\[rack1\]:2222 ssh-ed25519 AAAA'$/,
        );
    });

    it("share no connection with another machine, user, key or way", () => {
        const target = { address: "10.77.0.11", user: "fusion", hostKey: "ssh-ed25519 AAAA" };
        const others: SshTarget[] = [
            { ...target, address: "10.77.0.12" },
            { ...target, hostKey: "ssh-ed25519 BBBB" },
            { ...target, user: "root" },
            { ...target, port: 2222 },
            { ...target, privateKeyFile: "/k" },
            { ...target, jump: { address: "rack1" } },
            { ...target, jump: { address: "rack2" } },
        ];
        const paths = [target, ...others].map((one) => option(one, "ControlPath"));
        assert.equal(new Set(paths).size, paths.length);
        assert.equal(option({ ...target, port: 22 }, "ControlPath"), paths[0]);
        // ssh adds 17 characters while it makes the socket, and a socket's path has room for 107.
        assert.ok(paths.every((path) => path.length < "ControlPath=~".length + 35));
    });

    it("can end a shared connection, whatever there is", () => {
        assert.match(forgetConnection({ address: "a" }), / -O exit -- a >\/dev\/null 2>&1 \|\| true$/);
    });

    it("say that it is the machine in front that does not answer", () => {
        assert.equal(tellingSshCommand({ address: "a" }, "true"), sshCommand({ address: "a" }, "true"));
        const text = tellingSshCommand({ address: "a", jump: { address: "b" } }, "sh -s");
        assert.match(
            text,
            /^\{ ssh .* -- a 'sh -s' \|\| \{ why=\$\(ssh .* -- b true 2>&1\) \|\| echo 'b, which .*' "\$why"; \}; \}$/,
        );
    });

    it("go through the hypervisor where there is one, or through several machines", () => {
        const rack = { address: "rack1", user: "root", port: 2222 };
        assert.match(
            option({ address: "10.77.0.11", jump: rack }, "ProxyCommand"),
            /^ProxyCommand=ssh .* -p 2222 -l root -W %h:%p -- rack1$/,
        );
        const gate = { address: "gate", hostKey: "ssh-ed25519 AAAA" };
        const twice = option({ address: "10.77.0.11", jump: { ...rack, jump: gate } }, "ProxyCommand");
        assert.match(twice, / -W %%h:%%p -- gate' .* -W %h:%p -- rack1$/);
        assert.match(twice, / %%%%d /);
    });

    it("run a script here or there", () => {
        assert.equal(shellOn(undefined), "sh -s");
        assert.match(shellOn({ address: "rack1" }), /-- rack1 'sh -s'$/);
        assert.equal(scriptOn(undefined, "echo 'a'"), `sh -c 'echo '\\''a'\\'''`);
    });
});
