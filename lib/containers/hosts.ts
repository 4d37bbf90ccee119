import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { checkLogin, sshShape } from "../checkSshTarget";
import {
    type DockerHostParts,
    type DockerHostSpec,
    dockerProvider,
    type ExistingHost,
    type HostAccess,
} from "../dockerHost";
import { Faults, show } from "../faults";
import { isRecord } from "../isRecord";
import { openConnection } from "../openConnection";
import { type Shape, shaped } from "../shape";
import { forgetConnection, type SshTarget, sshCommand } from "../ssh";
import { makeSshFolder } from "../sshFolder";
import { type DockerArgs, dockerSpec } from "../vm/dockerSpec";
import { FusionVm } from "../vm/FusionVm";
import { dockerShape } from "../vm/vmShape";
import { hostDockerScript, rootShell } from "./hostDockerScript";

const specs = new WeakMap<ExistingHost, DockerHostSpec>();

/** What is known of a host at once. The same host object always gives the same spec. */
export function hostSpec(host: FusionVm | ExistingHost): DockerHostSpec {
    if (host instanceof FusionVm) {
        return host.spec;
    }
    if (!isRecord(host)) {
        return { name: "", address: "", labels: {}, capacity: {} };
    }
    const spec = specs.get(host) ?? {
        name: host.name,
        address: host.address,
        labels: host.labels ?? {},
        capacity: {
            ...(host.capacity?.cpus !== undefined && { cpu: Math.floor(host.capacity.cpus * 1000) }),
            ...(host.capacity?.memoryMiB !== undefined && { memory: host.capacity.memoryMiB }),
        },
        ssh: { address: host.address, ...host.ssh },
    };
    specs.set(host, spec);
    return spec;
}

/** The fields of an {@link ExistingHost}; a test compares them with its interface. */
export const hostShape: Shape = {
    name: "text",
    address: "text",
    ssh: sshShape,
    capacity: { cpus: "number", memoryMiB: "number" },
    labels: "record",
    docker: { ...dockerShape, install: "any" },
};

/** Checks the hosts of a component and returns what is known of them at once. */
export function checkHosts(
    name: string,
    hosts: readonly (FusionVm | ExistingHost)[],
    faults: Faults,
): DockerHostSpec[] {
    for (const [index, host] of hosts.entries()) {
        const path = `${name}.hosts[${index}]`;
        checkHost(path, host, faults);
        const { name: called } = hostSpec(host);
        if (/^(healthy|serves|build|retired|step|secrets)(-\d+)?$|-canary$/.test(called)) {
            faults.add(
                `${path}.name`,
                `is what a command of the library is called: ${show(called)}; give it another name`,
            );
        }
    }
    return hosts.map(hostSpec);
}

/** A machine that exists already; a FusionVm has checked itself. */
function checkHost(path: string, given: FusionVm | ExistingHost, faults: Faults): void {
    if (given instanceof FusionVm) {
        return;
    }
    const host = shaped(path, given, hostShape, faults);
    faults.name(`${path}.name`, host.name);
    faults.ipv4(`${path}.address`, host.address);
    const label = host.labels?.host ?? host.name;
    if (label !== host.name) {
        faults.add(`${path}.labels.host`, `is ${show(host.name)} by itself, got ${show(label)}; leave it out`);
    }
    checkLogin(`${path}.ssh`, host.ssh ?? {}, faults);
    if (known(host).login !== loginOf(host)) {
        faults.add(
            `${path}.name`,
            `${show(host.name)} has other ssh or docker in another set; give both the same host, or each its own name`,
        );
    }
    const { cpus, memoryMiB } = host.capacity ?? {};
    if (cpus !== undefined && !(cpus > 0 && cpus <= 100_000)) {
        faults.add(`${path}.capacity.cpus`, `must be a number of processors, got ${show(cpus)}; give one such as 4`);
    }
    if (memoryMiB !== undefined) {
        faults.integer(`${path}.capacity.memoryMiB`, memoryMiB, 1, 2 ** 30, "give MiB, such as 8192");
    }
    if (host.docker !== undefined) {
        dockerSpec(`${path}.docker`, host.docker, faults);
        if (host.docker.install !== true) {
            faults.add(
                `${path}.docker.install`,
                `must be true, got ${show(host.docker.install)}; leave docker out where the machine has it`,
            );
        }
    }
}

/** An existing machine, once for all that a program has on it. */
interface KnownHost {
    login: string;
    access?: HostAccess;
    parts?: DockerHostParts;
}

/** By program and name of the host; under Pulumi's mocks, where there is no stack, by host. */
const programs = new WeakMap<object, Map<string, KnownHost>>();

function known(host: ExistingHost): KnownHost {
    const program = pulumi.runtime.getStackResource() ?? host;
    const hosts = programs.get(program) ?? new Map<string, KnownHost>();
    programs.set(program, hosts);
    const one = hosts.get(host.name) ?? { login: loginOf(host) };
    hosts.set(host.name, one);
    return one;
}

const loginOf = ({ ssh, docker }: ExistingHost): string => JSON.stringify([ssh, docker]);

const resourceName = (host: ExistingHost): string => `fusion-${host.name}`;

/**
 * What containers need of the host. A machine that exists already gets one docker provider for all sets, which is a process of
 * its own while Pulumi runs.
 */
export function hostParts(host: FusionVm | ExistingHost): Promise<DockerHostParts> | DockerHostParts {
    if (host instanceof FusionVm) {
        return host.host;
    }
    const one = known(host);
    const access = existingAccess(host);
    one.parts ??= { ...access, provider: dockerProvider(resourceName(host), access.ssh, {}) };
    return one.parts;
}

/** What commands need of the host. A machine that exists already gets its Docker, where that is asked for. */
export function hostAccess(host: FusionVm | ExistingHost): Promise<HostAccess> | HostAccess {
    return host instanceof FusionVm ? host.host : existingAccess(host);
}

function existingAccess(host: ExistingHost): HostAccess {
    const one = known(host);
    if (one.access === undefined) {
        makeSshFolder();
        const target = { address: host.address, ...host.ssh };
        const { docker, name } = host;
        one.access = {
            ssh: pulumi.output(openConnection(target)),
            ready: docker === undefined ? [] : [installDocker(resourceName(host), target, name, docker)],
        };
    }
    return one.access;
}

/** Registries that the host's Docker is told to trust without TLS. */
export function insecureRegistries(host: FusionVm | ExistingHost): readonly string[] {
    if (host instanceof FusionVm) {
        return host.insecureRegistries;
    }
    const insecure = host?.docker?.daemon?.["insecure-registries"];
    return Array.isArray(insecure) ? insecure.map(String) : [];
}

/** Runs when it is new or its arguments change. Its deletion leaves the machine as it is: others may use its Docker. */
function installDocker(name: string, target: SshTarget, host: string, args: DockerArgs): command.local.Command {
    return new command.local.Command(
        `${name}-docker`,
        {
            // An open connection has no part in the group that the user is put into.
            create: `${sshCommand(target, rootShell)}; code=$?; ${forgetConnection(target, "stop")}; exit $code`,
            stdin: hostDockerScript(host, dockerSpec("docker", args, new Faults()), args),
        },
        { customTimeouts: { create: "45m", update: "45m" } },
    );
}
