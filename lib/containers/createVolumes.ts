import * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";
import { type DockerHostParts, withMachine } from "../dockerHost";
import { stackPrefix } from "../stackName";
import type { ContainerPlan } from "./createReplica";

/** Where a replica's volumes are. */
interface VolumePlace {
    replica: string;
    vm: string;
    host: DockerHostParts;
}

const sharedVolumes = new WeakMap<pulumi.Resource, Map<string, docker.Volume>>();

/** Makes the volumes of a replica, and says how its container mounts them. */
export function createVolumes({ set, spec, args }: ContainerPlan, { replica, vm, host }: VolumePlace) {
    const made: docker.Volume[] = [];
    const mounts = (args.volumes ?? []).map(({ name, path, hostPath, readOnly, shared, protect = !shared }) => {
        const mount = { containerPath: path, ...(readOnly && { readOnly }) };
        if (hostPath !== undefined) {
            return { ...mount, hostPath };
        }
        const own = `${shared ? spec.name : replica}-${name}`;
        const volumeName = `${stackPrefix()}-${own}`;
        const resource = shared ? `${own}-${vm}` : own;
        const known = sharedVolumes.get(set) ?? new Map<string, docker.Volume>();
        sharedVolumes.set(set, known);
        // What was on a machine that is lost is lost with it.
        const isKept = protect && host.machine?.lost !== true;
        const options = {
            parent: set,
            provider: host.provider,
            protect: isKept,
            dependsOn: host.ready,
            ...withMachine(host),
            // Docker makes one that is missing with the container. To replace it later would delete the one that holds data.
            replacementTrigger: undefined,
        };
        const volume = known.get(resource) ?? new docker.Volume(resource, { name: volumeName }, options);
        known.set(resource, volume);
        made.push(volume);
        return { ...mount, volumeName };
    });
    return { made, mounts };
}
