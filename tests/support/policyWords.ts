import type { Stop } from "../../lib";

/** The policy pack as it is delivered, and as a project finds it. */
export const pack = ["--policy-pack", "node_modules/pulumi-fusion/policy"];

/** The words of the rules that a policy pack refuses, sorted, as Pulumi shows them to people. */
export function wordsOfPack(text: string): string[] {
    const lines = text.split("\n").flatMap((line) => {
        const [, words] = /^ {10}(.+; .+)$/.exec(line) ?? [];
        return words === undefined ? [] : [words];
    });
    return lines.sort();
}

/** The same of a review. */
export const wordsOfReview = (stops: readonly Stop[]): string[] =>
    stops.map(({ what, remedy }) => `${what}; ${remedy}`).sort();
