import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
    existsSync,
    mkdirSync,
    mkdtempSync,
    readdirSync,
    readFileSync,
    rmSync,
    statSync,
    writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BaseImage, baseVolumeName, fetchImageScript } from "../../../lib/hypervisor/imageScript";
import { removeFileScript } from "../../../lib/hypervisor/poolScripts";
import { run } from "../../../tools/run";
import { assertGolden } from "../../support/golden";
import { needPrograms } from "../../support/programs";

const [URI, POOL] = ["test:///default", "default-pool"];
const sha256 = (data: Buffer) => createHash("sha256").update(data).digest("hex");

describe("fetching a base image", () => {
    const dir = mkdtempSync(join(tmpdir(), "fusion-image-"));
    const source = join(dir, "source.img");
    let pool = "";
    let image: BaseImage;
    let file: Buffer;
    /** The ranges that clients asked for, one a request. */
    let ranges: (string | undefined)[] = [];

    const server = createServer((request, response) => {
        const range = request.headers.range;
        if (request.url === "/whole.qcow2") {
            ranges.push(range);
            response.writeHead(200, { "content-length": file.length }).end(file);
            return;
        }
        if (request.url !== "/debian.qcow2") {
            response.writeHead(404).end();
            return;
        }
        ranges.push(range);
        const start = Number(/^bytes=(\d+)-$/.exec(range ?? "")?.[1] ?? 0);
        if (start >= file.length) {
            response.writeHead(416, { "content-range": `bytes */${file.length}` }).end();
            return;
        }
        const headers = { "content-length": file.length - start, "accept-ranges": "bytes" };
        const part = { "content-range": `bytes ${start}-${file.length - 1}/${file.length}` };
        response.writeHead(start > 0 ? 206 : 200, start > 0 ? { ...headers, ...part } : headers);
        response.end(file.subarray(start));
    });

    before(async () => {
        await needPrograms("qemu-img", "virsh", "sha256sum", "flock");
        await run("qemu-img", ["create", "-q", "-f", "raw", source, "1M"]);
        await run("qemu-io", ["-f", "raw", "-c", "write -q -P 7 0 512k", source]);
        file = readFileSync(source);
        image = { source, sha256: sha256(file) };
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    });
    after(() => {
        server.close();
        rmSync(dir, { recursive: true, force: true });
    });
    beforeEach(() => {
        pool = mkdtempSync(join(dir, "pool-"));
        ranges = [];
    });

    const fetchImage = (what: BaseImage) =>
        run("sh", ["-s"], {
            input: fetchImageScript(what, { name: POOL, path: pool }, URI),
            allowFailure: true,
            timeout: 120_000,
        });
    const url = (path = "/debian.qcow2") => {
        const address = server.address();
        return `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}${path}`;
    };
    const target = () => join(pool, baseVolumeName(image));
    const format = async () => JSON.parse((await run("qemu-img", ["info", "--output=json", target()])).stdout);

    it("runs the script in tests/golden", () => {
        const debian = { source: "https://example.org/debian.qcow2", sha256: "a".repeat(64) };
        const rack = { name: "rack", path: "/var/lib/libvirt/images/rack" };
        assertGolden("hypervisor/fetch-image.sh", fetchImageScript(debian, rack, "qemu:///system"));
    });

    it("makes a raw image at a path a qcow2 with the same contents", async () => {
        const { code, stdout, stderr } = await fetchImage(image);
        assert.equal(code, 0, stderr);
        assert.equal(stdout, `${target()}\n`);
        assert.equal((await format()).format, "qcow2");
        assert.equal((await run("qemu-img", ["compare", "-q", "-f", "raw", "-F", "qcow2", source, target()])).code, 0);
        assert.deepEqual(readdirSync(pool), [baseVolumeName(image)]);
    });

    for (const [program, magic] of [
        ["gzip", "1f8b"],
        ["bzip2", "425a68"],
        ["xz", "fd377a58"],
    ] as const) {
        it(`unpacks an image that is packed with ${program}, whatever its name`, async () => {
            await needPrograms(program);
            const packed = join(dir, `packed-${program}.img`);
            await run("sh", ["-c", `${program} -c "$0" >"$1"`, source, packed]);
            const data = readFileSync(packed);
            assert.ok(data.toString("hex").startsWith(magic));
            const packedImage = { source: packed, sha256: sha256(data) };
            const { code, stderr } = await fetchImage(packedImage);
            assert.equal(code, 0, stderr);
            const made = join(pool, baseVolumeName(packedImage));
            assert.equal((await run("qemu-img", ["compare", "-q", "-f", "raw", "-F", "qcow2", source, made])).code, 0);
            assert.deepEqual(readdirSync(pool), [baseVolumeName(packedImage)]);
        });
    }

    it("refuses an image that is no whole one, but one over another", async () => {
        const over = join(dir, "over.qcow2");
        await run("qemu-img", ["create", "-q", "-f", "qcow2", "-b", source, "-F", "raw", over]);
        const overlay = await fetchImage({ source: over, sha256: sha256(readFileSync(over)) });
        assert.equal(overlay.code, 1);
        assert.match(overlay.stderr, /over\.qcow2 is made over another image, which is not there; give a whole one/);
        assert.deepEqual(readdirSync(pool), []);
    });

    it("does nothing the second time, even when the source has gone", async () => {
        await fetchImage(image);
        const before = statSync(target());
        const { code, stdout } = await fetchImage({ ...image, source: join(dir, "gone.img") });
        assert.equal(code, 0);
        assert.equal(stdout, `${target()}\n`);
        assert.deepEqual([statSync(target()).ino, statSync(target()).mtimeMs], [before.ino, before.mtimeMs]);
    });

    it("downloads a URL", async () => {
        const { code, stderr } = await fetchImage({ ...image, source: url() });
        assert.equal(code, 0, stderr);
        assert.equal((await format()).format, "qcow2");
        assert.deepEqual(ranges, [undefined]);
        assert.deepEqual(readdirSync(pool), [baseVolumeName(image)]);
    });

    it("resumes an interrupted download", async () => {
        writeFileSync(`${target()}.download`, file.subarray(0, 100_000));
        const { code, stderr } = await fetchImage({ ...image, source: url() });
        assert.equal(code, 0, stderr);
        assert.deepEqual(ranges, ["bytes=100000-"]);
        assert.deepEqual(readdirSync(pool), [baseVolumeName(image)]);
    });

    it("begins anew where the server cannot resume a download", async () => {
        writeFileSync(`${target()}.download`, file.subarray(0, 100_000));
        const { code, stderr } = await fetchImage({ ...image, source: url("/whole.qcow2") });
        assert.equal(code, 0, stderr);
        assert.deepEqual(ranges.at(-1), undefined);
        assert.deepEqual(readdirSync(pool), [baseVolumeName(image)]);
    });

    it("takes a download that was complete when it was interrupted", async () => {
        writeFileSync(`${target()}.download`, file);
        const { code, stderr } = await fetchImage({ ...image, source: url() });
        assert.equal(code, 0, stderr);
        assert.deepEqual(readdirSync(pool), [baseVolumeName(image)]);
    });

    for (const from of ["path", "URL"] as const) {
        it(`refuses a wrong checksum of a ${from}, naming both, and leaves nothing`, async () => {
            const wrong = { source: from === "path" ? source : url(), sha256: "b".repeat(64) };
            const { code, stderr } = await fetchImage(wrong);
            assert.equal(code, 1);
            assert.match(stderr, new RegExp(`has the SHA-256 ${image.sha256}, not b{64}; correct image.sha256, or`));
            assert.deepEqual(readdirSync(pool), []);
            assert.ok(existsSync(source), "the source is not ours to remove");
        });
    }

    it("says what could not be downloaded", async () => {
        const { code, stderr } = await fetchImage({ ...image, source: url("/missing") });
        assert.equal(code, 1);
        assert.match(stderr, /could not download http:\/\/127\.0\.0\.1:\d+\/missing$/m);
        assert.ok(!existsSync(target()));
    });

    it("says that there is no such file", async () => {
        const { code, stderr } = await fetchImage({ ...image, source: "/no/such.img" });
        assert.equal(code, 1);
        assert.match(stderr, /there is no image \/no\/such\.img on the hypervisor; give/);
    });

    it("fetches once for two who ask at the same time", async () => {
        const both = await Promise.all([
            fetchImage({ ...image, source: url() }),
            fetchImage({ ...image, source: url() }),
        ]);
        assert.deepEqual(
            both.map(({ code }) => code),
            [0, 0],
        );
        assert.equal(ranges.length, 1);
    });

    it("makes a compressed image a plain one", async () => {
        const packed = join(dir, "packed.qcow2");
        await run("qemu-img", ["convert", "-c", "-O", "qcow2", source, packed]);
        const compressed = { source: packed, sha256: sha256(readFileSync(packed)) };
        const { code, stderr } = await fetchImage(compressed);
        assert.equal(code, 0, stderr);
        const made = join(pool, baseVolumeName(compressed));
        const { stdout } = await run("qemu-img", ["map", "--output=json", made]);
        const map: { compressed?: boolean; data: boolean }[] = JSON.parse(stdout);
        assert.ok(map.some(({ data }) => data));
        assert.ok(map.every((extent) => extent.compressed !== true));
    });

    it("takes the image and a broken download away again", async () => {
        await fetchImage(image);
        writeFileSync(`${target()}.download`, "part");
        mkdirSync(join(pool, "other"));
        const remove = () => run("sh", ["-c", removeFileScript(target(), POOL, URI)]);
        assert.equal((await remove()).code, 0);
        assert.deepEqual(readdirSync(pool), ["other"]);
        assert.equal((await remove()).code, 0, "a second time is no error");
    });
});
