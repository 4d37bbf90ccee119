import { checkSshTarget } from "../checkSshTarget";
import { cidrContains, macFor } from "../cidr";
import type { DockerHostSpec } from "../dockerHost";
import { type Faults, show } from "../faults";
import type { HypervisorSpec } from "../hypervisor/hypervisorSpec";
import type { SshTarget } from "../ssh";
import type { FusionVmArgs } from "./FusionVm";

/** Memory that the guest's own system and Docker take, in MiB; the rest is there for containers. */
export const SYSTEM_MEMORY_MIB = 256;

/** The arguments of a virtual machine as validated plain values. Where one is wrong, a harmless value stands for it. */
export interface VmSpec extends DockerHostSpec {
    mac: string;
    vcpus: number;
    memoryMiB: number;
    diskGiB: number;
    image: { source: string; sha256: string };
    ssh: SshTarget;
    user: string;
    readyTimeoutSeconds: number;
}

/** Checks the arguments; what is wrong goes to `faults`, with paths from the component's name on. */
export function vmSpec(name: string, args: FusionVmArgs, hypervisor: HypervisorSpec, faults: Faults): VmSpec {
    faults.name(name, name);
    const vcpus = args.vcpus ?? 1;
    faults.integer(`${name}.vcpus`, vcpus, 1, 1024, "give a number of virtual processors such as 1");
    const memoryMiB = args.memoryMiB ?? 2048;
    faults.integer(`${name}.memoryMiB`, memoryMiB, 512, 16 * 1024 * 1024, "give MiB, such as 2048");
    const diskGiB = args.diskGiB ?? 10;
    faults.integer(`${name}.diskGiB`, diskGiB, 2, 64 * 1024, "give GiB, such as 10");
    const addressOk = checkAddress(`${name}.address`, args.address, hypervisor, faults);
    const address = addressOk ? args.address : hypervisor.network.cidr.gateway;
    checkImage(`${name}.image`, args.image, faults);
    const user = args.ssh?.user ?? "fusion";
    if (!/^[a-z_][a-z0-9_-]{0,31}$/.test(user) || user === "root") {
        faults.add(`${name}.ssh.user`, `is no user that can be made: ${show(user)}; give a name such as "fusion"`);
    }
    const timeout = args.readyTimeoutSeconds ?? 900;
    faults.integer(`${name}.readyTimeoutSeconds`, timeout, 1, 86_400, "give seconds, such as 900");
    for (const [label, value] of Object.entries(args.labels ?? {})) {
        faults.line(`${name}.labels.${label}`, value, "a text");
    }
    if (args.ssh?.jump !== undefined) {
        checkSshTarget(`${name}.ssh.jump`, args.ssh.jump, faults);
    }
    const jump = args.ssh?.jump ?? hypervisor.connection.ssh;
    return {
        name,
        address,
        mac: macFor(address),
        vcpus,
        memoryMiB,
        diskGiB,
        image: args.image,
        user,
        ssh: {
            address,
            user,
            ...(args.ssh?.privateKeyFile !== undefined && { privateKeyFile: args.ssh.privateKeyFile }),
            ...(jump !== undefined && { jump }),
        },
        labels: { ...hypervisor.labels, hypervisor: hypervisor.name, ...args.labels },
        capacity: { cpu: vcpus * 1000, memory: Math.max(0, memoryMiB - SYSTEM_MEMORY_MIB) },
        readyTimeoutSeconds: timeout,
    };
}

function checkAddress(path: string, address: string, hypervisor: HypervisorSpec, faults: Faults): boolean {
    const { cidr, name } = hypervisor.network;
    if (!faults.ipv4(path, address)) {
        return false;
    }
    if (!cidrContains(cidr, address)) {
        faults.add(path, `${show(address)} is outside the network ${name} (${cidr.text}); give an address in it`);
        return false;
    }
    const taken = { [cidr.network]: "network's own", [cidr.gateway]: "gateway's", [cidr.broadcast]: "broadcast" }[
        address
    ];
    if (taken !== undefined) {
        faults.add(path, `${show(address)} is the ${taken} address of ${cidr.text}; give another address in it`);
        return false;
    }
    return true;
}

function checkImage(path: string, image: FusionVmArgs["image"], faults: Faults): void {
    if (!/^(https?:\/\/[^\s'"\\]+|\/[^\s'"\\]+)$/.test(image?.source ?? "")) {
        faults.add(
            `${path}.source`,
            `must be a URL (http, https) or an absolute path on the hypervisor, got ${show(image?.source)}`,
        );
    }
    if (!/^[0-9a-f]{64}$/.test(image?.sha256 ?? "")) {
        faults.add(
            `${path}.sha256`,
            `must be 64 lower-case hexadecimal digits, got ${show(image?.sha256)}; see the SHA256SUMS beside the image, or run sha256sum on it`,
        );
    }
}
