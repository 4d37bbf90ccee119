import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { checkLogin } from "../checkSshTarget";
import { type DockerHostParts, type DockerHostSpec, dockerProvider, type ExistingHost } from "../dockerHost";
import { Faults, show } from "../faults";
import { openConnection } from "../openConnection";
import { forgetConnection, type SshTarget, sshCommand } from "../ssh";
import { makeSshFolder } from "../sshFolder";
import { type DockerArgs, dockerSpec } from "../vm/dockerSpec";
import { FusionVm } from "../vm/FusionVm";
import { hostDockerScript, rootShell } from "./hostDockerScript";

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

/** By program and name of the host; under Pulumi's mocks, where there is no stack, by host. */
const programs = new WeakMap<object, Map<string, { login: string; parts?: DockerHostParts }>>();

function known(host: ExistingHost) {
    const program = pulumi.runtime.getStackResource() ?? host;
    const hosts = programs.get(program) ?? new Map<string, { login: string; parts?: DockerHostParts }>();
    programs.set(program, hosts);
    const one = hosts.get(host.name) ?? { login: loginOf(host) };
    hosts.set(host.name, one);
    return one;
}

const loginOf = ({ ssh, docker }: ExistingHost): string => JSON.stringify([ssh, docker]);

/**
 * What containers need of the host. A machine that exists already gets one docker provider for all sets, which is a process of
 * its own while Pulumi runs.
 */
export function hostParts(host: FusionVm | ExistingHost): Promise<DockerHostParts> | DockerHostParts {
    if (host instanceof FusionVm) {
        return host.host;
    }
    const one = known(host);
    one.parts ??= existingHost(host);
    return one.parts;
}

function existingHost(host: ExistingHost): DockerHostParts {
    makeSshFolder();
    const name = `fusion-${host.name}`;
    const target = { address: host.address, ...host.ssh };
    const ssh = pulumi.output(openConnection(target));
    return {
        ssh,
        provider: dockerProvider(name, ssh, {}),
        ready: host.docker === undefined ? [] : [installDocker(name, target, host.name, host.docker)],
    };
}

/** Registries that the host's Docker is told to trust without TLS. */
export function insecureRegistries(host: FusionVm | ExistingHost): readonly string[] {
    if (host instanceof FusionVm) {
        return host.insecureRegistries;
    }
    const insecure = host.docker?.daemon?.["insecure-registries"];
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
