import { type Faults, show } from "../faults";
import { isRecord } from "../isRecord";
import { isLong } from "./containerOptions";
import type { FusionContainerSetArgs } from "./FusionContainerSet";
import { checkPath } from "./volumeSpec";

/** Checks the files of containers; what is wrong goes to `faults`. */
export function checkFiles(path: string, files: NonNullable<FusionContainerSetArgs["files"]>, faults: Faults): void {
    for (const [file, given] of Object.entries(files)) {
        checkPath(path, file, faults);
        const { content, mode } = isLong(given) ? given : { content: given, mode: undefined };
        faults.input(`${path}["${file}"]`, content);
        if (mode !== undefined && !(typeof mode === "string" && /^0?[0-7]{3}$/.test(mode))) {
            faults.add(`${path}["${file}"].mode`, `is no octal mode: ${show(mode)}; give one such as "0444"`);
        }
    }
}

/** Refuses files that would not be seen, or be where they do not belong: Docker writes them before the container starts. */
export function checkFilePlaces(
    name: string,
    { files = {}, volumes, container = {} }: Pick<FusionContainerSetArgs, "files" | "volumes" | "container">,
    faults: Faults,
): void {
    const paths = Object.keys(files);
    if (paths.length > 0 && container.readOnly === true) {
        faults.add(
            `${name}.container.readOnly`,
            "keeps Docker from writing files; leave it out, or give the files by volumes",
        );
    }
    const tmpfs = isRecord(container.tmpfs) ? Object.keys(container.tmpfs) : [];
    const held = Array.isArray(volumes) ? volumes.flatMap((one) => (isRecord(one) ? String(one.path) : [])) : [];
    for (const file of paths) {
        const below = (path: string) => file.startsWith(path.endsWith("/") ? path : `${path}/`);
        const hidden = tmpfs.find(below);
        const volume = held.find(below);
        if (hidden !== undefined) {
            faults.add(
                `${name}.files["${file}"]`,
                `is hidden by container.tmpfs at ${show(hidden)}; give another path`,
            );
        } else if (volume !== undefined) {
            const why = "where it would stay, and others could read it";
            faults.add(`${name}.files["${file}"]`, `is on the volume at ${show(volume)}, ${why}; give another path`);
        }
    }
}
