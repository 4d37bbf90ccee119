import type { Bounds, SwarmDomainReport, SwarmReport, SwarmSurvival } from "../graph";
import { count } from "../pictures/scene";
import { findingLines } from "./graphText";
import { cut, plain, table } from "./paint";
import type { TextStyle } from "./placeText";

/** Of each table so much is shown without `--all`. */
const MOST = 25;

/** The report of `analyseSwarm` for people: findings first, then what losses cost. */
export function swarmText(report: SwarmReport, style: TextStyle): string {
    const sections = [
        headLines(report, style),
        ...(["bad", "warning", "good"] as const).map((severity) => findingLines(report.findings, severity, style)),
        ...report.domains.map((domain) => domainLines(domain, style)),
    ];
    return `${sections
        .filter((lines) => lines.length > 0)
        .map((lines) => lines.join("\n"))
        .join("\n\n")}\n`;
}

function headLines({ domains: [hosts], findings }: SwarmReport, { paint }: TextStyle): string[] {
    const bad = findings.filter(({ severity }) => severity === "bad").length;
    const what = count(hosts?.services.length ?? 0, "service");
    const told = bad === 0 ? "nothing that one host's loss stops" : count(bad, "thing") + " to mend";
    return [
        paint.bold(bad === 0 ? paint.good(`${what} on a swarm: ${told}`) : paint.bad(`${what} on a swarm: ${told}`)),
        paint.faint("the worst case over all placements that Swarm may choose"),
    ];
}

/** What the loss of domains of one kind would take: the most fragile services first. */
function domainLines({ label, names, services }: SwarmDomainReport, { paint, width, all }: TextStyle): string[] {
    const fewest = ({ fewestLosses }: SwarmSurvival): number => fewestLosses ?? Number.POSITIVE_INFINITY;
    const sorted = [...services].sort((a, b) => fewest(a) - fewest(b));
    const shown = all ? sorted : sorted.slice(0, MOST);
    const head = ["service", "replicas", "needs", "may lose", "run again", "survives", "stops when lost"];
    const rows = shown.map((of) => {
        const [one] = of.losses;
        const figures = [cut(plain(of.service), 24), String(of.replicas), String(of.needs)];
        const lost = [one === undefined ? "-" : String(one.lost), one === undefined ? "-" : range(one.restored)];
        if (of.fewestLosses === undefined) return [...figures, ...lost, "all", "-"];
        if (of.fewestLosses === 0)
            return [...figures, ...lost, paint.bad("stopped"), through(of, "has too little room")];
        const survives = of.fewestLosses === 1 ? paint.bad("none") : `any ${of.fewestLosses - 1}`;
        const few = of.stoppedByFewest.slice(0, 3).map(plain);
        const more = of.stoppedByFewest.length - few.length;
        const which = more > 0 ? `${few.join(", ")} and ${more} more` : few.join(" and ");
        return [...figures, ...lost, survives, cut(through(of, which), Math.max(20, width - 76))];
    });
    const rest = sorted.length - shown.length;
    return [
        paint.bold(`What the loss of a ${plain(label)} may cost (${plain(label)}: ${names.length})`),
        ...table([head.map(paint.faint), ...rows], [1, 2, 3, 4, 5]).map((line) => `  ${line}`),
        ...(rest > 0 ? [paint.faint(`  and ${count(rest, "service")} more; --all lists them`)] : []),
    ];
}

const range = ({ low, high }: Bounds): string => (low === high ? String(low) : `${low} to ${high}`);

const through = ({ service, through: by }: SwarmSurvival, what: string): string =>
    by === undefined || by === service ? what : `${what}, which stops ${plain(by)}`;
