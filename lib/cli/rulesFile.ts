import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse, YAMLParseError } from "yaml";
import { FusionInputError } from "../inputError";
import { type ReviewRules, readRules } from "../review/rules";
import { type CliIo, UsageError } from "./io";
import { faultLines, readJsonFile, strictly } from "./jsonFile";

/** Where rules are looked for in a folder. */
const NAMES = ["fusion-review.json", "fusion-review.yaml", "fusion-review.yml"];

/**
 * The rules of a review from a file, JSON or YAML; the defaults where there is none.
 *
 * @param folder where files are looked for; by default the current one
 * @throws UsageError with the file, and path, value and remedy of each wrong rule
 */
export async function readRulesFile(
    given: string | undefined,
    io: Pick<CliIo, "stdin">,
    folder = "",
): Promise<ReviewRules> {
    const file = given ?? NAMES.map((name) => join(folder, name)).find((name) => existsSync(name));
    if (file === undefined) return {};
    const value = /\.ya?ml$/.test(file) ? await readYaml(file) : strictly(await readJsonFile(file, io));
    try {
        return readRules(value);
    } catch (error) {
        if (!(error instanceof FusionInputError)) throw error;
        throw new UsageError(faultLines(file, error.errors));
    }
}

async function readYaml(file: string): Promise<unknown> {
    let text: string;
    try {
        text = await readFile(file, "utf8");
    } catch (error) {
        throw new UsageError(
            `${file}: cannot be read: ${error instanceof Error ? error.message : String(error)}; give the path of a YAML file`,
        );
    }
    try {
        return parse(text) ?? {};
    } catch (error) {
        if (!(error instanceof YAMLParseError)) throw error;
        throw new UsageError(
            `${file}: is no YAML: ${error.message.split("\n")[0]}; give names and values, e.g. leastServing: 2`,
        );
    }
}
