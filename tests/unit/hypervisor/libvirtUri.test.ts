import assert from "node:assert/strict";
import fc from "fast-check";
import { libvirtUri, parseLibvirtUri } from "../../../lib/hypervisor/libvirtUri";
import { defaultPoolPath, providerUri } from "../../../lib/hypervisor/session";
import { type LibvirtUriArgs, readLibvirtUri } from "../../../lib/hypervisor/uriParts";
import { FusionInputError } from "../../../lib/inputError";

describe("libvirt URIs", () => {
    it("of this machine need no ssh", () => {
        for (const uri of ["qemu:///system", "qemu:///session", "qemu+unix:///system?socket=/run/x/libvirt-sock"]) {
            const session = uri === "qemu:///session";
            assert.deepEqual(parseLibvirtUri(uri), { uri, localUri: uri, ssh: undefined, session });
        }
    });

    it("over ssh say how to run a command there", () => {
        const uri = "qemu+ssh://root@rack1:2222/system?keyfile=/k&knownhosts=/h";
        assert.deepEqual(parseLibvirtUri(uri), {
            uri,
            localUri: "qemu:///system",
            ssh: { address: "rack1", user: "root", port: 2222, privateKeyFile: "/k", knownHostsFile: "/h" },
            session: false,
        });
    });

    it("keep the socket for the hypervisor's own side", () => {
        const connection = parseLibvirtUri(
            "qemu+ssh://ann@rack1/session?socket=/run/user/7/libvirt/libvirt-sock&sshauth=agent",
        );
        assert.ok(typeof connection === "object");
        assert.equal(connection.localUri, "qemu+unix:///session?socket=/run/user/7/libvirt/libvirt-sock");
        assert.equal(connection.session, true);
    });

    it("over TLS, or any other, take commands by the way that is given", () => {
        const ssh = { address: "rack1", user: "root" };
        for (const uri of ["qemu+tls://rack1/system", "qemu+ssh://root@10.0.0.1/system"]) {
            assert.deepEqual(parseLibvirtUri(uri, ssh), { uri, localUri: "qemu:///system", ssh, session: false });
        }
    });

    for (const [uri, why] of [
        ["http://rack1/", /is not a libvirt URI.*give one such as/],
        ["qemu:///", /ends in neither \/system nor \/session.*give one such as/],
        ["qemu://rack1/system", /names the host "rack1" without a way to it; give "qemu\+ssh:\/\/root@rack1\/system"/],
        ["qemu+tcp://rack1/system", /not supported: "tcp"; use "ssh" or "tls"/],
        ["qemu+ssh:///system", /names no host/],
        ["qemu+ssh://rack1", /no user.*give "qemu\+ssh:\/\/root@rack1\/system"$/],
        ["qemu+ssh://rack1/system?keyfile=/k", /no user.*give "qemu\+ssh:\/\/root@rack1\/system\?keyfile=\/k"/],
    ] as const) {
        it(`${uri} is refused with a remedy`, () => {
            const answer = parseLibvirtUri(uri);
            assert.ok(typeof answer === "string");
            assert.match(answer, why);
        });
    }
});

const file = fc
    .array(fc.string({ minLength: 1, maxLength: 8, unit: "grapheme" }), { minLength: 1, maxLength: 3 })
    .map((names) => `/${names.join("/")}`)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are refused, and tested below
    .filter((path) => !/[\u0000-\u001f\u007f$]/.test(path));
const host = fc.constantFrom("rack1", "rack1.example.org", "10.0.0.1", "fd00::1", "a_b-c");
const port = fc.integer({ min: 1, max: 65535 });
const all = { session: fc.boolean() };
const anyUri: fc.Arbitrary<LibvirtUriArgs> = fc.oneof(
    fc.record({ ...all, transport: fc.constant("unix"), socket: file }, { requiredKeys: [] }),
    fc.record(
        {
            ...{ ...all, transport: fc.constant("ssh"), host, port, user: fc.constantFrom("root", "ann.b", "x@y") },
            ...{ privateKeyFile: file, knownHostsFile: file, socket: file },
            sshAuth: fc.constantFrom<("agent" | "privkey")[]>(["agent"], ["privkey", "agent"]),
        },
        { requiredKeys: ["host", "user"] },
    ),
    fc.record(
        { ...all, transport: fc.constant("tls"), host, port, pkiPath: file },
        { requiredKeys: ["host", "transport"] },
    ),
);

