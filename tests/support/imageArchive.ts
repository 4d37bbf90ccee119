import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { run } from "../../tools/run";

const sha256 = (text: string | Buffer): string => createHash("sha256").update(text).digest("hex");

/** The files of an OCI image layout with one image a platform, each with one layer; also the configurations' digests. */
export function layoutFiles(platforms: readonly string[]): {
    files: Record<string, string | Buffer>;
    configs: string[];
} {
    const files: Record<string, string | Buffer> = { "oci-layout": '{"imageLayoutVersion":"1.0.0"}' };
    const blob = (content: string | Buffer) => {
        files[`blobs/sha256/${sha256(content)}`] = content;
        return { digest: `sha256:${sha256(content)}`, size: content.length };
    };
    const configs: string[] = [];
    const manifests = platforms.map((text) => {
        const [os = "", architecture = "", variant] = text.split("/");
        const platform = { os, architecture, ...(variant !== undefined && { variant }) };
        const config = blob(JSON.stringify({ ...platform, config: {} }));
        configs.push(config.digest.replace("sha256:", ""));
        return { ...blob(JSON.stringify({ config, layers: [blob(gzipSync(`layer of ${text}`))] })), platform };
    });
    // An index in the index, as `docker buildx` writes it.
    const inner = blob(JSON.stringify({ manifests }));
    files["index.json"] = JSON.stringify({ manifests: platforms.length > 1 ? [inner] : manifests });
    return { files, configs };
}

/** The files of `docker save` for one image. */
export function savedFiles(platform = "linux/amd64"): { files: Record<string, string>; config: string } {
    const [os, architecture] = platform.split("/");
    const text = JSON.stringify({ os, architecture });
    const config = sha256(text);
    const manifest = [{ Config: `${config}.json`, RepoTags: ["web:1"], Layers: ["a/layer.tar"] }];
    const files = { "a/layer.tar": "layer", [`${config}.json`]: text, "manifest.json": JSON.stringify(manifest) };
    return { files, config };
}

/** Writes files as a tar file, in the order given. @param how further options of tar: `--gzip` */
export async function writeTar(dir: string, name: string, files: Record<string, string | Buffer>, ...how: string[]) {
    const root = join(dir, `${name}.files`);
    for (const [path, content] of Object.entries(files)) {
        mkdirSync(dirname(join(root, path)), { recursive: true });
        writeFileSync(join(root, path), content);
    }
    await run("tar", [...how, "-cf", join(dir, name), "-C", root, ...Object.keys(files)]);
    return join(dir, name);
}
