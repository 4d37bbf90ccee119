import assert from "node:assert/strict";
import fc from "fast-check";
import { parse } from "yaml";
import { FusionInputError } from "../../../lib/inputError";
import { renderCloudInit } from "../../../lib/vm/renderCloudInit";
import { fullGuest, guest } from "../../support/documents";
import { assertGolden } from "../../support/golden";

const base = Object.keys(parse(renderCloudInit(guest).userData));

describe("cloud-init documents", () => {
    it("are what is kept in tests/golden", () => {
        const { userData, metaData, networkConfig } = renderCloudInit(guest);
        assertGolden("vm/user-data.yaml", userData);
        assertGolden("vm/meta-data.yaml", metaData);
        assertGolden("vm/network-config.yaml", networkConfig);
    });

    it("of a guest with everything are what is kept in tests/golden", () =>
        assertGolden("vm/user-data-full.yaml", renderCloudInit(fullGuest).userData));

    it("end with the first failure of what they run", () => {
        const { bootcmd, runcmd } = parse(renderCloudInit(fullGuest).userData);
        assert.equal(bootcmd[0], "set -e");
        assert.equal(runcmd[0], "set -e");
        const { bootcmd: none } = parse(renderCloudInit(guest).userData);
        assert.equal(none, undefined);
    });

    it("write files of users only when these are there", () => {
        const { write_files: files } = parse(renderCloudInit(fullGuest).userData);
        const deferred = files.filter((file: { defer?: boolean }) => file.defer === true);
        assert.deepEqual(
            deferred.map((file: { path: string }) => file.path),
            ["/home/alice/.token"],
        );
    });

    it("have the user's lists behind the library's, objects merged, and the user's single values", () => {
        const read = parse(renderCloudInit(fullGuest).userData);
        assert.deepEqual(
            read.users.map((user: { name: string } | string) => (typeof user === "string" ? user : user.name)),
            ["fusion", "alice", "backup2", "default"],
        );
        assert.deepEqual(read.growpart, {
            mode: "auto",
            devices: ["/", "/srv/data"],
            ignore_growroot_disabled: true,
        });
        assert.deepEqual(read.runcmd.at(-1), ["echo", "mine"]);
        assert.deepEqual(read.write_files.at(-1), { path: "/etc/mine", content: "mine\n" });
        assert.equal(read.locale, "en_US.UTF-8");
    });

    it("refuse what breaks the library's promises, and mounts that meet", () => {
        const mount = { device: "/dev/vdc", label: "data", path: "/srv/data", filesystem: "ext4" } as const;
        assert.throws(
            () =>
                renderCloudInit({
                    ...guest,
                    cloudInit: { ssh_pwauth: true, runcmd: "reboot" },
                    mounts: [mount, { ...mount, device: "/dev/vdd" }],
                }),
            (error: unknown) => {
                assert.ok(error instanceof FusionInputError);
                assert.deepEqual(
                    error.errors.map(({ propertyPath }) => propertyPath),
                    ["cloudInit.runcmd", "cloudInit.ssh_pwauth", "mounts[1].label", "mounts[1].path"],
                );
                return true;
            },
        );
    });

    it("name no Docker configuration where none is wanted", () => {
        const { dockerDaemon: _, ...plain } = guest;
        const { write_files: files } = parse(renderCloudInit(plain).userData);
        assert.deepEqual(
            files.map((file: { path: string }) => file.path),
            ["/etc/ssh/sshd_config.d/10-fusion.conf"],
        );
    });

    it("take nameservers in the order in which they are asked", () => {
        const network = { ...guest.network, nameservers: ["10.0.0.3", "10.0.0.2"] };
        const config = parse(renderCloudInit({ ...guest, network }).networkConfig);
        assert.deepEqual(config.ethernets.primary.nameservers.addresses, ["10.0.0.3", "10.0.0.2"]);
    });

    it("are the same bytes in whatever order keys and values were written", () => {
        const daemon = fc.dictionary(fc.string(), fc.oneof(fc.jsonValue(), fc.constant([{ b: 1, a: 2 }])));
        fc.assert(
            fc.property(daemon, fc.array(fc.stringMatching(/^ssh-ed25519 [A-Za-z]{4}$/)), (dockerDaemon, keys) => {
                const one = renderCloudInit({ ...guest, dockerDaemon, authorizedKeys: keys });
                const { hostKey, network } = guest;
                const two = renderCloudInit({
                    dockerDaemon: backwards(dockerDaemon),
                    authorizedKeys: [...keys].reverse(),
                    hostKey: { privateKey: hostKey.privateKey, publicKey: hostKey.publicKey },
                    user: guest.user,
                    network: {
                        gateway: network.gateway,
                        prefix: network.prefix,
                        address: network.address,
                        mac: network.mac,
                    },
                    name: guest.name,
                });
                assert.deepEqual(two, one);
            }),
            { numRuns: 200 },
        );
    });

    it("bring every value through YAML unchanged", () => {
        const text = fc.string({ unit: "grapheme" });
        fc.assert(
            fc.property(text, fc.dictionary(text, fc.jsonValue()), (privateKey, dockerDaemon) => {
                const { userData } = renderCloudInit({
                    ...guest,
                    hostKey: { ...guest.hostKey, privateKey },
                    dockerDaemon,
                });
                assert.ok(userData.startsWith("#cloud-config\n"));
                const read = parse(userData);
                assert.equal(read.ssh_keys.ed25519_private, privateKey);
                assert.deepEqual(JSON.parse(read.write_files[1].content), JSON.parse(JSON.stringify(dockerDaemon)));
            }),
            { numRuns: 200 },
        );
    });

    it("bring everything that a user gives through YAML unchanged", () => {
        const text = fc.string({ unit: "grapheme" }).filter((value) => !value.includes("\0"));
        const values = fc.record({
            content: text,
            command: text,
            words: fc.array(text, { minLength: 1 }),
            own: fc.dictionary(text, fc.jsonValue()),
        });
        fc.assert(
            fc.property(values, ({ content, command, words, own }) => {
                const file = { path: "/etc/x", content, permissions: "0600", owner: "root:root" };
                const cloudInit = { fusion_test: own, runcmd: [words] };
                const { userData } = renderCloudInit({
                    ...guest,
                    files: [file],
                    commands: [command, words],
                    cloudInit,
                });
                const read = parse(userData);
                assert.deepEqual(read.write_files.at(-1), { path: "/etc/x", permissions: "0600", content });
                assert.deepEqual(read.runcmd.slice(-3), [["sh", "-euc", command], words, words]);
                assert.deepEqual(JSON.parse(JSON.stringify(read.fusion_test)), JSON.parse(JSON.stringify(own)));
                assert.deepEqual(Object.keys(read).sort(), [...base, "fusion_test"].sort(), "no key is smuggled in");
            }),
            { numRuns: 300 },
        );
    });

    it("differ for guests whose names look like numbers or booleans only in the names", () => {
        for (const name of ["12", "true", "1e3", "null"]) {
            assert.equal(parse(renderCloudInit({ ...guest, name }).userData).hostname, name);
            assert.equal(parse(renderCloudInit({ ...guest, name }).metaData)["instance-id"], name);
        }
    });
});

/** The same value, the keys of every object written the other way round. */
function backwards<T>(value: T): T;
function backwards(value: unknown): unknown {
    if (Array.isArray(value)) {
        return value.map(backwards);
    }
    if (typeof value === "object" && value !== null) {
        return Object.fromEntries(
            Object.entries(value)
                .reverse()
                .map(([key, inner]) => [key, backwards(inner)]),
        );
    }
    return value;
}
