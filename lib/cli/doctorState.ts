import { BASE_IMAGE, type Owned, type Wanted, type WantedVm } from "../doctor/wanted";
import { parseLibvirtUri } from "../hypervisor/libvirtUri";
import { isRecord } from "../isRecord";
import type { SshTarget } from "../ssh";
import { UsageError } from "./io";
import type { JsonFile } from "./jsonFile";
import { resourcesOf } from "./stackState";

/** A resource of a state, as far as it is read here. */
interface Resource {
    urn: string;
    type: string;
    name: string;
    parent: string;
    /** The URN of its provider. */
    provider: string;
    inputs: Record<string, unknown>;
    outputs: Record<string, unknown>;
}

/**
 * The hypervisors of a stack's state, with what Pulumi has made there.
 *
 * @throws UsageError where there is none
 */
export function deployedHypervisors({ name, value }: Pick<JsonFile, "name" | "value">): Wanted[] {
    const found = isRecord(value) ? resourcesOf(value) : undefined;
    if (found === undefined) {
        throw new UsageError(`${name}: is no state of a stack; give what "pulumi stack export" writes`);
    }
    const resources = found.filter((one) => one.delete !== true).map(readResource);
    const hypervisors = resources.filter(({ type }) => type === "fusion:index:FusionHypervisor");
    if (hypervisors.length === 0) {
        throw new UsageError(
            `${name}: the stack has no FusionHypervisor among its ${found.length} resources; choose another with --stack, or give --uri`,
        );
    }
    return hypervisors.map((hypervisor) => deployed(name, hypervisor, resources));
}

function deployed(file: string, hypervisor: Resource, resources: readonly Resource[]): Wanted {
    const { name, urn, inputs } = hypervisor;
    const children = resources.filter(({ parent }) => parent === urn);
    const child = (type: string) => children.find((one) => one.type === type);
    const provider = child("pulumi:providers:libvirt");
    const uri = text(inputs.uri) ?? text(provider?.inputs.uri) ?? text(hypervisor.outputs.uri);
    const connection = uri === undefined ? "has no URI" : parseLibvirtUri(uri, sshTarget(inputs.ssh));
    if (typeof connection === "string") {
        throw new UsageError(`${file}: the URI of ${name} ${connection}`);
    }
    // By their provider, since a machine is below the component of its own.
    const here = resources.filter((one) => provider !== undefined && one.provider === provider.urn);
    const domains = here.filter(({ type }) => type === "libvirt:index/domain:Domain");
    const pool = child("libvirt:index/pool:Pool");
    const target = isRecord(pool?.inputs.target) ? text(pool.inputs.target.path) : undefined;
    const network = child("libvirt:index/network:Network");
    const removed = refreshedAway(name, domains, resources);
    const kinds = new Set(domains.map(({ inputs: { type } }) => text(type)));
    return {
        name,
        connection,
        ...(kinds.size > 0 && { domainType: kinds.has("kvm") || kinds.has(undefined) ? "kvm" : "qemu" }),
        ...(target !== undefined && { pool: { path: target, ...named(pool) } }),
        ...(network !== undefined && { network: { made: true, ...named(network), ...addressesOf(network) } }),
        vms: [...domains.map((domain) => machine(domain, here)), ...removed],
        balancers: resources
            .filter(({ type, inputs: { host } }) => type === "fusion:index:FusionBalancer" && host === name)
            .map((balancer) => balancer.name),
        owned: ownedBy(here, children, removed),
    };
}

/** Machines that were made, and whose domain `pulumi refresh` has taken out of the state because it is gone. */
function refreshedAway(hypervisor: string, domains: readonly Resource[], resources: readonly Resource[]): WantedVm[] {
    const made = (vm: Resource) =>
        resources.some(
            ({ type, parent, name }) => type === "command:local:Command" && parent === vm.urn && name === vm.name,
        );
    return resources
        .filter(({ type, inputs }) => type === "fusion:index:FusionVm" && inputs.hypervisor === hypervisor)
        .filter((vm) => made(vm) && !domains.some(({ parent }) => parent === vm.urn))
        .map(({ name, inputs }) => ({
            name,
            vcpus: number(inputs.vcpus) ?? 1,
            memoryMiB: number(inputs.memoryMiB) ?? 2048,
            diskGiB: 0,
        }));
}

function ownedBy(here: readonly Resource[], children: readonly Resource[], removed: readonly WantedVm[]): Owned {
    const names = (type: string) =>
        new Set(here.filter((one) => one.type === type).flatMap(({ inputs }) => text(inputs.name) ?? []));
    const images = children.map(({ outputs }) => text(outputs.stdout) ?? "").filter((path) => BASE_IMAGE.test(path));
    return {
        domains: new Set([...names("libvirt:index/domain:Domain"), ...removed.map(({ name }) => name)]),
        networks: names("libvirt:index/network:Network"),
        pools: names("libvirt:index/pool:Pool"),
        volumes: names("libvirt:index/volume:Volume"),
        images: new Set(images),
    };
}

function machine({ inputs, parent, name }: Resource, here: readonly Resource[]): WantedVm {
    const bytes = here
        .filter((one) => one.parent === parent && one.type === "libvirt:index/volume:Volume")
        .reduce((sum, { inputs: { size } }) => sum + (number(size) ?? 0), 0);
    return {
        name: text(inputs.name) ?? name,
        vcpus: number(inputs.vcpu) ?? 1,
        memoryMiB: number(inputs.memory) ?? 512,
        diskGiB: Math.ceil(bytes / 2 ** 30),
    };
}

function addressesOf({ inputs }: Resource): { cidrs: string[]; bridge?: string } {
    const bridge = text(inputs.bridge);
    const cidrs = Array.isArray(inputs.addresses) ? inputs.addresses.filter((one) => typeof one === "string") : [];
    return { cidrs, ...(bridge !== undefined && { bridge }) };
}

function named(resource: Resource | undefined): { name?: string } {
    const name = text(resource?.inputs.name);
    return name === undefined ? {} : { name };
}

function readResource(raw: Record<string, unknown>): Resource {
    const urn = text(raw.urn) ?? "";
    return {
        urn,
        type: text(raw.type) ?? "",
        name: urn.split("::").slice(3).join("::"),
        parent: text(raw.parent) ?? "",
        provider: (text(raw.provider) ?? "").replace(/::[^:]*$/, ""),
        inputs: isRecord(raw.inputs) ? raw.inputs : {},
        outputs: isRecord(raw.outputs) ? raw.outputs : {},
    };
}

/** How commands run on a hypervisor, where its arguments say it. */
function sshTarget(value: unknown): SshTarget | undefined {
    if (!isRecord(value) || typeof value.address !== "string") {
        return undefined;
    }
    const jump = sshTarget(value.jump);
    const port = number(value.port);
    const texts = (["user", "privateKeyFile", "hostKey", "knownHostsFile"] as const).flatMap((key) => {
        const given = text(value[key]);
        return given === undefined ? [] : [[key, given] as const];
    });
    return {
        address: value.address,
        ...Object.fromEntries(texts),
        ...(port !== undefined && { port }),
        ...(jump !== undefined && { jump }),
    };
}

const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
const number = (value: unknown): number | undefined => (typeof value === "number" ? value : undefined);
