import type { Bounds, DomainReport, GraphReport } from "../graph";
import { plain, wrapText } from "./paint";
import type { TextStyle } from "./placeText";

/** The figures of the spectra, each with what it means. */
export function spectralLines(report: GraphReport, { paint, width }: TextStyle): string[] {
    const lines = [
        ...report.domains.flatMap(domainFigures),
        ...report.dependencies.circles.map(
            (circle) =>
                `dependencies: ${circle.map(plain).join(", ")} depend on each other: none serves without the others`,
        ),
        ...report.dependencies.components.map(({ sentence, effectiveResistance, naturalConnectivity }) => {
            const figures = `effective resistance ${bounds(effectiveResistance)}, natural connectivity ${bounds(naturalConnectivity)}`;
            return `dependencies: ${plain(sentence)} ${paint.faint(`(${figures})`)}`;
        }),
        ...(report.affinity === undefined ? [] : [`affinity: ${plain(report.affinity.sentence)}`]),
    ];
    if (lines.length === 0) return [];
    return [paint.bold("How it hangs together"), ...lines.map((line) => `  ${wrapText(line, width - 2, "    ")}`)];
}

function domainFigures({ label, spectral, cells, concentration }: DomainReport): string[] {
    if (spectral === undefined) return [];
    const top = concentration.slice(0, 3).map(({ domain, weight }) => `${plain(domain)} ${Math.round(weight * 100)} %`);
    return [
        `${plain(label)}: ${plain(spectral.sentence)} (most hangs on ${top.join(", ")}${cells > 1 ? `; ${cells} groups share no service` : ""})`,
    ];
}

const figure = (value: number): string => String(Math.round(value * 100) / 100);

function bounds({ low, high }: Bounds): string {
    return figure(low) === figure(high) ? figure(low) : `${figure(low)} to ${figure(high)}`;
}
