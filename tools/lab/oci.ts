import { createHash } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { run } from "../run";

/** The part of an OCI image's configuration that a builder chooses. */
export interface ImageConfig {
    Env: string[];
    WorkingDir: string;
    Cmd: string[];
    ExposedPorts: Record<string, object>;
    StopSignal: string;
}

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
    const blobs = join(layout, "blobs", "sha256");
    await mkdir(blobs, { recursive: true });
    const blob = async (type: string, data: Buffer) => {
        const hex = sha256(data);
        await writeFile(join(blobs, hex), data);
        return { mediaType: `application/vnd.oci.image.${type}`, digest: `sha256:${hex}`, size: data.length };
    };
    const json = (value: unknown) => Buffer.from(JSON.stringify(value));

    const tar = await archive(root, join(layout, "layer.tar"));
    const layer = await blob("layer.v1.tar+gzip", gzipSync(tar, { level: 9 }));
    const platform = { architecture: "amd64", os: "linux" };
    const rootfs = { type: "layers", diff_ids: [`sha256:${sha256(tar)}`] };
    const configuration = await blob("config.v1+json", json({ ...platform, config, rootfs }));
    const parts = { config: configuration, layers: [layer] };
    const manifest = await blob(
        "manifest.v1+json",
        json({ schemaVersion: 2, mediaType: "application/vnd.oci.image.manifest.v1+json", ...parts }),
    );
    await writeFile(join(layout, "index.json"), json({ schemaVersion: 2, manifests: [{ ...manifest, platform }] }));
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
