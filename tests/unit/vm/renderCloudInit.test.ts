import assert from "node:assert/strict";
import fc from "fast-check";
import { parse } from "yaml";
import { renderCloudInit } from "../../../lib/vm/renderCloudInit";
import { guest } from "../../support/documents";
import { assertGolden } from "../../support/golden";

describe("cloud-init documents", () => {
    it("are what is kept in tests/golden", () => {
        const { userData, metaData, networkConfig } = renderCloudInit(guest);
        assertGolden("vm/user-data.yaml", userData);
        assertGolden("vm/meta-data.yaml", metaData);
        assertGolden("vm/network-config.yaml", networkConfig);
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
