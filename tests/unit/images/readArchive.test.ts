import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Archive, readArchive } from "../../../lib/images/readArchive";
import { run } from "../../../tools/run";
import { layoutFiles, savedFiles, writeTar } from "../../support/imageArchive";

describe("an image's archive", () => {
    const dir = mkdtempSync(join(tmpdir(), "fusion-archive-"));
    after(() => rmSync(dir, { recursive: true, force: true }));

    const found = async (file: string, platform?: string): Promise<Archive> => {
        const archive = await readArchive(file, platform);
        assert.ok(!("fault" in archive), JSON.stringify(archive));
        return archive;
    };
    const fault = async (file: string, platform?: string) => {
        const archive = await readArchive(file, platform);
        assert.ok("fault" in archive, JSON.stringify(archive));
        return `${archive.argument} ${archive.fault}`;
    };

    it("of docker save is identified by its configuration, and needs nothing before it", async () => {
        const { files, config } = savedFiles();
        const file = await writeTar(dir, "saved.tar", files);
        assert.deepEqual(await found(file), { digest: config, gzip: false, prefix: "" });
    });

    it("of an OCI layout gets the manifest.json that older versions of Docker want", async () => {
        const { files, configs } = layoutFiles(["linux/amd64"]);
        const file = await writeTar(dir, "layout.tar", files);
        const { digest, gzip, prefix } = await found(file);
        assert.deepEqual([digest, gzip], [configs[0], false]);
        const whole = join(dir, "whole.tar");
        writeFileSync(whole, Buffer.concat([Buffer.from(prefix, "base64"), readFileSync(file)]));
        const read = async (name: string) => (await run("tar", ["-xOf", whole, name])).stdout;
        const [manifest] = JSON.parse(await read("manifest.json"));
        assert.deepEqual(Object.keys(manifest), ["Config", "RepoTags", "Layers"]);
        assert.equal(manifest.Config, `blobs/sha256/${digest}`);
        assert.equal(manifest.Layers.length, 1);
        assert.ok(manifest.Layers[0] in files);
        assert.equal(await read("oci-layout"), files["oci-layout"], "the archive's own files follow");
    });

    it("may be compressed, and its names may begin with ./", async () => {
        const { files, configs } = layoutFiles(["linux/amd64"]);
        const dotted = Object.fromEntries(Object.entries(files).map(([name, text]) => [`./${name}`, text]));
        const { digest, gzip } = await found(await writeTar(dir, "layout.tgz", dotted, "--gzip"));
        assert.deepEqual([digest, gzip], [configs[0], true]);
    });

    it("with several images wants to know the platform", async () => {
        const { files, configs } = layoutFiles(["linux/amd64", "linux/arm64/v8", "unknown/unknown"]);
        const file = await writeTar(dir, "several.tar", files);
        assert.match(
            await fault(file),
            /^image has several images: .* for linux\/amd64, linux\/arm64\/v8; set platform/,
        );
        assert.equal((await found(file, "linux/arm64")).digest, configs[1]);
        assert.equal((await found(file, "linux/arm64/v8")).digest, configs[1]);
        assert.match(
            await fault(file, "linux/s390x"),
            /^platform is not there: .* for linux\/amd64, linux\/arm64\/v8, not for linux\/s390x; give one of them/,
        );
    });

    it("that is none says so", async () => {
        assert.match(await fault(join(dir, "no.tar")), /^image is not there: ".*no\.tar".*; give the path/);
        const other = await writeTar(dir, "other.tar", { "README.md": "hello" });
        assert.match(await fault(other), /^image has no image: .* neither .*; write it anew/);
        writeFileSync(join(dir, "text.tar"), "not a tar file at all, but long enough to be a block of one".repeat(20));
        assert.match(await fault(join(dir, "text.tar")), /^image (cannot be read as a tar file|has no image): /);
        writeFileSync(join(dir, "empty.tar"), "");
        assert.match(await fault(join(dir, "empty.tar")), /^image (cannot be read as a tar file|has no image): /);
        assert.match(await fault(dir), /^image cannot be read as a tar file: /);
    });
});
