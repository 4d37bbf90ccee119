import { analyse } from "../graph";
import { mermaidGraph } from "../pictures";
import { readFacts, toldWith } from "./graphSource";
import { graphText } from "./graphText";
import { type CliIo, UsageError } from "./io";
import { readJsonFile } from "./jsonFile";
import type { OptionSpec, Options } from "./options";
import { paintOf } from "./paint";
import { PICTURES, pictureOptions, writePictures } from "./pictureFiles";
import type { PlacementFacts } from "./placementFacts";
import { exportState, readState } from "./stackState";
import { isSwarm, type SwarmFile, swarmIn, tellSwarm } from "./swarmGraph";

export const graphOptions: OptionSpec = {
    flags: ["json", "mermaid", "all", "help"],
    values: {
        svg: [],
        picture: PICTURES.filter((name) => name !== "moves"),
        "group-by": [],
        state: [],
        stack: [],
    },
    optional: ["stack"],
};

/** `fusion graph`: tells what a loss would cost. @returns the exit code: 1 when there are bad findings */
export async function graphCommand(options: Options, io: CliIo): Promise<number> {
    const facts = await factsAsked(options, io);
    if (isSwarm(facts)) return tellSwarm(facts, options, io);
    const report = toldWith(facts.source ?? "", () => analyse(facts));
    const drawn = writePictures(options, facts, undefined, io);
    if (options.flags.has("mermaid")) io.out(mermaidGraph(facts, pictureOptions(options)));
    else if (options.flags.has("json")) io.out(`${JSON.stringify(report, null, 2)}\n`);
    else if (!drawn) {
        const style = { paint: paintOf(io.colour), width: io.width, all: options.flags.has("all") };
        io.out(graphText(facts, report, style));
    }
    const bad = report.findings.some(({ severity }) => severity === "bad");
    return bad || (facts.unplaced ?? []).length > 0 ? 1 : 0;
}

async function factsAsked({ positionals, values }: Options, io: CliIo): Promise<PlacementFacts | SwarmFile> {
    const [file] = positionals;
    const [state, stack] = [values.get("state"), values.get("stack")];
    const given = [...positionals, state, stack].filter((source) => source !== undefined).length;
    if (given > 1) throw new UsageError(`graph takes one of FILE, --state and --stack, got ${given}; give one of them`);
    if (file !== undefined) {
        const read = await readJsonFile(file, io);
        return swarmIn(read) ?? readFacts(read);
    }
    return state !== undefined ? readState(state, io) : exportState(stack ?? "");
}
