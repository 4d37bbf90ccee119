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
import { isBad, isSwarm, pictureAsked, type SwarmFile, swarmIn, swarmReports, tellSwarm } from "./swarmGraph";
import { swarmText } from "./swarmText";

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
    const swarms = swarmReports(facts.swarms ?? []);
    const report = facts.services.length > 0 || facts.swarms === undefined ? reportOf(facts) : undefined;
    const style = { paint: paintOf(io.colour), width: io.width, all: options.flags.has("all") };
    if (options.flags.has("json")) {
        const all = { ...report, ...(facts.swarms !== undefined && { swarms }) };
        io.out(`${JSON.stringify(all, null, 2)}\n`);
    } else if (report === undefined && pictureAsked(options) !== undefined) {
        throw new UsageError(
            "all sets of the stack are on a swarm, which has no one placement to draw; ask without a picture",
        );
    } else {
        const drawn = writePictures(options, facts, undefined, io);
        if (options.flags.has("mermaid")) io.out(mermaidGraph(facts, pictureOptions(options)));
        else if (!drawn) {
            const texts = Object.entries(swarms).map(
                ([name, of]) => `${style.paint.bold(name)}: ${swarmText(of, style)}`,
            );
            io.out([...(report === undefined ? [] : [graphText(facts, report, style)]), ...texts].join("\n"));
        }
    }
    const bad = [...(report === undefined ? [] : [report]), ...Object.values(swarms)].some(isBad);
    return bad || (facts.unplaced ?? []).length > 0 ? 1 : 0;
}

const reportOf = (facts: PlacementFacts) => toldWith(facts.source ?? "", () => analyse(facts));

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
