import assert from "node:assert/strict";
import fc from "fast-check";
import { Faults } from "../../../lib/faults";
import { dockerDaemon } from "../../../lib/vm/dockerSpec";
import { type GuestArgs, guestSpec } from "../../../lib/vm/guestSpec";
import { anyGuest } from "../../support/anyGuest";
import { assertFault, type WrongCase } from "../../support/faults";

const spec = (args: GuestArgs, faults = new Faults()) =>
    guestSpec("vm1", args, { user: "fusion", address: "10.77.0.11" }, faults);

/** What a caller without types may write. */
const untyped = (args: object): GuestArgs => args;

describe("arguments about a guest", () => {
    it("have the documented defaults", () => {
        const faults = new Faults();
        assert.deepEqual(spec({}, faults), {
            users: [],
            packages: [],
            files: [],
            commands: [],
            sysctl: {},
            docker: { source: "distribution" },
            cloudInit: {},
        });
        const { users, files, proxy } = spec(
            {
                users: [{ name: "alice" }],
                files: [{ path: "/etc/motd", content: "" }],
                proxy: { http: "http://10.0.0.5:3128" },
            },
            faults,
        );
        assert.deepEqual(users, [{ name: "alice", authorizedKeys: [], groups: [], sudo: false, shell: "/bin/bash" }]);
        assert.deepEqual(files, [{ path: "/etc/motd", content: "", permissions: "0644", owner: "root:root" }]);
        assert.deepEqual(proxy, {
            http: "http://10.0.0.5:3128",
            https: "http://10.0.0.5:3128",
            noProxy: ["localhost", "127.0.0.1", "::1", "10.77.0.11"],
        });
        assert.equal(faults.size, 0);
    });

    it("put mirrors behind those of the daemon's own, each once", () => {
        const [a, b] = ["https://a.example.org", "https://b.example.org"];
        assert.deepEqual(dockerDaemon({ registryMirrors: [a] }), { "registry-mirrors": [a] });
        assert.deepEqual(dockerDaemon({ daemon: { debug: true, "registry-mirrors": [b] }, registryMirrors: [a, b] }), {
            debug: true,
            "registry-mirrors": [b, a],
        });
        assert.equal(dockerDaemon({}), undefined);
    });

    it("are taken as they are where they are right", () =>
        fc.assert(
            fc.property(anyGuest, (args) => {
                const faults = new Faults();
                const { packages, commands, sysctl, files } = spec(args, faults);
                faults.throwIfAny();
                assert.deepEqual(
                    { packages, commands, sysctl },
                    {
                        packages: args.packages ?? [],
                        commands: args.commands ?? [],
                        sysctl: args.sysctl ?? {},
                    },
                );
                assert.deepEqual(
                    files.map(({ content }) => content),
                    args.files.map(({ content }) => content),
                );
            }),
        ));

    const wrong: WrongCase<object>[] = [
        ["root as a user", { users: [{ name: "root" }] }, "users[0].name", /is there already: "root"; give another/],
        ["the library's user", { users: [{ name: "fusion" }] }, "users[0].name", /is there already: "fusion"/],
        ["a user twice", { users: [{ name: "a" }, { name: "a" }] }, "users[1].name", /is there already: "a"/],
        ["a user with a colon", { users: [{ name: "a:b" }] }, "users[0].name", /no user that can be made: "a:b"; give/],
        ["a group of two", { users: [{ name: "a", groups: ["b,c"] }] }, "users[0].groups[0]", /"b,c"; give one/],
        ["a rule for sudo", { users: [{ name: "a", sudo: "ALL" }] }, "users[0].sudo", /true or false, got "ALL"; give/],
        ["a shell by name", { users: [{ name: "a", shell: "sh" }] }, "users[0].shell", /no absolute path: "sh"; give/],
        [
            "a key of two lines",
            { users: [{ name: "a", authorizedKeys: ["ssh-ed25519 A\nssh-ed25519 B"] }] },
            "users[0].authorizedKeys[0]",
            /is no public ssh key/,
        ],
        ["a time zone upwards", { timezone: "../etc/passwd" }, "timezone", /no time zone: "..\/etc\/passwd"; give/],
        ["a package with an option", { packages: ["-o x"] }, "packages[0]", /is no package: "-o x"; give/],
        ["a relative file", { files: [{ path: "a", content: "" }] }, "files[0].path", /no absolute path.*"a"; give/],
        ["a folder upwards", { files: [{ path: "/a/../b", content: "" }] }, "files[0].path", /no absolute path/],
        [
            "Docker's configuration as a file",
            { files: [{ path: "/etc/docker/daemon.json", content: "{}" }] },
            "files[0].path",
            /the library writes: .*; use docker\.daemon/,
        ],
        [
            "a file twice",
            {
                files: [
                    { path: "/a", content: "" },
                    { path: "/a", content: "" },
                ],
            },
            "files[1].path",
            /another entry already: "\/a"; write it once/,
        ],
        ["a file without text", { files: [{ path: "/a" }] }, "files[0].content", /is missing; give/],
        [
            "permissions as a number",
            { files: [{ path: "/a", content: "", permissions: 420 }] },
            "files[0].permissions",
            /must be octal digits/,
        ],
        [
            "permissions as letters",
            { files: [{ path: "/a", content: "", permissions: "rw-" }] },
            "files[0].permissions",
            /octal digits in a text, got "rw-"; give/,
        ],
        ["an owner by number", { files: [{ path: "/a", content: "", owner: "0:0" }] }, "files[0].owner", /"0:0"; give/],
        ["an empty command", { commands: [" "] }, "commands[0]", /is no command: " "; give/],
        ["a command without words", { commands: [[]] }, "commands[0]", /is no command: \[\]; give/],
        ["a command with a NUL", { commands: [["a", "\0"]] }, "commands[0]", /is no command/],
        ["a parameter with a line's end", { sysctl: { "vm.a\nb": 1 } }, "sysctl", /no name of a kernel parameter/],
        ["a value of two lines", { sysctl: { "vm.a": "1\nb.c = 2" } }, "sysctl.vm.a", /on one line, got "1\\nb.c = 2"/],
        ["no proxy", { proxy: {} }, "proxy", /names no proxy, got \{\}; give http/],
        [
            "a proxy with a password",
            { proxy: { http: "http://me:s3cret@10.0.0.5" } },
            "proxy.http",
            /^has a user or password, which everybody in the machine could read; let/,
        ],
        ["a proxy with a quote", { proxy: { https: 'http://x"' } }, "proxy.https", /no URL of a proxy: .*; give/],
        [
            "a list of hosts as one",
            { proxy: { http: "http://x", noProxy: ["a,b c"] } },
            "proxy.noProxy[0]",
            /no host or network: "a,b c"; give/,
        ],
        ["an unknown source", { docker: { source: "snap" } }, "docker.source", /"snap"; use one of "distribution"/],
        ["a version with a blank", { docker: { version: "1 2" } }, "docker.version", /no version.*"1 2"; give/],
        ["a daemon as a text", { docker: { daemon: "{}" } }, "docker.daemon", /must be an object, got "\{\}"; give/],
        ["a mirror by name", { docker: { registryMirrors: ["a"] } }, "docker.registryMirrors[0]", /"a"; give one/],
        ["a cloud-config as a text", { cloudInit: "a: 1" }, "cloudInit", /must be an object, got "a: 1"; give/],
        [
            "another host key",
            { cloudInit: { ssh_keys: {} } },
            "cloudInit.ssh_keys",
            /cannot be set, got \{\}: the machine's ssh host key is made and pinned by the library/,
        ],
        ["passwords", { cloudInit: { ssh_pwauth: true } }, "cloudInit.ssh_pwauth", /got true: logging in is by key/],
        ["root's login", { cloudInit: { disable_root: false } }, "cloudInit.disable_root", /never as root; give users/],
        ["another name", { cloudInit: { fqdn: "a.b" } }, "cloudInit.fqdn", /got "a.b": the machine is named by/],
        ["a command's text for a list", { cloudInit: { runcmd: "a" } }, "cloudInit.runcmd", /must be a list, got "a"/],
        [
            "what is no plain value",
            { cloudInit: { a: [{ b: new Map() }] } },
            "cloudInit.a",
            /must be plain values .*; give a secret or an output as a file's content/,
        ],
    ];
    for (const [title, args, path, says] of wrong) {
        it(`${title} is refused at ${path}`, () =>
            assertFault(`vm1.${path}`, says, (faults) => spec(untyped(args), faults)));
    }

    it("do not show a proxy's password in the error", () => {
        const faults = new Faults();
        spec({ proxy: { http: "http://me:s3cret@10.0.0.5" } }, faults);
        assert.doesNotMatch(faults.error().message, /s3cret/);
    });
});
