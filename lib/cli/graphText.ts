import type { DomainReport, Finding, GraphReport, ServiceSurvival } from "../graph";
import { count } from "../pictures/scene";
import { cut, plain, table, wrapText } from "./paint";
import type { PlacementFacts } from "./placementFacts";
import type { TextStyle } from "./placeText";
import { unplacedLines } from "./reasons";
import { spectralLines } from "./spectralText";

/** Of what is good, and of each table, so much is shown without `--all`. */
const MOST = 25;

/** The report of `analyse` for people: findings first, then what losses cost, then the figures of the spectra. */
export function graphText(facts: PlacementFacts, report: GraphReport, style: TextStyle): string {
    const sections = [
        headLines(report, style),
        unplacedLines(facts.unplaced ?? [], style, new Set((facts.services ?? []).map(({ name }) => name))),
        ...(["bad", "warning", "good"] as const).map((severity) => findingLines(report.findings, severity, style)),
        ...report.domains.map((domain) => domainLines(domain, style)),
        spectralLines(report, style),
    ];
    return `${sections
        .filter((lines) => lines.length > 0)
        .map((lines) => lines.join("\n"))
        .join("\n\n")}\n`;
}

function headLines({ graph, domains, findings }: GraphReport, { paint }: TextStyle): string[] {
    const services = domains[0]?.services.length ?? 0;
    const bad = findings.filter(({ severity }) => severity === "bad").length;
    const head = `${count(graph.replicas.length, "replica")} of ${count(services, "service")} on ${count(graph.hosts.length, "host")}`;
    const told = bad === 0 ? "nothing that one host's loss stops" : count(bad, "thing") + " to mend";
    return [paint.bold(bad === 0 ? paint.good(`${head}: ${told}`) : paint.bad(`${head}: ${told}`))];
}

/** The findings of one severity, each with what to change. */
export function findingLines(
    findings: readonly Finding[],
    severity: Finding["severity"],
    { paint, width, all }: TextStyle,
): string[] {
    const mark = { bad: paint.bad("✗"), warning: paint.warning("!"), good: paint.good("✓") }[severity];
    const found = findings.filter((finding) => finding.severity === severity);
    const shown = all ? found : found.slice(0, MOST);
    const rest = found.length - shown.length;
    return [
        ...shown.flatMap(({ sentence, advice }) => [
            `${mark} ${wrapText(plain(sentence), width - 2, "  ")}`,
            ...(advice === undefined ? [] : [`  → ${wrapText(plain(advice), width - 4, "    ")}`]),
        ]),
        ...(rest > 0 ? [paint.faint(`  and ${rest} more; --all lists them`)] : []),
    ];
}

/** What the loss of domains of one kind would stop: the most fragile services and the worst losses first. */
function domainLines(report: DomainReport, style: TextStyle): string[] {
    const { paint, width, all } = style;
    const losses = (survival: ServiceSurvival): number => survival.fewestLosses ?? Number.POSITIVE_INFINITY;
    const sorted = [...report.services].sort((a, b) => losses(a) - losses(b));
    const shown = all ? sorted : sorted.slice(0, MOST);
    const rows = shown.map((survival) => survivalRow(survival, style));
    const worst = [...report.losses].filter(({ stopped }) => stopped > 0).sort((a, b) => b.stopped - a.stopped);
    const rest = sorted.length - shown.length;
    return [
        paint.bold(
            `What the loss of a ${plain(report.label)} would cost (${plain(report.label)}: ${report.names.length})`,
        ),
        ...table(
            [["service", "replicas", "needs", "survives", "stops when lost"].map(paint.faint), ...rows],
            [1, 2, 3],
        ).map((line) => `  ${line}`),
        ...(rest > 0 ? [paint.faint(`  and ${count(rest, "service")} more; --all lists them`)] : []),
        ...worst
            .slice(0, all ? worst.length : 5)
            .map(({ sentence }) => `  ${wrapText(plain(sentence), width - 2, "    ")}`),
    ];
}

function survivalRow(survival: ServiceSurvival, { paint, width }: TextStyle): string[] {
    const { service, replicas, needs, fewestLosses, stoppedByFewest, through } = survival;
    const name = cut(plain(service), 24);
    const figures = [name, String(replicas), String(needs)];
    if (fewestLosses === undefined) return [...figures, "all", "-"];
    if (fewestLosses === 0) return [...figures, paint.bad("stopped"), because(survival)];
    const survives = fewestLosses === 1 ? paint.bad("none") : `any ${fewestLosses - 1}`;
    const few = stoppedByFewest.slice(0, 3).map(plain);
    const more = stoppedByFewest.length - few.length;
    const names = more > 0 ? `${few.join(", ")} and ${more} more` : few.join(" and ");
    const told = through === undefined || through === service ? names : `${names}, which stops ${plain(through)}`;
    return [...figures, survives, cut(told, Math.max(20, width - 56))];
}

function because({ service, through }: ServiceSurvival): string {
    return through === undefined || through === service ? "has too few replicas" : `${plain(through)} does not serve`;
}
