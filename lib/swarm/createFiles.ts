import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { secretFiles } from "../containers/containerOptions";
import type { FusionContainerSetArgs } from "../containers/FusionContainerSet";
import { Faults } from "../faults";
import { ArgumentError } from "../program";
import type { ServiceMemory } from "./ServiceRecord";

/** The most that Swarm takes of a secret: less than 500 KiB. */
const MOST_BYTES = 500 * 1024 - 1;

/** A file of a service: the secret that has its content. */
export interface ServiceFile {
    path: string;
    mode: number;
    /** Of the secret, with a part of a keyed hash of the content. */
    secretName: pulumi.Output<string>;
    number: pulumi.Output<number>;
    secret: docker.Secret;
}

/**
 * Makes the files of a service as secrets of Swarm. A secret cannot be changed, and one that a service uses cannot be removed: another
 * content is another secret, made before the service uses it, and the old one goes at the end.
 *
 * @param prints see `secretPrints`
 */
export function createFiles(
    set: pulumi.ComponentResource,
    name: string,
    files: NonNullable<FusionContainerSetArgs["files"]>,
    prints: pulumi.Output<Record<string, string> | undefined>,
    before: ServiceMemory | undefined,
    opts: pulumi.CustomResourceOptions,
): ServiceFile[] {
    const all = Object.entries(secretFiles(files)).sort(([a], [b]) => (a < b ? -1 : 1));
    return all.map(([path, { content, mode }]) => {
        const print = prints.apply((known) => known?.[`file ${path}`] ?? "");
        const number = print.apply((now) => numberOf(path, now, before));
        // The number, since the secret of a content that comes back may be there still.
        const secretName = pulumi.all([print, number]).apply(([hash, count]) => `${name}-${hash}-${count}`);
        const data = content.apply((text) => encoded(`${name}.files["${path}"]`, text));
        const secret = new docker.Secret(
            `${name}${path}`,
            { name: secretName, data },
            {
                ...opts,
                parent: set,
                // A service uses the old one yet.
                deleteBeforeReplace: false,
            },
        );
        return { path, mode: Number.parseInt(mode, 8), secretName, number, secret };
    });
}

function numberOf(path: string, print: string, before: ServiceMemory | undefined): number {
    const last = before?.files[path] ?? 0;
    return before === undefined || before.prints?.[`file ${path}`] === print ? last : last + 1;
}

function encoded(path: string, text: string): string {
    const bytes = Buffer.from(text);
    if (bytes.length > MOST_BYTES || bytes.length === 0) {
        const faults = new Faults();
        const what = bytes.length === 0 ? "is empty" : `has ${bytes.length} bytes`;
        faults.add(path, `${what}, and a secret of Swarm has 1 to ${MOST_BYTES} bytes; bring it with the image`);
        throw new ArgumentError(faults);
    }
    return bytes.toString("base64");
}
