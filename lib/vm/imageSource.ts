import { existsSync } from "node:fs";
import { type Faults, show } from "../faults";
import type { HypervisorSpec } from "../hypervisor/hypervisorSpec";
import { type BaseImage, baseVolumeName } from "../hypervisor/imageScript";
import { surveyor } from "../hypervisor/survey";

const answers = new Map<string, Promise<number | undefined>>();

/**
 * Whether the image is there, as far as this machine can tell: a path on a hypervisor that is this machine, or a URL whose
 * server answers. One that the hypervisor has in its pool already need not be there any more. The hypervisor itself checks again, with the checksum, before it uses the image.
 */
export async function checkImageSource(
    path: string,
    image: BaseImage,
    hypervisor: HypervisorSpec,
    faults: Faults,
): Promise<void> {
    const { source } = image;
    const isKept = async () => {
        const survey = await surveyor.survey(hypervisor);
        return survey.reachable && survey.storage.files?.includes(baseVolumeName(image)) === true;
    };
    if (!/^https?:/.test(source)) {
        if (
            source.startsWith("/") &&
            hypervisor.connection.ssh === undefined &&
            !existsSync(source) &&
            !(await isKept())
        ) {
            faults.add(path, `is not there: ${show(source)}; give the path of an image on the hypervisor, or a URL`);
        }
        return;
    }
    let answer = answers.get(source);
    if (answer === undefined) {
        answer = head(source);
        answers.set(source, answer);
    }
    const status = await answer;
    if ((status === 404 || status === 410) && !(await isKept())) {
        faults.add(path, `is not there: ${show(source)} answers ${status}; correct the URL`);
    }
}

/** The status of a HEAD request; undefined when this machine cannot reach the server, which the hypervisor may. */
async function head(url: string): Promise<number | undefined> {
    try {
        return (await fetch(url, { method: "HEAD", signal: AbortSignal.timeout(10_000) })).status;
    } catch {
        return undefined;
    }
}
