import { type Faults, show } from "../faults";
import { parseImageReference } from "../images/imageReference";
import { imageSpec } from "../images/imageSpec";
import type { HaproxyArgs } from "./balancerArgs";

/** Checks the image that HAProxy's container is to be of; what is wrong goes to `faults`. */
export function checkImage(path: string, { image, version, registryAuth }: HaproxyArgs, faults: Faults): void {
    if (image === undefined) {
        if (registryAuth !== undefined) {
            faults.add(`${path}.registryAuth`, "is for an image, and there is none; give image, or leave it out");
        }
        return;
    }
    if (version !== undefined) {
        faults.add(`${path}.version`, "is of the package, and image has a version of its own; leave one of them out");
    }
    if (parseImageReference(image) === undefined) {
        faults.add(`${path}.image`, `is no image name: ${show(image)}; give one such as "haproxy:3.0"`);
        return;
    }
    imageSpec(path, { image, ...(registryAuth !== undefined && { registryAuth }) }, faults);
}
