import { FusionInputError } from "../inputError";
import { at, Faults, isObject, named, readWhole, shown } from "../placement/read";
import { adviceFor } from "./advice";
import { type DomainKind, type Incidence, readIncidence, type Service } from "./incidence";
import { type Own, ownOf } from "./survival";
import { counted, listed } from "./tidy";
import type { GraphInput, SurvivalCheck, SurvivalDemands, SurvivalViolation } from "./types";
import { Walk } from "./walk";

/** Demands are spelt as people say them; everything else is a label's own name. */
const LABELS: ReadonlyMap<string, string> = new Map([
    ["vms", "host"],
    ["zones", "zone"],
    ["hypervisors", "hypervisor"],
]);

/**
 * Tells whether a service survives the loss of any so many hosts, zones or other domains at once. Exact: no loss of so many
 * domains of the kind, whichever they are, leaves fewer replicas than the service `needs`, or than a service needs that it
 * depends on. Each demand is for its own: not a zone and a host of another zone together. A demand of 0 asks that the service
 * serves now. Domains in which no replica runs count too, so a demand for as many zones as there are never holds.
 *
 * @param input as for {@link analyse}; `services` give `needs` (1 without) and `dependsOn`
 * @param service one that `services` or the assignment names
 * @param demands e.g. `{ vms: 1, zones: 1 }`: whole numbers from 0
 * @throws FusionInputError with every wrong argument, those of the demands below `survives`: a label that a host lacks, for
 * example, as its loss could not be told
 */
export function checkSurvives(input: GraphInput, service: string, demands: SurvivalDemands): SurvivalCheck {
    const faults = new Faults();
    const asked = readDemands(demands, faults);
    const incidence = read(input, asked, faults);
    const number = incidence?.services.findIndex(({ name }) => name === service) ?? -1;
    if (incidence !== undefined && number < 0) {
        const there = named(incidence.services.map(({ name }) => name));
        faults.add("service", `there is no service ${shown(service)}; there is ${there}`);
    }
    if (incidence === undefined || faults.list.length > 0) throw new FusionInputError(faults.list);
    const closure = new Walk(incidence.services.map(({ dependsOn }) => dependsOn)).from(number);
    const needed = closure.flatMap((s) => incidence.services[s] ?? []);
    const violations = asked.flatMap(({ demand, label, wanted }) => {
        const kind = incidence.kinds.find((of) => of.label === label);
        return kind === undefined ? [] : (violation(demand, wanted, kind, service, needed) ?? []);
    });
    return { holds: violations.length === 0, violations };
}

/** One demand, e.g. `zones: 1`. */
export interface Demanded {
    readonly demand: string;
    readonly path: string;
    /** `zone`. */
    readonly label: string;
    readonly wanted: number;
}

/** The demands by key; paths are below `survives`. */
export function readDemands(demands: unknown, faults: Faults): Demanded[] {
    if (!isObject(demands)) {
        faults.add("survives", `must be an object, got ${shown(demands)}; give kinds and numbers, e.g. {"vms": 1}`);
        return [];
    }
    return Object.entries(demands)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([demand, value]) => {
            const path = at("survives", demand);
            const wanted = readWhole(value, path, 0, "give how many may be lost at once, e.g. 1", faults);
            return { demand, path, label: LABELS.get(demand) ?? demand, wanted };
        });
}

/** Adds what is wrong with the input to what is wrong with the demands. */
function read(
    input: GraphInput,
    labels: readonly { path: string; label: string }[],
    faults: Faults,
): Incidence | undefined {
    try {
        return readIncidence(input, labels);
    } catch (error) {
        if (!(error instanceof FusionInputError)) throw error;
        for (const { propertyPath, reason } of error.errors) faults.add(propertyPath, reason);
        return undefined;
    }
}

/** @param needed the service first, then all that it depends on */
function violation(
    demand: string,
    wanted: number,
    kind: DomainKind,
    service: string,
    needed: readonly Service[],
): SurvivalViolation | undefined {
    const weak = needed
        .map((of) => ({ of, own: ownOf(of, kind) }))
        .filter(({ own }) => own.weakest !== undefined && own.weakest.length <= wanted)
        .sort((a, b) => (a.own.weakest?.length ?? 0) - (b.own.weakest?.length ?? 0));
    const [worst] = weak;
    if (worst === undefined) return undefined;
    const lost = [...(worst.own.weakest ?? [])].sort((a, b) => a - b).map((domain) => kind.names[domain] ?? "");
    const advice = weak.map(({ of }) =>
        adviceFor({ ...of, replicas: of.hosts.length }, { label: kind.label, domains: kind.names.length }, wanted),
    );
    return {
        demand,
        label: kind.label,
        wanted,
        survives: lost.length - 1,
        stoppedBy: lost,
        reason: `${said(service, worst.of, worst.own, lost, kind.label)}; ${advice.slice(0, 3).join("; ")}`,
    };
}

/** `losing zone a stops web: all 2 replicas are there` */
function said(service: string, of: Service, own: Own, lost: readonly string[], label: string): string {
    const has = counted(own.replicas, "replica");
    const through = of.name === service ? "" : `it depends on ${of.name}, `;
    if (lost.length === 0) {
        const lacks = `has ${has} and needs ${of.needs}`;
        return through === "" ? `${service} ${lacks}` : `${service} does not serve: ${through}which ${lacks}`;
    }
    const there = (own.weakest ?? []).reduce((sum, domain) => sum + (own.counts[own.domains.indexOf(domain)] ?? 0), 0);
    const all = there === 1 ? `its only replica is` : there === 2 ? "both replicas are" : `all ${there} replicas are`;
    const most = there === own.replicas ? all : `${there} of its ${has} ${there === 1 ? "is" : "are"}`;
    const needs = of.needs === 1 ? "" : ` and it needs ${of.needs}`;
    const whose = through === "" ? most : `${through}of which ${most.replace("its ", "the ")}`;
    return `losing ${label}${lost.length > 1 ? "s" : ""} ${listed(lost, "and")} stops ${service}: ${whose} there${needs}`;
}
