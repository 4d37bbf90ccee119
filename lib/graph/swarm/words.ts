import { counted, listed } from "../tidy";
import type { Tasks } from "./readSwarm";
import type { SwarmSurvival } from "./types";

/**
 * `vm1 may run both of its replicas`, `vm1 and vm2 may run 4 of its 5 replicas and it needs 2`
 *
 * @param whose `its`, or `the` where another service is spoken of
 */
export function mayRunWords(
    { needs, fixed }: Tasks,
    lost: readonly string[],
    { there, running }: { readonly there: number; readonly running: number },
    whose: "its" | "the",
): string {
    const may = fixed ? (lost.length === 1 ? "runs" : "run") : "may run";
    const some = `${there} of ${whose} ${counted(running, "replica")}`;
    const all =
        there === 1
            ? `${whose} only replica`
            : there === 2
              ? `both of ${whose} replicas`
              : `all ${there} of ${whose} replicas`;
    return `${listed(lost, "and")} ${may} ${there < running ? some : all}${needs > 1 ? ` and it needs ${needs}` : ""}`;
}

/** `web has room for 1 of 2 replicas and needs 2` */
export function lacksRoomWords({ name, wanted, needs }: Tasks, running: number): string {
    const room = running < wanted ? `room for ${running} of ${counted(wanted, "replica")}` : counted(wanted, "replica");
    return `${name} has ${room} and needs ${needs}`;
}

/** The sentence of a service and a kind of domain. @param through the service that gives way, and what it runs */
export function survivalWords(
    { service, fewestLosses, stoppedByFewest }: Omit<SwarmSurvival, "sentence">,
    label: string,
    through: { readonly tasks: Tasks; readonly running: number; readonly there: number } | undefined,
): string {
    if (through === undefined || fewestLosses === undefined)
        return `${service} survives the loss of all ${label}s, wherever Swarm puts it`;
    const { tasks, running, there } = through;
    const itself = tasks.name === service;
    if (fewestLosses === 0) {
        const lacks = lacksRoomWords(tasks, running);
        return itself
            ? `${lacks}: it cannot serve`
            : `${service} cannot serve: it depends on ${tasks.name}, and ${lacks}`;
    }
    const what = mayRunWords(tasks, stoppedByFewest, { there, running }, itself ? "its" : "the");
    const why = itself ? what : `it depends on ${tasks.name}, of which ${what}`;
    const lost = `${label}${stoppedByFewest.length > 1 ? "s" : ""} ${listed(stoppedByFewest, "and")}`;
    if (fewestLosses === 1) return `in the worst placement losing ${lost} stops ${service}: ${why}`;
    const any = fewestLosses === 2 ? `any one ${label}` : `any ${fewestLosses - 1} ${label}s`;
    return `${service} survives the loss of ${any}, wherever Swarm puts it; losing ${listed(stoppedByFewest, "and")} may stop it`;
}
