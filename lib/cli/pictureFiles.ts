import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, extname, join } from "node:path";
import { drawGraph, drawLoad, drawMoves, type PictureMove, type PictureOptions } from "../pictures";
import { type CliIo, UsageError } from "./io";
import type { Options } from "./options";
import type { PlacementFacts } from "./placementFacts";

export const PICTURES = ["graph", "load", "moves"] as const;

/**
 * Writes what `--svg` asks for: to a file that ends in `.svg`, or to standard output, the picture that `--picture` names; into
 * a folder all of them.
 *
 * @param moved what moved; undefined where nothing is known of an earlier placement
 * @returns whether standard output has the picture, so that nothing else belongs there
 */
export function writePictures(
    options: Options,
    facts: PlacementFacts,
    moved: readonly PictureMove[] | undefined,
    io: CliIo,
): boolean {
    const target = options.values.get("svg");
    const asked = options.values.get("picture");
    if (target === undefined) {
        if (asked !== undefined)
            throw new UsageError("--picture needs --svg; give the file to write, or - for standard output");
        return false;
    }
    const style = pictureOptions(options);
    const draw: Record<string, () => string> = {
        graph: () => drawGraph(facts, style),
        load: () => drawLoad(facts, style),
        ...(moved !== undefined && { moves: () => drawMoves(facts, moved, style) }),
    };
    const one = draw[asked ?? "graph"];
    if (one === undefined) {
        throw new UsageError(
            "there are no moves to draw; give the placement before with previous in the problem, or with --previous",
        );
    }
    if (target === "-") {
        io.out(one());
        return true;
    }
    if (target.endsWith(".svg")) {
        writePicture(target, one(), io);
        return false;
    }
    if (asked !== undefined)
        throw new UsageError(`--picture needs a file that ends in .svg, got "${target}"; a folder gets all pictures`);
    refuseOtherKinds(target);
    for (const [name, text] of Object.entries(draw)) writePicture(join(target, `${name}.svg`), text(), io);
    return false;
}

/** A folder `x.png` is not what was meant. */
function refuseOtherKinds(target: string): void {
    const kind = extname(target);
    const isFolder = /[/\\]$/.test(target) || statSync(target, { throwIfNoEntry: false })?.isDirectory() === true;
    if (kind === "" || isFolder) return;
    throw new UsageError(
        `--svg writes SVG alone, got "${target}"; give a file that ends in .svg, or a folder, with / at its end`,
    );
}

/** What was asked of how to draw. */
export function pictureOptions({ values }: Options): PictureOptions {
    const groupBy = values.get("group-by");
    return groupBy === undefined ? {} : { groupBy };
}

/** Writes a picture and says so. @throws UsageError where that cannot be done */
export function writePicture(file: string, text: string, io: CliIo): void {
    try {
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, text);
    } catch (error) {
        const isFile = statSync(dirname(file), { throwIfNoEntry: false })?.isFile();
        const why = error instanceof Error ? error.message : String(error);
        throw new UsageError(
            isFile
                ? `${dirname(file)}: is a file; give a name that ends in .svg, or a folder`
                : `${file}: cannot be written: ${why}`,
        );
    }
    io.err(`wrote ${file}\n`);
}
