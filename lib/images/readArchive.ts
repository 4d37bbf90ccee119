import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { Header, Parser, type ReadEntry } from "tar";
import { isRecord } from "../isRecord";
import { platformOf, suits } from "./askRegistry";

/** The image in an archive, and what a host's Docker must be given to load it. */
export interface Archive {
    /** SHA-256 of the image's configuration, 64 hexadecimal digits: what `docker load` of every version keeps. */
    digest: string;
    /** Whether the file is compressed. */
    gzip: boolean;
    /**
     * The beginning of a tar file in base64, to be put before the archive's own: an OCI image layout has no `manifest.json`,
     * without which Docker before version 25 does not load it. Empty where the archive has one.
     */
    prefix: string;
}

/** What is wrong with the archive or with `platform`, without the path of the argument. */
export interface ArchiveFault {
    argument: "image" | "platform";
    fault: string;
}

interface Candidate {
    digest: string;
    platform: string;
    /** As `manifest.json` of `docker save` has them. */
    manifest: { Config: string; RepoTags: null; Layers: string[] };
}

/** Manifests and configurations are smaller; layers need not be kept in memory. */
const MOST_JSON = 4 * 2 ** 20;

/**
 * Reads which image a tar file has: an OCI image layout (specification 1.1), or what `docker save` writes.
 *
 * @param platform the one of several images that is meant
 */
export async function readArchive(file: string, platform: string | undefined): Promise<Archive | ArchiveFault> {
    const shown = JSON.stringify(file);
    let read: Awaited<ReturnType<typeof readSmallFiles>>;
    try {
        read = await readSmallFiles(file);
    } catch (error) {
        const missing = isRecord(error) && error.code === "ENOENT";
        const what = missing ? "is not there" : "cannot be read as a tar file";
        return wrong("image", `${what}: ${shown} (${String(error)}); give the path of an image's tar file`);
    }
    const { files, gzip } = read;
    const images = files.has("manifest.json") ? savedImages(files) : layoutImages(files);
    if (images.length === 0) {
        return wrong(
            "image",
            `has no image: ${shown} is neither an OCI image layout nor written by "docker save"; write it anew, e.g. with "docker save --output web.tar IMAGE"`,
        );
    }
    const there = images.map((image) => image.platform).sort();
    const meant = platform === undefined ? images : images.filter((image) => suits(image.platform, platform));
    const [image, ...more] = meant;
    if (image === undefined) {
        return wrong(
            "platform",
            `is not there: ${shown} is for ${there.join(", ")}, not for ${platform}; give one of them`,
        );
    }
    if (more.length > 0) {
        const remedy = new Set(there).size > 1 ? "set platform to one of them" : "save one image alone";
        return wrong("image", `has several images: ${shown} is for ${there.join(", ")}; ${remedy}`);
    }
    const text = JSON.stringify([image.manifest]);
    return {
        digest: image.digest,
        gzip,
        prefix: files.has("manifest.json") ? "" : tarEntry("manifest.json", text).toString("base64"),
    };
}

const wrong = (argument: ArchiveFault["argument"], fault: string): ArchiveFault => ({ argument, fault });

/** The small files of a tar file by their names, and whether it is compressed. One pass, whatever the order is. */
function readSmallFiles(file: string): Promise<{ files: Map<string, Buffer>; gzip: boolean }> {
    return new Promise((resolve, reject) => {
        const files = new Map<string, Buffer>();
        const onReadEntry = (entry: ReadEntry) => {
            const chunks: Buffer[] = [];
            if (entry.type === "File" && (entry.size ?? 0) <= MOST_JSON) {
                entry.on("data", (chunk) => chunks.push(chunk));
                entry.on("end", () => files.set(entry.path.replace(/^\.\//, ""), Buffer.concat(chunks)));
            }
            entry.resume();
        };
        let gzip = false;
        const parser = new Parser({ strict: true, onReadEntry });
        parser.on("error", reject);
        parser.on("end", () => resolve({ files, gzip }));
        const source = createReadStream(file);
        source.on("error", reject);
        source.once("data", (chunk) => {
            gzip = chunk[0] === 0x1f && chunk[1] === 0x8b;
        });
        source.pipe(parser);
    });
}

function json(data: Buffer | undefined): unknown {
    try {
        return JSON.parse(String(data));
    } catch {
        return undefined;
    }
}

const list = (value: unknown): Record<string, unknown>[] => (Array.isArray(value) ? value.filter(isRecord) : []);
const record = (value: unknown): Record<string, unknown> => (isRecord(value) ? value : {});

/** The images of `docker save`. */
function savedImages(files: ReadonlyMap<string, Buffer>): Candidate[] {
    return list(json(files.get("manifest.json"))).flatMap(({ Config, Layers }) => {
        const config = files.get(String(Config));
        const layers = Array.isArray(Layers) ? Layers.map(String) : [];
        return config === undefined ? [] : [candidate(config, String(Config), layers)];
    });
}

/** The images of an OCI image layout, those of the indices in it included. */
function layoutImages(files: ReadonlyMap<string, Buffer>): Candidate[] {
    const pathOf = (descriptor: Record<string, unknown>) => `blobs/${String(descriptor.digest).replace(":", "/")}`;
    const imagesOf = (text: Buffer | undefined): Candidate[] => {
        const content = record(json(text));
        if (Array.isArray(content.manifests)) {
            return list(content.manifests).flatMap((descriptor) => imagesOf(files.get(pathOf(descriptor))));
        }
        const configPath = pathOf(record(content.config));
        const config = files.get(configPath);
        const layers = list(content.layers).map(pathOf);
        return config === undefined ? [] : [candidate(config, configPath, layers)];
    };
    const images = imagesOf(files.get("index.json"));
    // Attestations are manifests too, of no platform. The same image may stand there under two names.
    const runnable = images.filter((image) => !image.platform.startsWith("unknown/"));
    return [...new Map(runnable.map((image) => [image.digest, image])).values()];
}

function candidate(config: Buffer, path: string, layers: string[]): Candidate {
    return {
        digest: createHash("sha256").update(config).digest("hex"),
        platform: platformOf(record(json(config))),
        manifest: { Config: path, RepoTags: null, Layers: layers },
    };
}

/** A file as it stands in a tar file, without the end of one. */
function tarEntry(path: string, text: string): Buffer {
    const content = Buffer.from(text);
    const header = Buffer.alloc(512);
    new Header({ path, mode: 0o644, size: content.length, type: "File", mtime: new Date(0) }).encode(header, 0);
    return Buffer.concat([header, content, Buffer.alloc((512 - (content.length % 512)) % 512)]);
}
