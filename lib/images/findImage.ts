import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { isRecord } from "../isRecord";
import { askRegistry } from "./askRegistry";
import { type BuildContext, readContext } from "./buildContext";
import type { ArchivedImage, BuiltImage } from "./imageArgs";
import { parseImageReference } from "./imageReference";
import type { ImageSpec } from "./imageSpec";
import { isArchived, isBuilt, LOADED } from "./imageSpec";
import { type Archive, readArchive } from "./readArchive";
import { causeOf, type ImageFault, isPlain, type RegistryAccess, refusal, resolveImage } from "./resolveImage";

/** An image that is known before anything exists: what containers are given, and how hosts come by it. */
export type FoundImage =
    | { kind: "pulled"; image: string; registry: string }
    | { kind: "loaded"; image: string; file: string; archive: Archive }
    | { kind: "built"; image: string; registry: string; build: BuiltImage["build"]; entries: string[] };

/** How images are looked for. */
export interface ImageSearch extends RegistryAccess {
    /** Name of the set, from which that of a loaded image is made. */
    set: string;
    pull: ImageSpec["pull"];
    /** Whether there are credentials that are not known yet, so that the registry cannot be asked. */
    unknownCredentials: boolean;
}

/** Finds out which image is meant, from the registry or the operator's files. */
export function findImage(
    image: string | ArchivedImage | BuiltImage,
    search: ImageSearch,
): Promise<FoundImage | ImageFault> {
    if (isArchived(image)) {
        return findArchived(image.archive, search);
    }
    return isBuilt(image) ? findBuilt(image, search) : findPulled(image, search);
}

/** An image that no container is given, since they are held at an earlier one: nothing is asked, read or built for it. */
export function unaskedImage(image: string | ArchivedImage | BuiltImage): FoundImage {
    const name = isArchived(image) ? "" : isBuilt(image) ? image.push : image;
    return { kind: "pulled", image: name, registry: parseImageReference(name)?.registry ?? "" };
}

async function findPulled(text: string, search: ImageSearch): Promise<FoundImage | ImageFault> {
    const reference = parseImageReference(text);
    const registry = reference?.registry ?? "";
    if (search.pull === "never" && reference !== undefined) {
        return { kind: "pulled", image: text, registry };
    }
    if (search.unknownCredentials && reference !== undefined) {
        if (reference.digest === undefined) {
            return {
                argument: "registryAuth",
                fault: `is not known at preview, so ${registry} cannot be asked which image ${JSON.stringify(text)} is; give the image by digest, or credentials from the configuration`,
            };
        }
        return { kind: "pulled", image: text.replace(/:[^:/@]*@/, "@"), registry };
    }
    const found = await resolveImage(text, search);
    return "fault" in found ? found : { kind: "pulled", image: found.image, registry };
}

/**
 * It is a name and not the image's ID, since that is another digest where Docker keeps its images in containerd; the docker
 * provider keeps a name as it is given.
 */
async function findArchived(file: string, { set, platform }: ImageSearch): Promise<FoundImage | ImageFault> {
    const archive = await readArchive(file, platform);
    if ("fault" in archive) {
        return archive;
    }
    const repository = set
        .toLowerCase()
        .replaceAll(/[^a-z0-9]+/g, "-")
        .replaceAll(/^-|-$/g, "");
    return { kind: "loaded", image: `${LOADED}${repository}:${archive.digest.slice(0, 12)}`, file, archive };
}

async function findBuilt({ build, push }: BuiltImage, search: ImageSearch): Promise<FoundImage | ImageFault> {
    const { context, dockerfile = "Dockerfile", args = {}, target } = build;
    const shown = JSON.stringify(context);
    let read: BuildContext;
    try {
        read = await readContext(context, dockerfile);
        await stat(`${context}/${dockerfile}`);
    } catch (error) {
        const missing = isRecord(error) && error.code === "ENOENT";
        const fault = missing
            ? `has no Dockerfile: ${JSON.stringify(dockerfile)} is not in the folder ${shown}; correct build.context or build.dockerfile`
            : `cannot be read: ${shown} (${causeOf(error)})`;
        return { argument: "image", fault };
    }
    const inputs = [read.hash, dockerfile, Object.entries(args).sort(), target ?? "", search.platform ?? ""];
    const tag = `fusion-${createHash("sha256").update(JSON.stringify(inputs)).digest("hex").slice(0, 16)}`;
    const { registry = "", repository = "" } = parseImageReference(push) ?? {};
    const refused = search.unknownCredentials ? undefined : await login(registry, repository, tag, search);
    return refused ?? { kind: "built", image: `${push}:${tag}`, registry, build, entries: read.entries };
}

/** Says that a registry refuses the credentials. Whether it has the image, or can be reached from here, does not matter. */
async function login(
    registry: string,
    repository: string,
    tag: string,
    search: ImageSearch,
): Promise<ImageFault | undefined> {
    if (search.credentials === undefined) {
        return undefined;
    }
    try {
        const address = { registry, repository, reference: tag };
        const answer = await askRegistry(address, isPlain(registry, search), search.credentials);
        return refusal(answer, registry, search.credentials);
    } catch {
        return undefined;
    }
}
