import type { DockerHostSpec } from "../dockerHost";
import { type Faults, show } from "../faults";
import type { SurvivalDemands } from "../graph";
import { isRecord } from "../isRecord";
import type { PlacementGoal, PlacementMoveBudget, PlacementService } from "../placement";
import { replicaNames } from "../placement/pins";
import type { ServiceSpec } from "../swarm/serviceSpec";
import { checkCanary } from "./canarySpec";
import { checkFilePlaces, checkFiles } from "./checkFiles";
import type { FusionContainerSetArgs } from "./FusionContainerSet";
import { checkHealth, type HealthCheck } from "./healthSpec";
import { checkContainer } from "./passedThrough";
import { type PlacementSpec, placementSpec } from "./placementSpec";
import { type UpdateSpec, updateSpec } from "./updateSpec";
import { checkVolumes, hasOneWriter } from "./volumeSpec";

/** The structural arguments of a container set as validated plain values. */
export interface ContainerSetSpec {
    name: string;
    hosts: readonly DockerHostSpec[];
    ports: readonly { container: number; host: number | undefined; protocol: "tcp" | "udp" }[];
    healthCheck: HealthCheck | undefined;
    update: UpdateSpec;
    /** Whether a replica stays where its data is. */
    stays: boolean;
    /** How many of the last replicas a canary is tried with. */
    canaries: number;
    replicaNames: readonly string[];
    objective: PlacementGoal;
    /** How many of the set's own replicas that run may be moved. */
    move: PlacementMoveBudget;
    service: PlacementService;
    survives: SurvivalDemands;
    /** Whether it is a job, whose one replica is no argument. */
    isJob?: boolean;
    /** How it is a service, on a swarm. */
    swarm?: ServiceSpec;
}

/** Checks the arguments; what is wrong goes to `faults`, with paths from the component's name on. */
export function containerSetSpec(
    name: string,
    args: FusionContainerSetArgs,
    hosts: readonly DockerHostSpec[],
    faults: Faults,
): ContainerSetSpec {
    faults.name(name, name);
    if (hosts.length === 0) {
        faults.add(`${name}.hosts`, "is empty; give at least one FusionVm or existing machine");
    }
    const { objective, move, where } = placementSpec(name, args, hosts, faults);
    const names = replicaNames({ name, replicas: where.replicas, names: where.names });
    const ports = (args.ports ?? []).map((port, index) => {
        faults.port(`${name}.ports[${index}].container`, port.container);
        if (port.host !== undefined) {
            faults.port(`${name}.ports[${index}].host`, port.host);
        }
        const { container, host, protocol = "tcp" } = port;
        faults.oneOf(`${name}.ports[${index}].protocol`, protocol, ["tcp", "udp"]);
        return { container, host, protocol };
    });
    checkHealth(`${name}.healthCheck`, args.healthCheck, ports, faults);
    checkEnv(`${name}.env`, args.env ?? {}, faults);
    checkFiles(`${name}.files`, args.files ?? {}, faults);
    checkVolumes(`${name}.volumes`, args.volumes, faults);
    if (args.stopSeconds !== undefined) {
        faults.integer(`${name}.stopSeconds`, args.stopSeconds, 0, 86_400, "give seconds, such as 30");
    }
    if (args.stopSignal !== undefined && !/^(SIG[A-Z0-9+-]{2,12}|[0-9]{1,2})$/.test(args.stopSignal)) {
        faults.add(`${name}.stopSignal`, `is no signal: ${show(args.stopSignal)}; give one such as "SIGQUIT"`);
    }
    checkContainer(`${name}.container`, args.container ?? {}, faults);
    checkFilePlaces(name, args, faults);
    return {
        name,
        hosts,
        ports,
        healthCheck: args.healthCheck,
        update: updateSpec(`${name}.update`, args.update ?? {}, names.length, oneAtATime(name, args), faults),
        stays: Array.isArray(args.volumes) && args.volumes.some(hasOneWriter),
        canaries: checkCanary(`${name}.canary`, args.canary, names.length, faults),
        replicaNames: names,
        objective,
        move,
        survives: demands(name, args.survives, faults),
        service: {
            ...where,
            ...apart(name, args, where),
            name,
            demand: demand(name, args, faults),
            // The same number over TCP and UDP is one port to whoever plans.
            ports: [...new Set(ports.flatMap(({ host }) => (isPort(host) ? [host] : [])))],
        },
    };
}

