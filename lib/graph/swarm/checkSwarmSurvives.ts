import { FusionInputError } from "../../inputError";
import { Faults, named, shown } from "../../placement/read";
import { readDemands } from "../checkSurvives";
import type { DomainKind } from "../incidence";
import { listed } from "../tidy";
import type { SurvivalDemands } from "../types";
import { Walk } from "../walk";
import { aboutSpread, swarmAdvice } from "./advice";
import { namedPlacement } from "./analyseSwarm";
import { readSwarm, type Swarm, type Tasks } from "./readSwarm";
import type { SwarmProblem, SwarmSurvivalCheck, SwarmViolation } from "./types";
import { lacksRoomWords, mayRunWords } from "./words";
import { type Exposure, exposureOf, mostLost, worstPlacement } from "./worstLoss";

/**
 * Tells whether a service survives the loss of any so many hosts, zones or other domains at once wherever Swarm has put its replicas,
 * and before it puts them anywhere else. Exact: where it does not hold, there is a placement that the constraints allow, and a loss that
 * leaves fewer replicas than the service `needs`, or than a service needs that it depends on. Each demand is for its own: not a zone
 * and a host of another zone together. A demand of 0 asks that the service can serve at all.
 *
 * @param service one of the problem's
 * @param demands e.g. `{ vms: 1, zones: 1 }`: whole numbers from 0
 * @throws FusionInputError with every wrong argument, those of the demands below `survives`
 */
export function checkSwarmSurvives(
    problem: SwarmProblem,
    service: string,
    demands: SurvivalDemands,
): SwarmSurvivalCheck {
    const faults = new Faults();
    const asked = readDemands(demands, faults);
    const swarm = read(problem, asked, faults);
    const number = swarm?.services.findIndex(({ name }) => name === service) ?? -1;
    if (swarm !== undefined && number < 0) {
        const there = named(swarm.services.map(({ name }) => name));
        faults.add("service", `there is no service ${shown(service)}; there is ${there}`);
    }
    if (swarm === undefined || faults.list.length > 0) throw new FusionInputError(faults.list);
    const closure = new Walk(swarm.services.map(({ dependsOn }) => dependsOn)).from(number);
    const needed = closure.flatMap((s) => swarm.services[s] ?? []);
    const violations = asked.flatMap(({ demand, label, wanted }) => {
        const kind = swarm.kinds.find((of) => of.label === label);
        const found = kind === undefined ? undefined : violation(swarm, kind, wanted, service, needed);
        return found === undefined ? [] : [{ demand, ...found }];
    });
    return { holds: violations.length === 0, violations };
}

/** Adds what is wrong with the problem to what is wrong with the demands. */
function read(
    problem: SwarmProblem,
    labels: readonly { path: string; label: string }[],
    faults: Faults,
): Swarm | undefined {
    try {
        return readSwarm(problem, labels);
    } catch (error) {
        if (!(error instanceof FusionInputError)) throw error;
        for (const { propertyPath, reason } of error.errors) faults.add(propertyPath, reason);
        return undefined;
    }
}

/** @param needed the service first, then all that it depends on */
function violation(
    swarm: Swarm,
    kind: DomainKind,
    wanted: number,
    service: string,
    needed: readonly Tasks[],
): Omit<SwarmViolation, "demand"> | undefined {
    const weak = needed
        .map((tasks) => ({ tasks, exposure: exposureOf(tasks, kind) }))
        .filter(({ exposure }) => exposure.weakest !== undefined && exposure.weakest.length <= wanted)
        .sort((a, b) => (a.exposure.weakest?.length ?? 0) - (b.exposure.weakest?.length ?? 0));
    const [worst] = weak;
    if (worst === undefined) return undefined;
    const { tasks, exposure } = worst;
    const lost = [...(exposure.weakest ?? [])].sort((a, b) => a - b);
    const names = lost.map((domain) => kind.names[domain] ?? "");
    const advice = weak.map((of) => `${swarmAdvice(of.tasks, kind, wanted)}${aboutSpread(of.tasks, kind)}`);
    return {
        label: kind.label,
        wanted,
        survives: lost.length - 1,
        stoppedBy: names,
        placement: namedPlacement(swarm, worstPlacement(tasks, kind, exposure.running, lost)),
        reason: `${said(service, tasks, exposure, names, kind.label)}; ${advice.slice(0, 3).join("; ")}`,
    };
}

/** `losing host vm1 may stop web: vm1 may run both of its replicas` */
function said(service: string, tasks: Tasks, exposure: Exposure, lost: readonly string[], label: string): string {
    const through = tasks.name === service ? "" : `it depends on ${tasks.name}, `;
    if (lost.length === 0) {
        const lacks = lacksRoomWords(tasks, exposure.running);
        return through === "" ? lacks : `${service} cannot serve: ${through}and ${lacks}`;
    }
    const there = mostLost(exposure, lost.length);
    const what = mayRunWords(tasks, lost, { there, running: exposure.running }, through === "" ? "its" : "the");
    const whose = through === "" ? what : `${through}of which ${what}`;
    return `losing ${label}${lost.length > 1 ? "s" : ""} ${listed(lost, "and")} may stop ${service}: ${whose}`;
}
