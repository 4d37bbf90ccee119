/**
 * The rules of a section in the order in which HAProxy looks at them, whoever wrote them first: it does so anyway, and warns of
 * a text that looks otherwise. Lines that are no rules come before.
 */
const PHASES: readonly RegExp[] = [
    /^tcp-request\s+connection\s/,
    /^tcp-request\s+session\s/,
    /^tcp-request\s/,
    /^monitor\s/,
    /^http-request\s/,
    /^redirect\s/,
    /^(use_backend|use-server)\s/,
];

/** What the text ends with. */
const LAST = /^(tcp-response|http-response|http-after-response|default_backend|server|server-template)\s/;

/** Lines of a section, each kind in the order given. */
export function orderLines(lines: readonly string[]): string[] {
    const phases = lines.map((line) => ({ line, phase: phaseOf(line) }));
    return phases.sort((a, b) => a.phase - b.phase).map(({ line }) => line);
}

function phaseOf(line: string): number {
    const phase = PHASES.findIndex((pattern) => pattern.test(line));
    return phase >= 0 ? phase + 1 : LAST.test(line) ? PHASES.length + 1 : 0;
}