/** Replicas whose data is in a directory of the host must not meet on one, which the library cannot give each its own of. */
function apart(name: string, { volumes }: FusionContainerSetArgs, { antiAffinity, names }: PlacementSpec["where"]) {
    const inDirectories =
        Array.isArray(volumes) && volumes.some((one) => one?.hostPath !== undefined && hasOneWriter(one));
    if (!inDirectories || names !== undefined) {
        return {};
    }
    const given = antiAffinity === undefined ? [] : Array.isArray(antiAffinity) ? antiAffinity : [antiAffinity];
    return { antiAffinity: [...given, { with: [name] }] };
}

/** What is to be survived; its numbers are checked with the placement. */
function demands(name: string, survives: SurvivalDemands | undefined, faults: Faults): SurvivalDemands {
    if (survives === undefined || isRecord(survives)) return survives ?? {};
    faults.add(`${name}.survives`, `must be an object, got ${show(survives)}; give kinds and numbers, e.g. {"vms": 1}`);
    return {};
}

/** The argument for which two containers of a replica cannot run at once; undefined where they can. */
function oneAtATime(name: string, { ports = [], volumes = [] }: FusionContainerSetArgs): string | undefined {
    const port = ports.findIndex(({ host }) => host !== undefined);
    const volume = Array.isArray(volumes) ? volumes.findIndex(hasOneWriter) : -1;
    return port >= 0 ? `${name}.ports[${port}].host` : volume >= 0 ? `${name}.volumes[${volume}]` : undefined;
}

/** What every container of a set or of a job is told. */
const OWN_ENV: readonly string[] = ["FUSION_HOST", "FUSION_JOB", "FUSION_REPLICA"];

function checkEnv(path: string, env: NonNullable<FusionContainerSetArgs["env"]>, faults: Faults): void {
    for (const [key, value] of Object.entries(env)) {
        if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(key)) {
            faults.add(path, `has no name for a variable: ${show(key)}; use letters, digits and "_"`);
        } else if (OWN_ENV.includes(key)) {
            faults.add(`${path}.${key}`, "is what the library itself sets; give the variable another name");
        } else {
            faults.input(`${path}.${key}`, value);
        }
    }
}

/** Whether a port is fixed; one that is no port at all has been told. */
const isPort = (port: number | undefined): port is number =>
    Number.isInteger(port) && Number(port) > 0 && Number(port) < 65_536;

/** What a replica takes of a host, in the units of the placement: millicores and MiB. */
function demand(name: string, { resources }: FusionContainerSetArgs, faults: Faults): Record<string, number> {
    const taken: Record<string, number> = {};
    if (resources?.cpus !== undefined) {
        const millicores = checkCpus(`${name}.resources.cpus`, resources.cpus, faults);
        taken.cpu = Number.isInteger(millicores) ? Math.max(0, millicores) : 0;
    }
    const { cpus, memoryMiB } = resources?.limits ?? {};
    if (cpus !== undefined) {
        // Docker takes no less.
        checkCpus(`${name}.resources.limits.cpus`, cpus, faults, 10);
    }
    if (memoryMiB !== undefined) {
        faults.integer(`${name}.resources.limits.memoryMiB`, memoryMiB, 6, 2 ** 30, "give MiB, such as 256");
    }
    for (const [key, least, most] of [
        ["cpus", resources?.cpus, cpus],
        ["memoryMiB", resources?.memoryMiB, memoryMiB],
    ] as const) {
        if (least !== undefined && most !== undefined && most < least) {
            faults.add(
                `${name}.resources.limits.${key}`,
                `is less than resources.${key}: ${show(most)} and ${show(least)}; a limit must hold what is planned`,
            );
        }
    }
    if (resources?.memoryMiB !== undefined) {
        faults.integer(`${name}.resources.memoryMiB`, resources.memoryMiB, 1, 2 ** 30, "give MiB, such as 128");
        taken.memory = Number.isInteger(resources.memoryMiB) ? Math.max(0, resources.memoryMiB) : 0;
    }
    return taken;
}

/** Returns millicores. */
function checkCpus(path: string, cpus: number, faults: Faults, least = 1): number {
    const millicores = Math.round(cpus * 1000);
    if (!(millicores >= least && millicores <= 1_024_000)) {
        faults.add(
            path,
            `must be a number from ${least / 1000} to 1024, got ${show(cpus)}; give processors, such as 0.25`,
        );
    }
    return millicores;
}
