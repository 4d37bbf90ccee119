import type { Faults } from "../faults";
import type { HypervisorSpec } from "../hypervisor/hypervisorSpec";
import { baseVolumeName } from "../hypervisor/imageScript";
import { pathLook } from "../hypervisor/lookAtPaths";
import type { HypervisorSurvey } from "../hypervisor/survey";
import type { VmSpec } from "../vm/vmSpec";

/** Checks that the files that machines name are on the hypervisor: their firmware, and images that are yet to be fetched. */
export async function checkFiles(
    spec: HypervisorSpec,
    vms: readonly VmSpec[],
    { host, storage }: HypervisorSurvey,
    faults: Faults,
): Promise<void> {
    const named = vms.flatMap(({ name, firmware, image }) => [
        { path: `${name}.firmware.loader`, file: firmware?.loader },
        { path: `${name}.firmware.nvramTemplate`, file: firmware?.nvramTemplate },
        { path: `${name}.image.source`, file: storage.files?.includes(baseVolumeName(image)) ? "" : image.source },
    ]);
    const files = named.filter((one): one is { path: string; file: string } => one.file?.startsWith("/") === true);
    const found = await pathLook.at(spec.connection.ssh, [...new Set(files.map(({ file }) => file))]);
    for (const { path, file } of files) {
        const kind = found.get(file);
        // Of an image on this machine it is told without a hypervisor.
        const isTold = kind === "nothing" && spec.connection.ssh === undefined && path.endsWith(".image.source");
        if ((kind === "nothing" && !isTold) || kind === "directory") {
            const what = kind === "nothing" ? `is not there on ${host}` : `is a directory on ${host}`;
            const remedy = path.includes(".firmware.")
                ? "give the path of a file there, such as /usr/share/OVMF/OVMF_CODE_4M.fd of the package ovmf"
                : "give the path of an image there, or a URL";
            faults.add(path, `${what}: "${file}"; ${remedy}`);
        }
    }
}
