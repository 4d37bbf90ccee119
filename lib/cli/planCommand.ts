import { isRecord } from "../isRecord";
import { mermaidGraph } from "../pictures";
import { count } from "../pictures/scene";
import { planCapacity } from "../placement/capacity/planCapacity";
import { countReplicas, machinesOf, readSizes } from "../placement/capacity/readSizes";
import type { CapacityPlan, CapacityProblem } from "../placement/capacity/types";
import { Faults } from "../placement/read";
import { inputOf, toldWith } from "./graphSource";
import { type CliIo, UsageError } from "./io";
import { readJsonFile, strictly } from "./jsonFile";
import type { OptionSpec, Options } from "./options";
import { paintOf, plain, wrapText } from "./paint";
import { PICTURES, pictureOptions, writePictures } from "./pictureFiles";
import { overridden } from "./placeCommand";
import type { PlacementFacts } from "./placementFacts";
import { placeText, type TextStyle } from "./placeText";

export const planOptions: OptionSpec = {
    flags: ["json", "mermaid", "all", "help"],
    values: {
        svg: [],
        picture: PICTURES,
        "group-by": [],
        effort: ["fast", "good", "prove"],
        objective: ["spread", "binpack", "balance", "fewest-hosts"],
    },
};

/** `fusion plan-capacity FILE`: which machines to add. @returns the exit code: 1 when some replicas fit on none */
export async function planCommand(options: Options, io: CliIo): Promise<number> {
    const [file, ...more] = options.positionals;
    if (file === undefined) {
        throw new UsageError(
            "give the file of a problem with sizes: fusion plan-capacity FILE, or - for standard input",
        );
    }
    if (more.length > 0)
        throw new UsageError(`plan-capacity takes one file, got ${more.length + 1}; call it once for each`);
    const read = await readJsonFile(file, io);
    const given = inputOf(read.name, strictly(read), ["traffic", "domains"]);
    if (!mayBeProblem(given)) throw new UsageError(`${read.name}: is no placement problem; give services and sizes`);
    const problem: CapacityProblem = { ...given, ...overridden(options) };
    const plan = toldWith(read.name, () => planCapacity(problem));
    const facts = factsOfPlan(problem, plan);
    const known = Object.keys(problem.previous ?? {}).length > 0;
    const drawn = writePictures(options, facts, known ? plan.placement.moved : undefined, io);
    if (options.flags.has("mermaid")) io.out(mermaidGraph(facts, pictureOptions(options)));
    else if (options.flags.has("json")) io.out(`${JSON.stringify(plan, null, 2)}\n`);
    else if (!drawn) {
        const groupBy = options.values.get("group-by");
        const style = { paint: paintOf(io.colour), width: io.width, all: options.flags.has("all"), groupBy };
        io.out(planText(facts, problem, plan, style));
    }
    return plan.placement.unplaced.length > 0 ? 1 : 0;
}

/** Whether `planCapacity` can be asked: it checks everything in the object itself. */
const mayBeProblem = (value: unknown): value is CapacityProblem => isRecord(value);

/** The hosts that are there and those to add, with what runs on them. */
function factsOfPlan(problem: CapacityProblem, { add, placement }: CapacityPlan): PlacementFacts {
    const sizes = readSizes(problem, countReplicas(problem), new Faults());
    const counts = sizes.map(({ name }) => add.find(({ size }) => size === name)?.count ?? 0);
    const hosts = problem.hosts ?? [];
    const { services, previous } = problem;
    const assignment = placement.assignment;
    const all = [...hosts, ...machinesOf(sizes, counts, hosts)];
    return { services, hosts: all, assignment, ...(previous !== undefined && { previous }) };
}

function planText(facts: PlacementFacts, problem: CapacityProblem, plan: CapacityPlan, style: TextStyle): string {
    const head = wrapText(planSentence(plan), style.width, "  ");
    const body = placeText(facts, problem.objective ?? "spread", plan.placement, style);
    return `${style.paint.bold(head)}\n\n${body}`;
}

/** What to add, what it costs, and how good that is. */
export function planSentence({ add, cost, lowerBound, gap, proven, placement }: CapacityPlan): string {
    const machines = add.map(({ size, count: number }) => `${number} of ${plain(size)}`).join(", ");
    const what = add.length === 0 ? "add nothing" : `add ${machines}: cost ${cost}`;
    const left = placement.unplaced.length;
    if (left > 0) return `${what} (${count(left, "replica")} ${left === 1 ? "fits" : "fit"} on none of the sizes)`;
    if (proven) return `${what} (proven: nothing cheaper does)`;
    return `${what} (nothing below ${lowerBound} does, so ${gap} at most could be saved)`;
}
