import { cp } from "node:fs/promises";
import { basename, join } from "node:path";
import { unpacked } from "./unpacked";

const PACKAGES = ["docker.io", "containerd", "runc"];

/** Their libraries are those of the machine, which libvirt's packages bring with them. */
const PROGRAMS = [
    ...["usr/bin/docker", "usr/sbin/dockerd", "usr/sbin/docker-proxy"],
    ...["usr/bin/containerd", "usr/bin/containerd-shim-runc-v2", "usr/sbin/runc"],
];

/** The folder of Docker's programs, from the packages that the guests have too. */
export const dockerPrograms = (): Promise<string> =>
    unpacked({
        name: "docker",
        recipe: __filename,
        packages: PACKAGES,
        async take(root, programs) {
            for (const program of PROGRAMS) {
                await cp(join(root, program), join(programs, basename(program)), { dereference: true });
            }
        },
    });
