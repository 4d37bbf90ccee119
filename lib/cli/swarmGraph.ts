import { analyseSwarm, type SwarmProblem, type SwarmReport } from "../graph";
import { isRecord } from "../isRecord";
import { toldWith } from "./graphSource";
import { type CliIo, UsageError } from "./io";
import { type JsonFile, strictly } from "./jsonFile";
import type { Options } from "./options";
import { paintOf } from "./paint";
import { swarmText } from "./swarmText";

/** A swarm that was read from a file, or from a stack's state: what Swarm may choose from. */
export interface SwarmFile {
    readonly source: string;
    /** In a stack. */
    readonly name?: string;
    readonly swarm: SwarmProblem;
}

export const isSwarm = (facts: object): facts is SwarmFile => "swarm" in facts;

/** The swarm in a file; undefined where it is something else. */
export function swarmIn(read: JsonFile): SwarmFile | undefined {
    if (!isRecord(read.value) || read.value.nodes === undefined || read.value.hosts !== undefined) return undefined;
    const swarm = strictly(read);
    return mayBeSwarm(swarm) ? { source: read.name, swarm } : undefined;
}

/** Whether `analyseSwarm` can be asked: it checks everything in the object itself. */
const mayBeSwarm = (value: unknown): value is SwarmProblem => isRecord(value);

/** Tells what a loss would cost in the worst case. @returns the exit code: 1 when there are bad findings */
export function tellSwarm({ source, swarm }: SwarmFile, options: Options, io: CliIo): number {
    const picture = pictureAsked(options);
    if (picture !== undefined)
        throw new UsageError(`--${picture}: a swarm has no one placement to draw; leave it out, or give a placement`);
    const report = reportOf({ source, swarm });
    const style = { paint: paintOf(io.colour), width: io.width, all: options.flags.has("all") };
    io.out(options.flags.has("json") ? `${JSON.stringify(report, null, 2)}\n` : swarmText(report, style));
    return isBad(report) ? 1 : 0;
}

const reportOf = ({ source, swarm }: SwarmFile): SwarmReport => toldWith(source, () => analyseSwarm(swarm));

/** The option by which a picture is asked for; undefined where none is. */
export const pictureAsked = ({ flags, values }: Options): string | undefined =>
    flags.has("mermaid") ? "mermaid" : ["svg", "picture", "group-by"].find((name) => values.has(name));

/** The reports of a stack's swarms by their names. */
export const swarmReports = (swarms: readonly SwarmFile[]): Record<string, SwarmReport> =>
    Object.fromEntries(swarms.map((one) => [one.name ?? one.source, reportOf(one)]));

export const isBad = ({ findings }: Pick<SwarmReport, "findings">): boolean =>
    findings.some(({ severity }) => severity === "bad");
