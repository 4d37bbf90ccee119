import assert from "node:assert/strict";
import { isPlain, type RegistryAccess, resolveImage } from "../../../lib/images/resolveImage";
import { account, amd64, arm64, digest, FakeRegistry } from "../../support/fakeRegistry";

describe("resolving an image's tag", () => {
    let registry: FakeRegistry;
    let host = "";
    before(async () => {
        registry = await FakeRegistry.start();
        host = registry.host;
    });
    after(() => registry.stop());

    const fault = async (text: string, access: RegistryAccess = {}) => {
        const answer = await resolveImage(text, access);
        assert.ok("fault" in answer, `resolved to ${JSON.stringify(answer)}`);
        return `${answer.argument} ${answer.fault}`;
    };
    const wrong = { credentials: { username: "me", password: "Tr0ub4dor" } };

    it("gives the digest that the registry names", async () =>
        assert.deepEqual(await resolveImage(`${host}/open:1`), { image: `${host}/open@${digest}` }));
    it("asks for a token where the registry wants one", async () =>
        assert.deepEqual(await resolveImage(`${host}/secret:1`), { image: `${host}/secret@${digest}` }));
    for (const kind of ["basic", "token"]) {
        it(`shows credentials to a registry that wants them (${kind})`, async () => {
            const answer = await resolveImage(`${host}/${kind}:1`, { credentials: account });
            assert.deepEqual(answer, { image: `${host}/${kind}@${digest}` });
        });
        it(`says that credentials are refused, without showing them (${kind})`, async () => {
            const told = await fault(`${host}/${kind}:1`, wrong);
            assert.match(told, /^registryAuth is refused: 127.* answers 401 to this user; correct username and/);
            assert.doesNotMatch(told, /Tr0ub4dor|"me"/);
            await fault(`${host}/${kind}@${digest}`, wrong);
        });
        it(`says that credentials are missing (${kind})`, async () =>
            assert.match(
                await fault(`${host}/${kind}:1`),
                /^image .* answers 401 .*; give registryAuth if it is private/,
            ));
    }
    it("takes the manifest of the wanted platform", async () => {
        const of = (platform: string) => resolveImage(`${host}/several:1`, { platform });
        assert.deepEqual(await of("linux/amd64"), { image: `${host}/several@${amd64}` });
        assert.deepEqual(await of("linux/arm64"), { image: `${host}/several@${arm64}` });
        assert.deepEqual(await resolveImage(`${host}/several:1`), { image: `${host}/several@${digest}` });
    });
    it("says which platforms there are", async () =>
        assert.match(
            await fault(`${host}/several:1`, { platform: "linux/s390x" }),
            /^platform is not there: .* is for linux\/amd64, linux\/arm64\/v8, not for linux\/s390x; give one of them/,
        ));
    it("says that an image is not there", async () =>
        assert.match(await fault(`${host}/open:2`), /is not there: .*correct its name, or push it/));
    it("says what a registry answers that cannot help", async () =>
        assert.match(await fault(`${host}/broken:1`), /answers 500.*give it as .*@sha256/));
    it("says that a registry cannot be asked", async () =>
        assert.match(await fault("127.0.0.1:1/web:1"), /cannot be asked.*give it as 127\.0\.0\.1:1\/web@sha256/));
    it("takes a digest as it is where the registry cannot be asked", async () =>
        assert.deepEqual(await resolveImage(`127.0.0.1:1/web:1@${digest}`), { image: `127.0.0.1:1/web@${digest}` }));
    it("refuses what is no image name", async () => assert.match(await fault("Not An Image"), /is no image name/));
});

describe("a registry without TLS", () => {
    for (const registry of ["localhost", "localhost:5000", "127.0.0.1:5000", "127.9.8.7", "[::1]:5000", "[::1]"]) {
        it(`is one of this machine: ${registry}`, () => assert.equal(isPlain(registry, {}), true));
    }
    for (const registry of [
        "localhost.corp.example",
        "127.example.org:5000",
        "127.0.0.1.example.org",
        "10.0.0.1:5000",
    ]) {
        it(`is not one that is called alike: ${registry}`, () => assert.equal(isPlain(registry, {}), false));
    }
    it("is one that Docker is told to trust", () =>
        assert.equal(isPlain("10.0.0.1:5000", { insecure: ["10.0.0.1:5000"] }), true));
});