describe("a typed libvirt URI", () => {
    it("is written as people write it", () => {
        assert.equal(libvirtUri({}), "qemu:///system");
        assert.equal(libvirtUri({ session: true }), "qemu:///session");
        assert.equal(libvirtUri({ socket: "/run/a b" }), "qemu+unix:///system?socket=/run/a%20b");
        const ssh = { host: "fd00::1", user: "root", port: 22, privateKeyFile: "/k", knownHostsFile: "/h" };
        assert.equal(libvirtUri(ssh), "qemu+ssh://root@[fd00::1]:22/system?keyfile=/k&knownhosts=/h");
        assert.equal(
            libvirtUri({ transport: "tls", host: "rack1", pkiPath: "/pki" }),
            "qemu+tls://rack1/system?pkipath=/pki",
        );
    });

    it("is read back as it was given", () => {
        fc.assert(
            fc.property(anyUri, (args) => {
                const { session, ...given } = args;
                const transport = args.transport ?? (args.host === undefined ? "unix" : "ssh");
                assert.deepEqual(readLibvirtUri(libvirtUri(args)), {
                    ...given,
                    transport,
                    ...(session && { session }),
                });
            }),
        );
    });

    const wrong: [LibvirtUriArgs, string, RegExp][] = [
        [{ host: "rack1" }, "user", /must name the user.*give one such as "root"/],
        [{ transport: "ssh", user: "root" }, "host", /no host name/],
        [{ host: "a b", user: "root" }, "host", /no host name or address: "a b"/],
        [{ host: "-oProxyCommand=x", user: "root" }, "host", /no host name/],
        [{ host: "rack1", user: "-x" }, "user", /got "-x"/],
        [{ host: "rack1", user: "root", port: 0 }, "port", /from 1 to 65535, got 0/],
        [{ host: "rack1", user: "root", privateKeyFile: "id" }, "privateKeyFile", /not an absolute path.*"id"/],
        [{ host: "rack1", user: "root", knownHostsFile: "/$HOME/x" }, "knownHostsFile", /without "\$"/],
        [{ socket: "/a\nb" }, "socket", /not an absolute path/],
        [{ privateKeyFile: "/k" }, "privateKeyFile", /no meaning with the transport "unix".*use "ssh"/],
        [{ transport: "tls", host: "rack1", user: "root" }, "user", /no meaning with the transport "tls"/],
    ];
    for (const [args, path, says] of wrong) {
        it(`refuses ${JSON.stringify(args)} at ${path}`, () => {
            assert.throws(
                () => libvirtUri(args),
                (error) => {
                    assert.ok(error instanceof FusionInputError);
                    assert.deepEqual(
                        error.errors.map(({ propertyPath }) => propertyPath),
                        [path],
                    );
                    assert.match(error.errors[0]?.reason ?? "", says);
                    return true;
                },
            );
        });
    }
});

describe("a user's own libvirt", () => {
    const local = { uri: "qemu:///session", localUri: "qemu:///session", ssh: undefined, session: true };
    const ann = { uid: 7, home: "/home/ann", env: {} };

    it("is found by the provider at that user's socket", () => {
        assert.equal(
            providerUri(local, { ...ann, env: { XDG_RUNTIME_DIR: "/run/user/7" } }),
            "qemu+unix:///session?socket=/run/user/7/libvirt/libvirt-sock",
        );
        assert.match(providerUri(local, ann), /socket=\/home\/ann\/\.cache\/libvirt\/libvirt-sock$/);
        for (const uri of ["qemu:///system", "qemu+unix:///session?socket=/s"]) {
            assert.equal(providerUri({ ...local, uri, session: /session/.test(uri) }, ann), uri);
        }
        assert.equal(providerUri(local, { ...ann, uid: 0 }), local.uri);
    });

    it("has its pool in that user's home, which only the user of another machine knows", () => {
        assert.equal(defaultPoolPath(local, "rack", "/home/ann"), "/home/ann/.local/share/libvirt/images/rack");
        assert.equal(defaultPoolPath({ ...local, ssh: { address: "rack1" } }, "rack", "/home/ann"), undefined);
        assert.equal(defaultPoolPath({ ...local, session: false }, "rack"), "/var/lib/libvirt/images/rack");
    });
});
