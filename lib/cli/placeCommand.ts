import { isRecord } from "../isRecord";
import { mermaidGraph } from "../pictures";
import { explain, type PlacementAnswer, type PlacementProblem } from "../placement";
import { explainText } from "./explainText";
import { placed, problemOf, toldWith } from "./graphSource";
import { type CliIo, UsageError } from "./io";
import { readJsonFile, strictly } from "./jsonFile";
import type { OptionSpec, Options } from "./options";
import { paintOf } from "./paint";
import { PICTURES, pictureOptions, writePictures } from "./pictureFiles";
import { placeText } from "./placeText";

export const placeOptions: OptionSpec = {
    flags: ["json", "mermaid", "all", "help"],
    values: {
        svg: [],
        picture: PICTURES,
        "group-by": [],
        effort: ["fast", "good", "prove"],
        objective: ["spread", "binpack", "balance", "fewest-hosts"],
        previous: [],
        explain: [],
    },
};

/** `fusion place FILE`: decides where replicas run. @returns the exit code: 1 when some fit nowhere */
export async function placeCommand(options: Options, io: CliIo): Promise<number> {
    const [file, ...more] = options.positionals;
    if (file === undefined)
        throw new UsageError("give the file of a problem: fusion place FILE, or - for standard input");
    if (more.length > 0) throw new UsageError(`place takes one file, got ${more.length + 1}; call it once for each`);
    const previous = options.values.get("previous");
    if (file === "-" && previous === "-")
        throw new UsageError("standard input can be read once; give one of the two as a file");
    const read = await readJsonFile(file, io);
    const given = problemOf(read.name, strictly(read));
    const problem: PlacementProblem = {
        ...given,
        ...overridden(options),
        ...(previous !== undefined && { previous: await readPrevious(previous, io) }),
    };
    const answer = placed(read.name, problem);
    const replica = options.values.get("explain");
    if (replica !== undefined) {
        explainReplica(replica, read.name, problem, answer, options, io);
        return answer.unplaced.length > 0 ? 1 : 0;
    }
    const facts = { ...problem, assignment: answer.assignment };
    const known = Object.keys(problem.previous ?? {}).length > 0;
    const drawn = writePictures(options, facts, known ? answer.moved : undefined, io);
    if (options.flags.has("mermaid")) io.out(mermaidGraph(facts, pictureOptions(options)));
    else if (options.flags.has("json")) io.out(`${JSON.stringify(answer, null, 2)}\n`);
    else if (!drawn) {
        const style = { paint: paintOf(io.colour), width: io.width, all: options.flags.has("all") };
        const groupBy = options.values.get("group-by");
        io.out(placeText(facts, problem.objective ?? "spread", answer, { ...style, groupBy }));
    }
    return answer.unplaced.length > 0 ? 1 : 0;
}

/** Tells of one replica alone. @throws UsageError where there is none of that name */
function explainReplica(
    replica: string,
    name: string,
    problem: PlacementProblem,
    answer: PlacementAnswer,
    options: Options,
    io: CliIo,
): void {
    if (options.flags.has("mermaid") || options.values.has("svg")) {
        throw new UsageError("--explain tells of one replica in words, or with --json; call it without pictures");
    }
    const told = toldWith(name, () => explain(problem, answer, replica));
    const style = { paint: paintOf(io.colour), width: io.width, all: options.flags.has("all") };
    io.out(
        options.flags.has("json")
            ? `${JSON.stringify({ replica, ...told }, null, 2)}\n`
            : explainText(replica, told, style),
    );
}

/** What the command line says instead of the file. */
export function overridden({ values }: Options): Pick<PlacementProblem, "effort" | "objective"> {
    const [effort, objective] = [values.get("effort"), values.get("objective")];
    return {
        ...((effort === "fast" || effort === "good" || effort === "prove") && { effort }),
        ...((objective === "spread" ||
            objective === "binpack" ||
            objective === "balance" ||
            objective === "fewest-hosts") && { objective }),
    };
}

/** Where replicas ran: an answer of `place`, or the table of replicas and hosts itself. */
async function readPrevious(file: string, io: CliIo): Promise<Record<string, string>> {
    const read = await readJsonFile(file, io);
    const value = strictly(read);
    const table = isRecord(value) && isRecord(value.assignment) ? value.assignment : value;
    const entries = isRecord(table) ? Object.entries(table) : [];
    const texts = entries.filter((entry): entry is [string, string] => typeof entry[1] === "string");
    if (!isRecord(table) || texts.length < entries.length) {
        throw new UsageError(
            `${read.name}: is no answer of place; give one with its assignment, e.g. { "assignment": { "web-0": "vm1" } }`,
        );
    }
    return Object.fromEntries(texts);
}
