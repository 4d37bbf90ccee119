import * as ipaddr from "ipaddr.js";
import { checkSshTarget } from "../checkSshTarget";
import { cidrContains, overlaps } from "../cidr";
import type { DockerHostSpec } from "../dockerHost";
import { type Faults, show } from "../faults";
import { reachedDirectly } from "../hypervisor/checkNetworks";
import { checkLabel } from "../hypervisor/hypervisorFacts";
import type { HypervisorSpec } from "../hypervisor/hypervisorSpec";
import type { SshTarget } from "../ssh";
import type { FusionVmArgs } from "./FusionVm";
import { checkMac, type InterfaceSpec, interfaceSpecs } from "./interfaces";
import { type MachineSpec, machineSpec } from "./machineSpec";
import { settleAddress } from "./settleAddress";
import { SYSTEM_MEMORY_MIB } from "./systemMemory";

/** The arguments of a virtual machine as validated plain values. Where one is wrong, a harmless value stands for it. */
export interface VmSpec extends DockerHostSpec, MachineSpec {
    /** "" like `address` and the address of `ssh`, until one that is left out has been allocated. */
    mac: string;
    /** Where the hypervisor's network has IPv6. */
    address6?: string;
    /** The network cards behind the first. */
    interfaces: InterfaceSpec[];
    image: { source: string; sha256: string };
    ssh: SshTarget;
    user: string;
}

/** Checks the arguments; what is wrong goes to `faults`, with paths from the component's name on. */
export function vmSpec(name: string, args: FusionVmArgs, hypervisor: HypervisorSpec, faults: Faults): VmSpec {
    faults.name(name, name);
    const machine = machineSpec(name, args, faults);
    checkImage(`${name}.image`, args.image, faults);
    const user = args.ssh?.user ?? "fusion";
    if (!/^[a-z_][a-z0-9_-]{0,31}$/.test(user) || user === "root") {
        faults.add(`${name}.ssh.user`, `is no user that can be made: ${show(user)}; give a name such as "fusion"`);
    }
    for (const [label, value] of Object.entries(args.labels ?? {})) {
        checkLabel(`${name}.labels`, label, value, faults);
        const own = { host: name, hypervisor: hypervisor.name }[label] ?? value;
        if (value !== own) {
            faults.add(`${name}.labels.${label}`, `is ${show(own)} by itself, got ${show(value)}; leave it out`);
        }
    }
    if (args.ssh?.jump !== undefined) {
        checkSshTarget(`${name}.ssh.jump`, args.ssh.jump, faults);
    }
    const jump = args.ssh?.jump ?? (reachedDirectly(hypervisor) ? undefined : hypervisor.connection.ssh);
    const spec: VmSpec = {
        ...machine,
        name,
        address: "",
        mac: (args.mac !== undefined && checkMac(`${name}.mac`, args.mac, faults)) || "",
        interfaces: interfaceSpecs(name, args.interfaces, hypervisor, faults),
        image: { source: args.image?.source ?? "", sha256: args.image?.sha256 ?? "" },
        user,
        ssh: {
            address: "",
            user,
            ...(args.ssh?.privateKeyFile !== undefined && { privateKeyFile: args.ssh.privateKeyFile }),
            ...(jump !== undefined && { jump }),
        },
        labels: { ...hypervisor.labels, hypervisor: hypervisor.name, ...args.labels },
        capacity: { cpu: machine.vcpus * 1000, memory: Math.max(0, machine.memoryMiB - SYSTEM_MEMORY_MIB) },
    };
    if (args.address6 !== undefined && checkAddress6(`${name}.address6`, args.address6, hypervisor, faults)) {
        spec.address6 = ipaddr.IPv6.parse(args.address6).toRFC5952String();
    }
    if (args.address !== undefined && checkAddress(`${name}.address`, args.address, hypervisor, faults)) {
        settleAddress(spec, hypervisor.network, args.address);
    }
    return spec;
}

function checkAddress6(path: string, address: string, { network }: HypervisorSpec, faults: Faults): boolean {
    const { cidr6, name, gateway6 } = network;
    if (cidr6 === undefined) {
        faults.add(path, `is of no use: the network ${name} has no IPv6; leave it out, or give network.cidr6`);
    } else if (!ipaddr.IPv6.isValid(address) || !overlaps(cidr6.text, address)) {
        faults.add(path, `is no address of ${cidr6.text}: ${show(address)}; give one such as "${cidr6.network}11"`);
    } else {
        const text = ipaddr.IPv6.parse(address).toRFC5952String();
        if (text !== cidr6.network && text !== gateway6) {
            return true;
        }
        faults.add(path, `${show(address)} is the ${text === gateway6 ? "gateway's" : "network's own"}; give another`);
    }
    return false;
}

function checkAddress(path: string, address: string, hypervisor: HypervisorSpec, faults: Faults): boolean {
    const { cidr, name, gateway } = hypervisor.network;
    if (!faults.ipv4(path, address)) {
        return false;
    }
    if (!cidrContains(cidr, address)) {
        faults.add(path, `${show(address)} is outside the network ${name} (${cidr.text}); give an address in it`);
        return false;
    }
    const taken = { [cidr.network]: "network's own", [gateway]: "gateway's", [cidr.broadcast]: "broadcast" }[address];
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
            `must be a URL (http, https) or an absolute path on the hypervisor, got ${show(image?.source)}; give one such as "https://example.org/debian-12.qcow2" or "/srv/images/debian-12.qcow2"`,
        );
    }
    if (!/^[0-9a-f]{64}$/.test(image?.sha256 ?? "")) {
        faults.add(
            `${path}.sha256`,
            `must be 64 lower-case hexadecimal digits, got ${show(image?.sha256)}; see the SHA256SUMS beside the image, or run sha256sum on it`,
        );
    }
}
