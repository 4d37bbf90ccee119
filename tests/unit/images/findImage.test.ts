import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type FoundImage, findImage, type ImageSearch } from "../../../lib/images/findImage";
import type { BuiltImage } from "../../../lib/images/imageArgs";
import { account, digest, FakeRegistry } from "../../support/fakeRegistry";
import { savedFiles, writeTar } from "../../support/imageArchive";

describe("finding an image", () => {
    const dir = mkdtempSync(join(tmpdir(), "fusion-find-"));
    let registry: FakeRegistry;
    before(async () => {
        registry = await FakeRegistry.start();
        mkdirSync(join(dir, "web"));
        writeFileSync(join(dir, "web", "Dockerfile"), "FROM scratch\n");
    });
    after(() => {
        registry.stop();
        rmSync(dir, { recursive: true, force: true });
    });

    type Image = Parameters<typeof findImage>[0];
    const search = { set: "My_Web.App-", pull: "missing", unknownCredentials: false } as const;
    const find = (image: Image, more: Partial<ImageSearch> = {}) => findImage(image, { ...search, ...more });
    const found = async (image: Image, more: Partial<ImageSearch> = {}): Promise<FoundImage> => {
        const answer = await find(image, more);
        assert.ok(!("fault" in answer), JSON.stringify(answer));
        return answer;
    };
    const fault = async (image: Image, more: Partial<ImageSearch> = {}) => {
        const answer = await find(image, more);
        assert.ok("fault" in answer, JSON.stringify(answer));
        return `${answer.argument} ${answer.fault}`;
    };
    const built = (build: Partial<BuiltImage["build"]> = {}, push = `${registry.host}/site`): BuiltImage => ({
        build: { context: join(dir, "web"), ...build },
        push,
    });

    it("that is never pulled takes its name as it is", async () =>
        assert.deepEqual(await found("web:1", { pull: "never" }), {
            kind: "pulled",
            image: "web:1",
            registry: "docker.io",
        }));

    it("cannot ask for a tag with credentials that are not known yet, and takes a digest", async () => {
        const unknownCredentials = true;
        assert.match(
            await fault("r.io/web:1", { unknownCredentials }),
            /^registryAuth is not known at preview, so r\.io cannot be asked .* "r\.io\/web:1" is; give the image by digest/,
        );
        assert.equal((await found(`r.io:5/web:1@${digest}`, { unknownCredentials })).image, `r.io:5/web@${digest}`);
        assert.match(await fault("A B", { unknownCredentials }), /^image is no image name/);
    });

    it("in an archive gives it a name that no registry is asked for", async () => {
        const { files, config } = savedFiles();
        const archive = await writeTar(dir, "web.tar", files);
        assert.equal((await found({ archive })).image, `localhost/fusion/my-web-app:${config.slice(0, 12)}`);
    });

    it("to be built has a tag that changes with each of its inputs alone", async () => {
        const first = (await found(built())).image;
        assert.match(first, /^127\.0\.0\.1:\d+\/site:fusion-[0-9a-f]{16}$/);
        assert.equal((await found(built({ dockerfile: "Dockerfile", args: {} }))).image, first);
        const others = [
            (await found(built({ args: { A: "1" } }))).image,
            (await found(built({ args: { A: "1", B: "2" } }))).image,
            (await found(built({ target: "prod" }))).image,
            (await found(built(), { platform: "linux/arm64" })).image,
        ];
        assert.equal(new Set([first, ...others]).size, 5);
        assert.equal((await found(built({ args: { B: "2", A: "1" } }))).image, others[1], "whatever their order");
    });

    it("to be built needs a Dockerfile in a folder", async () => {
        assert.match(
            await fault(built({ dockerfile: "No" })),
            /^image has no Dockerfile: "No" is not in the folder ".*web"/,
        );
        assert.match(
            await fault(built({ context: join(dir, "no") })),
            /^image has no Dockerfile: .*; correct build\.context/,
        );
    });

    it("to be built says that credentials are refused, and does not mind a registry that is not reached", async () => {
        const repository = `${registry.host}/basic`;
        const wrong = { ...account, password: "Tr0ub4dor" };
        const told = await fault(built({}, repository), { credentials: wrong });
        assert.match(told, /^registryAuth is refused: .* answers 401 to this user/);
        assert.doesNotMatch(told, /Tr0ub4dor/);
        await found(built({}, repository), { credentials: account });
        await found(built({}, "127.0.0.1:1/web"), { credentials: account });
    });
});
