import * as pulumi from "@pulumi/pulumi";
import { checkLogin } from "../checkSshTarget";
import { type DockerHostParts, type DockerHostSpec, dockerProvider, type ExistingHost } from "../dockerHost";
import { type Faults, show } from "../faults";
import { makeSshFolder } from "../sshFolder";
import { FusionVm } from "../vm/FusionVm";

const specs = new WeakMap<ExistingHost, DockerHostSpec>();

/** What is known of a host at once. The same host object always gives the same spec. */
export function hostSpec(host: FusionVm | ExistingHost): DockerHostSpec {
    if (host instanceof FusionVm) {
        return host.spec;
    }
    const spec = specs.get(host) ?? {
        name: host.name,
        address: host.address,
        labels: host.labels ?? {},
        capacity: {
            ...(host.capacity?.cpus !== undefined && { cpu: Math.floor(host.capacity.cpus * 1000) }),
            ...(host.capacity?.memoryMiB !== undefined && { memory: host.capacity.memoryMiB }),
        },
    };
    specs.set(host, spec);
    return spec;
}

/** Checks a machine that exists already; a FusionVm has checked itself. */
export function checkHost(path: string, host: FusionVm | ExistingHost, faults: Faults): void {
    if (host instanceof FusionVm) {
        return;
    }
    faults.name(`${path}.name`, host.name);
    faults.ipv4(`${path}.address`, host.address);
    checkLogin(`${path}.ssh`, host.ssh ?? {}, faults);
    const { cpus, memoryMiB } = host.capacity ?? {};
    if (cpus !== undefined && !(cpus > 0 && cpus <= 100_000)) {
        faults.add(`${path}.capacity.cpus`, `must be a number of processors, got ${show(cpus)}; give one such as 4`);
    }
    if (memoryMiB !== undefined) {
        faults.integer(`${path}.capacity.memoryMiB`, memoryMiB, 1, 2 ** 30, "give MiB, such as 8192");
    }
}

/** What containers need of the host. A machine that exists already gets its docker provider below the set. */
export async function hostParts(
    host: FusionVm | ExistingHost,
    set: pulumi.ComponentResource,
): Promise<DockerHostParts> {
    if (host instanceof FusionVm) {
        return host.host;
    }
    makeSshFolder();
    const ssh = pulumi.output({ address: host.address, ...host.ssh });
    return {
        ssh,
        provider: dockerProvider(`${Reflect.get(set, "__name")}-${host.name}`, ssh, { parent: set }),
        ready: [],
    };
}
