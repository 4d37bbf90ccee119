import type { DockerHostSpec } from "../dockerHost";
import { type Faults, show } from "../faults";
import type { SurvivalDemands } from "../graph";
import { isRecord } from "../isRecord";
import type { PlacementGoal, PlacementMoveBudget, PlacementService } from "../placement";
import type { FusionContainerSetArgs, HealthCheck } from "./FusionContainerSet";
import { placementSpec } from "./placementSpec";

/** The structural arguments of a container set as validated plain values. */
export interface ContainerSetSpec {
    name: string;
    hosts: readonly DockerHostSpec[];
    ports: readonly { container: number; host: number | undefined }[];
    healthCheck: HealthCheck | undefined;
    objective: PlacementGoal;
    /** How many of the set's own replicas that run may be moved. */
    move: PlacementMoveBudget;
    /** Whether a replica must stay on the host that it ran on, where its data is. @default false */
    stays?: boolean;
    service: PlacementService;
    survives: SurvivalDemands;
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
    const ports = (args.ports ?? []).map((port, index) => {
        faults.port(`${name}.ports[${index}].container`, port.container);
        if (port.host !== undefined) {
            faults.port(`${name}.ports[${index}].host`, port.host);
        }
        return { container: port.container, host: port.host };
    });
    checkHealth(`${name}.healthCheck`, args.healthCheck, ports, faults);
    for (const key of Object.keys(args.env ?? {})) {
        if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(key)) {
            faults.add(`${name}.env`, `has no name for a variable: ${show(key)}; use letters, digits and "_"`);
        }
    }
    return {
        name,
        hosts,
        ports,
        healthCheck: args.healthCheck,
        objective,
        move,
        survives: demands(name, args.survives, faults),
        service: {
            ...where,
            name,
            demand: demand(name, args, faults),
            ports: ports.flatMap(({ host }) => (isPort(host) ? [host] : [])),
        },
    };
}

/** What is to be survived; its numbers are checked with the placement. */
function demands(name: string, survives: SurvivalDemands | undefined, faults: Faults): SurvivalDemands {
    if (survives === undefined || isRecord(survives)) return survives ?? {};
    faults.add(`${name}.survives`, `must be an object, got ${show(survives)}; give kinds and numbers, e.g. {"vms": 1}`);
    return {};
}

/** Whether a port is fixed; one that is no port at all has been told. */
const isPort = (port: number | undefined): port is number =>
    Number.isInteger(port) && Number(port) > 0 && Number(port) < 65_536;

/** What a replica takes of a host, in the units of the placement: millicores and MiB. */
function demand(name: string, { resources }: FusionContainerSetArgs, faults: Faults): Record<string, number> {
    const taken: Record<string, number> = {};
    if (resources?.cpus !== undefined) {
        const millicores = Math.round(resources.cpus * 1000);
        if (!(millicores >= 1 && millicores <= 1_024_000)) {
            faults.add(
                `${name}.resources.cpus`,
                `must be a number from 0.001 to 1024, got ${show(resources.cpus)}; give processors, such as 0.25`,
            );
        }
        taken.cpu = Number.isInteger(millicores) ? Math.max(0, millicores) : 0;
    }
    if (resources?.memoryMiB !== undefined) {
        faults.integer(`${name}.resources.memoryMiB`, resources.memoryMiB, 1, 2 ** 30, "give MiB, such as 128");
        taken.memory = Number.isInteger(resources.memoryMiB) ? Math.max(0, resources.memoryMiB) : 0;
    }
    return taken;
}

function checkHealth(
    path: string,
    check: HealthCheck | undefined,
    ports: ContainerSetSpec["ports"],
    faults: Faults,
): void {
    const port = check?.http?.port ?? check?.tcp?.port;
    const kind = check?.http ? "http" : "tcp";
    if (check !== undefined && (check.http === undefined) === (check.tcp === undefined)) {
        faults.add(path, `must have one of http and tcp, got ${show(check)}`);
    }
    if (port !== undefined && !ports.some(({ container }) => container === port)) {
        faults.add(
            `${path}.${kind}.port`,
            `is not published: ${show(port)}; add { container: ${show(port)} } to ports, or probe one of ${show(ports.map((p) => p.container))}`,
        );
    } else if (check !== undefined && ports.length === 0) {
        faults.add(path, "has no port to probe; add one to ports");
    }
    const uri = check?.http?.path;
    if (uri !== undefined && !/^\/[A-Za-z0-9_.~!$&'()*+,;=:@/?%-]*$/.test(uri)) {
        faults.add(`${path}.http.path`, `is not the path of a URL: ${show(uri)}; give one such as "/"`);
    }
    const seconds = check?.timeoutSeconds;
    if (seconds !== undefined) {
        faults.integer(`${path}.timeoutSeconds`, seconds, 1, 86_400, "give seconds, such as 300");
    }
}
