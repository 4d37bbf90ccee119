import type { StackValidationArgs } from "@pulumi/policy";
import * as pulumi from "@pulumi/pulumi";
import { askPreview } from "../cli/askPulumi";
import { UsageError } from "../cli/io";
import { faultLines } from "../cli/jsonFile";
import { readRulesFile } from "../cli/rulesFile";
import { FusionInputError } from "../inputError";
import { changesOf, type LastResource, type WantedResource } from "../review/deployment";
import { weigh } from "../review/judged";
import { rolling } from "../review/rolling";
import { judge, type ReviewRules, readRules, type SettledRules, type Stop } from "../review/rules";
import { summarisePreview } from "../review/summarisePreview";
import { lastResources, ownEnvironment } from "./lastResources";
import { plainValues } from "./plainValues";
import { leaveMark, takeMark } from "./previewMark";
import { projectFolder } from "./projectFolder";

/** Tells the policy pack of a preview within a deployment that it has nothing to judge. */
export const INNER = "FUSION_POLICY_INNER";

export interface DeploymentOptions {
    rules?: ReviewRules;
    folder?: string;
}

/** What a policy is told of a resource, whatever kind of policy it is. */
interface ToldResource {
    readonly urn: string;
    readonly type: string;
    readonly props: object;
    readonly opts: { readonly protect: boolean; readonly aliases: readonly string[]; readonly parent?: string };
    readonly provider?: { readonly name: string };
}

/**
 * The deployment that a process of a policy pack sees: what there is, read before anything is done, and what is wanted, as Pulumi tells
 * it resource by resource.
 */
export class JudgedDeployment {
    /** How many resources it has been told of. */
    size = 0;
    private readonly wanted = new Map<string, WantedResource>();
    private read: Promise<{ rules: SettledRules; last: readonly LastResource[] }> | undefined;
    private judged: Promise<readonly Stop[]> | undefined;
    private foreseen: Promise<readonly Stop[]> | undefined;

    constructor(private readonly options: DeploymentOptions) {}

    /** Remembers what is wanted. Nothing is done to the resource before this has come to its end. */
    async add({ urn, type, props, opts, provider }: ToldResource): Promise<void> {
        this.size += 1;
        if (!pulumi.runtime.isDryRun()) return;
        const state = {
            ...{ type, parent: opts.parent ?? "", protect: opts.protect, provider: provider?.name ?? "" },
            ...{ inputs: plainValues(props), outputs: {}, dependencies: {} },
        };
        this.wanted.set(urn, { urn, state, aliases: opts.aliases });
        // Reported by the policy, so that a deployment ends with words and not with a stack trace.
        await this.begin(urn).catch(() => {});
    }

    /** Why nothing can be judged; undefined where all can. */
    async fault(urn: string): Promise<string | undefined> {
        try {
            await (pulumi.runtime.isDryRun() ? this.begin(urn) : this.beforeUpdate(urn));
            return undefined;
        } catch (error) {
            return told(error);
        }
    }

    /**
     * What rules say of an update that is about to begin: nothing more where the preview before it was judged, and what a preview
     * finds that is run now where there was none.
     */
    beforeUpdate(urn: string): Promise<readonly Stop[]> {
        this.foreseen ??= this.foresee(urn);
        return this.foreseen;
    }

    /** What rules say at the end of a preview. @param resources all that there will be, as Pulumi tells it */
    atEnd(resources: StackValidationArgs["resources"]): Promise<readonly Stop[]> {
        this.judged ??= this.weigh(resources);
        return this.judged;
    }

    private begin(urn: string) {
        this.read ??= this.readFirst(urn);
        return this.read;
    }

    private async readFirst(urn: string) {
        const { stack, folder } = this.place(urn);
        const rules = await this.rules(folder);
        return { rules, last: await lastResources(stack, folder) };
    }

    private async rules(folder: string): Promise<SettledRules> {
        const { rules } = this.options;
        return readRules(rules ?? (await readRulesFile(undefined, { stdin: async () => new Uint8Array() }, folder)));
    }

    private async weigh(resources: StackValidationArgs["resources"]): Promise<readonly Stop[]> {
        const first = this.wanted.keys().next().value;
        // What is at fault has been reported at the beginning.
        if (first === undefined || (await this.fault(first)) !== undefined) return [];
        const { rules, last } = await this.begin(first);
        const wanted = [...withOutputs(this.wanted, resources), ...kept(this.wanted, resources, last)];
        const changes = changesOf({ last, wanted });
        const { judged } = weigh(changes, new Map(), (set) => rolling(changes, set));
        await leaveMark(stackOf(first).name);
        return judge(judged, rules);
    }

    private async foresee(urn: string): Promise<readonly Stop[]> {
        const { name, folder, stack } = this.place(urn);
        if (await takeMark(name)) return [];
        const rules = await this.rules(folder);
        const { value } = await askPreview(stack, { cwd: folder, env: { ...ownEnvironment(), [INNER]: "1" } });
        const { errors, stops } = summarisePreview(value, rules);
        if (errors.length > 0) throw new UsageError(`the preview of this update failed: ${errors.join("\n")}`);
        return stops;
    }

    private place(urn: string): { name: string; stack: string; folder: string } {
        const { stack, project, name } = stackOf(urn);
        const { folder = projectFolder(project, [process.cwd(), process.env.PWD ?? ""].filter(Boolean)) } =
            this.options;
        if (folder === undefined) {
            throw new UsageError(
                `the folder of the project ${project} is not found; put the policy pack's folder into it, or give it as folder to fusionPolicies`,
            );
        }
        return { name, stack, folder };
    }
}

/** Outputs that are read: no more is kept, since what is secret of them is not marked. */
const READ = ["id", "update"];

/** With what Pulumi tells of them at the end. */
function withOutputs(
    wanted: ReadonlyMap<string, WantedResource>,
    resources: StackValidationArgs["resources"],
): WantedResource[] {
    const told = new Map(resources.map(({ urn, props }) => [urn, props]));
    return [...wanted.values()].map((one) => {
        const outputs = told.get(one.urn);
        return outputs === undefined ? one : { ...one, state: { ...one.state, outputs: plainValues(outputs, READ) } };
    });
}

/** What stays although the program has it no longer: with --target. */
function kept(
    wanted: ReadonlyMap<string, WantedResource>,
    resources: StackValidationArgs["resources"],
    last: readonly LastResource[],
): WantedResource[] {
    const stays = new Set(resources.map(({ urn }) => urn));
    return last
        .filter(({ urn }) => stays.has(urn) && !wanted.has(urn))
        .map(({ urn, state }) => ({ urn, state, aliases: [] }));
}

/** What Pulumi calls the stack that a resource belongs to. */
function stackOf(urn: string): { project: string; stack: string; name: string } {
    const [, stack = "", project = ""] = /^urn:pulumi:([^:]+)::([^:]+)::/.exec(urn) ?? [];
    const organization = pulumi.getOrganization();
    // Without Pulumi's cloud there is one organization, which is not told.
    const owned = organization === "organization" ? stack : `${organization}/${project}/${stack}`;
    return { project, stack: owned, name: `${organization}/${project}/${stack}` };
}

function told(error: unknown): string {
    if (error instanceof FusionInputError) return faultLines("rules", error.errors);
    return error instanceof UsageError ? error.message : String(error);
}
