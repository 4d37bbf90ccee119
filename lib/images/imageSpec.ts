import { type Faults, show } from "../faults";
import { isRecord } from "../isRecord";
import { isText } from "../isText";
import type { ArchivedImage, BuiltImage, ImageArgs } from "./imageArgs";
import { parseImageReference } from "./imageReference";

/** How an image comes to a host, as validated plain values. */
export interface ImageSpec {
    pull: "missing" | "always" | "never";
    /** `os/architecture[/variant]` */
    platform: string | undefined;
    /** Seconds that an image which is no longer used is kept. */
    keepSeconds: number;
}

export const isArchived = (image: unknown): image is ArchivedImage => isRecord(image) && "archive" in image;
export const isBuilt = (image: unknown): image is BuiltImage =>
    isRecord(image) && ("build" in image || "push" in image);

/**
 * How names of images begin that were loaded from archives: under `localhost`, so that no public registry can ever be asked for
 * one.
 */
export const LOADED = "localhost/fusion/";

const DAY = 86_400;
const TEXT = /^\P{Cc}+$/u;

/** Checks the arguments; what is wrong goes to `faults`, with paths from `path`, the component's name, on. */
export function imageSpec(path: string, args: ImageArgs, faults: Faults): ImageSpec {
    const { image, pull = "missing", platform, keepImagesDays = 7 } = args;
    checkSource(`${path}.image`, image, faults);
    faults.oneOf(`${path}.pull`, pull, ["missing", "always", "never"]);
    if ((isArchived(image) || isBuilt(image)) && args.pull !== undefined) {
        faults.add(`${path}.pull`, `is for images by name, got ${show(pull)} with another; leave it out`);
    }
    if (platform !== undefined && !isText(platform, /^[a-z]+\/[a-z0-9]+(\/[a-z0-9]+)?$/)) {
        faults.add(`${path}.platform`, `is no platform: ${show(platform)}; give one such as "linux/amd64"`);
    }
    faults.integer(`${path}.keepImagesDays`, keepImagesDays, 0, 36_500, "give days, such as 7");
    checkAuth(path, args, faults);
    return { pull, platform, keepSeconds: keepImagesDays * DAY };
}

function checkSource(path: string, image: unknown, faults: Faults): void {
    if (isArchived(image)) {
        if (!isText(image.archive, TEXT)) {
            faults.add(
                `${path}.archive`,
                `must be the path of a tar file, got ${show(image.archive)}; give one such as "./web.tar"`,
            );
        }
    } else if (isBuilt(image)) {
        checkBuild(path, image, faults);
    } else if (image === "" || (typeof image !== "string" && !isInput(image))) {
        faults.add(
            path,
            `is no image: ${show(image)}; give a name such as "httpd:2.4", { archive: "./web.tar" }, or { build: { context: "./web" }, push: "registry/web" }`,
        );
    }
}

/** Whether a value is one of Pulumi's outputs or a promise, which both are known only later. */
const isInput = (value: unknown): boolean => isRecord(value) && ("apply" in value || "then" in value);

function checkBuild(path: string, { build, push }: Partial<BuiltImage>, faults: Faults): void {
    if (!isRecord(build) || !isText(build.context, TEXT)) {
        const given = isRecord(build) ? build.context : build;
        faults.add(
            `${path}.build.context`,
            `must be the path of a folder, got ${show(given)}; give one such as "./web"`,
        );
    }
    const { dockerfile, args, target } = isRecord(build) ? build : {};
    if (dockerfile !== undefined && !isText(dockerfile, /^(?!\/)(?!.*\.\.(\/|$))[^\p{Cc}\\]+$/u)) {
        faults.add(
            `${path}.build.dockerfile`,
            `must be a path in the context, got ${show(dockerfile)}; give one such as "Dockerfile"`,
        );
    }
    if (target !== undefined && !isText(target, /^[A-Za-z0-9][A-Za-z0-9_.-]*$/)) {
        faults.add(`${path}.build.target`, `is no name of a stage: ${show(target)}; give one that the Dockerfile has`);
    }
    for (const [name, value] of Object.entries(args ?? {})) {
        if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
            faults.add(`${path}.build.args`, `has no name for an argument: ${show(name)}; use letters, digits and "_"`);
        } else if (typeof value !== "string") {
            faults.add(
                `${path}.build.args.${name}`,
                `must be a plain text${isInput(value) ? ", got an output or a secret" : `, got ${show(value)}`}; it is part of the image's name and history, so give what is secret to the containers by env`,
            );
        }
    }
    // With a tag, or what is no name, it is none with one more tag.
    if (typeof push !== "string" || parseImageReference(`${push}:tag`)?.tag !== "tag") {
        faults.add(
            `${path}.push`,
            `must be a registry and a repository without a tag, got ${show(push)}; give such as "registry.example.org/team/web"`,
        );
    }
}

function checkAuth(path: string, { image, registryAuth, pull }: ImageArgs, faults: Faults): void {
    if (registryAuth === undefined) {
        return;
    }
    if (isArchived(image) || pull === "never") {
        const why = isArchived(image) ? "an archive" : 'pull: "never"';
        faults.add(`${path}.registryAuth`, `is of no use, since no registry is asked with ${why}; leave it out`);
    }
    for (const field of ["username", "password"] as const) {
        const value: unknown = isRecord(registryAuth) ? registryAuth[field] : undefined;
        const given = typeof value === "string" ? value !== "" : isInput(value);
        if (!given) {
            faults.add(
                `${path}.registryAuth.${field}`,
                `is missing; give it, from Pulumi's secrets for example, or leave registryAuth out`,
            );
        }
    }
    if (typeof registryAuth.username === "string" && registryAuth.username.includes(":")) {
        faults.add(
            `${path}.registryAuth.username`,
            `has a colon, which no registry can take: ${show(registryAuth.username)}; correct it`,
        );
    }
}
