import { createHash } from "node:crypto";
import { mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { run } from "../run";

/** The part of an OCI image's configuration that a builder chooses. */
export interface ImageConfig {
    Env: string[];
    WorkingDir: string;
    Entrypoint?: string[];
    Cmd: string[];
    User?: string;
    Labels?: Record<string, string>;
    ExposedPorts: Record<string, object>;
    StopSignal: string;
}

/** What refers to a blob of a layout. */
interface Descriptor {
    mediaType: string;
    digest: string;
    size: number;
}

const PLATFORM = { architecture: "amd64", os: "linux" };

const sha256 = (data: Buffer): string => createHash("sha256").update(data).digest("hex");

/**
 * Writes an OCI layout with one image of one layer, for linux/amd64.
 *
 * The same files give the same digest: no time, no user of this machine, names in order.
 *
 * @param root the layer's files, owned by root in the image
 * @param layout the folder of the layout; made here
 * @returns the manifest's digest, `sha256:...`
 */
export async function writeOciLayout(root: string, layout: string, config: ImageConfig): Promise<string> {
    await mkdir(blobs(layout), { recursive: true });
    const tar = await archive(root, join(layout, "layer.tar"));
    const layer = await writeBlob(layout, "layer.v1.tar+gzip", gzipSync(tar, { level: 9 }));
    const rootfs = { type: "layers", diff_ids: [`sha256:${sha256(tar)}`] };
    return await writeImage(layout, { ...PLATFORM, config, rootfs }, [layer]);
}

/**
 * Writes a layout whose image has the files of another one, and another configuration. It needs the other layout.
 *
 * @returns the manifest's digest, `sha256:...`
 */
export async function writeVariant(from: string, layout: string, change: Partial<ImageConfig>): Promise<string> {
    const read = async (digest: string) =>
        JSON.parse(await readFile(join(blobs(from), digest.replace("sha256:", "")), "utf8"));
    const index = JSON.parse(await readFile(join(from, "index.json"), "utf8"));
    const manifest: { config: Descriptor; layers: Descriptor[] } = await read(index.manifests[0].digest);
    const image = await read(manifest.config.digest);
    await mkdir(blobs(layout), { recursive: true });
    for (const { digest } of manifest.layers) {
        const hex = digest.replace("sha256:", "");
        await symlink(join(blobs(from), hex), join(blobs(layout), hex));
    }
    return await writeImage(layout, { ...image, config: { ...image.config, ...change } }, manifest.layers);
}

const blobs = (layout: string): string => join(layout, "blobs", "sha256");
const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

async function writeBlob(layout: string, type: string, data: Buffer): Promise<Descriptor> {
    const hex = sha256(data);
    await writeFile(join(blobs(layout), hex), data);
    return { mediaType: `application/vnd.oci.image.${type}`, digest: `sha256:${hex}`, size: data.length };
}

async function writeImage(layout: string, image: object, layers: readonly Descriptor[]): Promise<string> {
    const config = await writeBlob(layout, "config.v1+json", json(image));
    const mediaType = "application/vnd.oci.image.manifest.v1+json";
    const manifest = await writeBlob(layout, "manifest.v1+json", json({ schemaVersion: 2, mediaType, config, layers }));
    const manifests = [{ ...manifest, platform: PLATFORM }];
    await writeFile(join(layout, "index.json"), json({ schemaVersion: 2, manifests }));
    await writeFile(join(layout, "oci-layout"), json({ imageLayoutVersion: "1.0.0" }));
    return manifest.digest;
}

async function archive(root: string, file: string): Promise<Buffer> {
    const stable = ["--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner", "--format=gnu"];
    await run("tar", [...stable, "-C", root, "-cf", file, "."]);
    const tar = await readFile(file);
    await rm(file);
    return tar;
}
