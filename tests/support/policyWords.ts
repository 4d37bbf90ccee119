import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ReviewRules, Stop } from "../../lib";

/** The policy pack as it is delivered, and as a project finds it. */
export const pack = ["--policy-pack", "node_modules/pulumi-fusion/policy"];

/** A policy pack of a project's own, with rules of its own. @returns Pulumi's arguments */
export function ownPack(project: string, rules: ReviewRules): string[] {
    const folder = join(project, "policy");
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "PulumiPolicy.yaml"), "runtime: nodejs\n");
    writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "policy", version: "1.0.0" }));
    const program = `import { PolicyPack } from "@pulumi/policy";
import { fusionPolicies } from "pulumi-fusion/policy";
new PolicyPack("own", { policies: fusionPolicies({ rules: ${JSON.stringify(rules)} }) });
`;
    writeFileSync(join(folder, "index.ts"), program);
    return ["--policy-pack", "policy"];
}

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
