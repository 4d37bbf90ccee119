import {
    type EnforcementLevel,
    type Policies,
    type ResourceValidationPolicy,
    type StackValidationPolicy,
    validateResourceOfType,
} from "@pulumi/policy";
import * as pulumi from "@pulumi/pulumi";
import type { ReviewRules, Stop } from "../review/rules";
import { INNER, JudgedDeployment } from "./JudgedDeployment";

/** Options of {@link fusionPolicies}. */
export interface FusionPolicyOptions {
    /** The rules. @default those of `fusion-review.json`, `.yaml` or `.yml` in the project's folder, as `fusion review` has them */
    rules?: ReviewRules;
    /** The folder of the Pulumi project. @default the one that the policy pack or the current folder is in */
    folder?: string;
    /** What a broken rule does; Pulumi's configuration of policy packs may say it for each rule. @default "mandatory" */
    enforcementLevel?: Exclude<EnforcementLevel, "remediate">;
}

const DESCRIPTIONS: Readonly<Record<Stop["rule"], string>> = {
    deleteData: "Data disks and volumes are not deleted.",
    leastServing: "Enough replicas of each service serve during the change.",
    mostMachinesReplaced: "Few machines are made anew or removed at once.",
    lowerSurvival: "Each service survives the loss of as many hosts as before.",
    emptyBackend: "Each backend of a balancer has a server.",
    publicListener: "A balancer gets no listener that can be reached from outside.",
    mostLoadPercent: "No host is taken too much.",
};

/** The stack itself: the first resource that Pulumi tells of, before anything is done. */
class Root extends pulumi.ComponentResource {
    static readonly __pulumiType = "pulumi:pulumi:Stack";
}

/**
 * The rules of `fusion review` as policies of a Pulumi policy pack, one a rule and called like it, so that `pulumi up` refuses what a
 * review refuses, with the same words, before anything has changed.
 *
 * @example new PolicyPack("shop", { policies: fusionPolicies() })
 */
export function fusionPolicies(options: FusionPolicyOptions = {}): Policies {
    const { enforcementLevel = "mandatory", ...more } = options;
    const deployment = new JudgedDeployment(more);
    const rules = Object.entries(DESCRIPTIONS).map(([name, description]) =>
        rulePolicy(deployment, { name, description, enforcementLevel }),
    );
    return process.env[INNER] === undefined ? [collector(deployment), ...rules] : [];
}

/**
 * Looks at all resources. As a remedy, which it never has, for such a policy is told what is secret; the level is the one at which Pulumi
 * asks for remedies, and counts as mandatory for what it reports.
 */
function collector(deployment: JudgedDeployment): ResourceValidationPolicy {
    return {
        name: "fusion",
        description: "What there is and what is wanted are known.",
        enforcementLevel: "remediate",
        remediateResource: (resource) => deployment.add(resource),
        validateResource: validateResourceOfType(Root, async (_, { urn }, report) => {
            const fault = await deployment.fault(urn);
            if (fault !== undefined) report(fault);
        }),
    };
}

function rulePolicy(
    deployment: JudgedDeployment,
    head: { name: string; description: string; enforcementLevel: EnforcementLevel },
): ResourceValidationPolicy & StackValidationPolicy {
    const tell = (stops: readonly Stop[], report: (message: string) => void) => {
        for (const { rule, what, remedy } of stops) if (rule === head.name) report(`${what}; ${remedy}`);
    };
    const isBlind = (report: (message: string) => void): boolean => {
        if (deployment.size > 0) return false;
        report('nothing is known of the deployment; leave the level of the policy "fusion" at "remediate"');
        return true;
    };
    return {
        ...head,
        validateResource: validateResourceOfType(Root, async (_, { urn }, report) => {
            if (pulumi.runtime.isDryRun() || isBlind(report)) return;
            // What keeps it from being judged is reported once, by the other policy.
            tell(await deployment.beforeUpdate(urn).catch(() => []), report);
        }),
        validateStack: async ({ resources }, report) => {
            if (!pulumi.runtime.isDryRun() || isBlind(report)) return;
            tell(await deployment.atEnd(resources), report);
        },
    };
}
