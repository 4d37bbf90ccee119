/** Okabe and Ito 2008: told apart with any colour vision. Their yellow is darkened, so that it can be seen on white. */
const SERVICES = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9", "#a39a00", "#5b4b9a"];
/** Of services that have no colour of their own. */
export const OTHER = "#9aa3ad";

export const INK = "#1b2733";
export const FAINT = "#5a6876";
export const LINE = "#d5dce4";
export const PANEL = "#f5f7fa";
export const TRACK = "#e3e8ee";
export const PAPER = "#ffffff";
/** What is wrong: not placed, or more than there is. */
export const ALARM = "#b3261e";

/** A colour for each service; the largest get their own when there are too many. */
export function serviceColours(bySize: readonly string[]): Map<string, string> {
    const few = bySize.length <= SERVICES.length;
    return new Map(
        bySize.map((name, i) => [name, (few || i < SERVICES.length - 1 ? SERVICES[i] : undefined) ?? OTHER]),
    );
}

/** ColorBrewer's YlGnBu, sequential and safe for any colour vision: light is empty, dark is full. */
const HEAT = ["#ffffd9", "#edf8b1", "#c7e9b4", "#7fcdbb", "#41b6c4", "#1d91c0", "#225ea8", "#253494", "#081d58"];

/** The colour of a load, 0 for none and 1 for all that there is; more than that is an alarm. */
export function heat(share: number): string {
    return share > 1 ? ALARM : (HEAT[Math.min(HEAT.length - 1, Math.floor(share * HEAT.length))] ?? OTHER);
}

/** Dark or white, whichever has the higher contrast on a colour: by relative luminance, as WCAG 2 has it. */
export function inkOn(colour: string): string {
    const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
        const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
        return part <= 0.04 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.22 ? INK : PAPER;
}
