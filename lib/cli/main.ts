import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { isRecord } from "../isRecord";
import { doctorCommand, doctorOptions } from "./doctorCommand";
import { graphCommand, graphOptions } from "./graphCommand";
import { DOCTOR_HELP, GRAPH_HELP, HELP, PLACE_HELP, PLAN_HELP, REVIEW_HELP } from "./help";
import { type CliIo, UsageError } from "./io";
import { meant, type OptionSpec, type Options, parseOptions } from "./options";
import { placeCommand, placeOptions } from "./placeCommand";
import { planCommand, planOptions } from "./planCommand";
import { reviewOptions } from "./reviewOptions";

interface Command {
    readonly help: string;
    readonly spec: OptionSpec;
    readonly run: (options: Options, io: CliIo) => Promise<number>;
}

const COMMANDS: Readonly<Record<string, Command>> = {
    place: { help: PLACE_HELP, spec: placeOptions, run: placeCommand },
    "plan-capacity": { help: PLAN_HELP, spec: planOptions, run: planCommand },
    graph: { help: GRAPH_HELP, spec: graphOptions, run: graphCommand },
    review: { help: REVIEW_HELP, spec: reviewOptions, run: review },
    doctor: { help: DOCTOR_HELP, spec: doctorOptions, run: doctorCommand },
};

/** Loaded when it is asked for: it reads and writes YAML. */
function review(options: Options, io: CliIo): Promise<number> {
    const loaded: typeof import("./reviewCommand") = require("./reviewCommand");
    return loaded.reviewCommand(options, io);
}

/**
 * The command `fusion`.
 *
 * @param argv without the names of Node.js and the program
 * @returns the exit code: 0 good, 1 a finding, 2 wrong use or wrong input
 */
export async function main(argv: readonly string[], io: CliIo): Promise<number> {
    try {
        return await dispatch(argv, io);
    } catch (error) {
        if (!(error instanceof UsageError)) throw error;
        io.err(lines(error.message));
        return 2;
    }
}

const lines = (message: string): string =>
    message
        .split("\n")
        .map((line) => `fusion: ${line}\n`)
        .join("");

async function dispatch([name, ...rest]: readonly string[], io: CliIo): Promise<number> {
    if (name === undefined || name === "--help" || name === "-h" || name === "help") {
        const topic = name === "help" && rest[0] !== undefined ? COMMANDS[rest[0]] : undefined;
        io.out(topic === undefined ? HELP : topic.help);
        return name === undefined ? 2 : 0;
    }
    if (name === "--version" || name === "-v") {
        io.out(`${version()}\n`);
        return 0;
    }
    const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
    if (command === undefined) {
        const near = meant(name, Object.keys(COMMANDS), "");
        const what = name.startsWith("-") ? "option" : "command";
        throw new UsageError(`there is no ${what} ${name}${near}; "fusion --help" tells what there is`);
    }
    const options = parseOptions(name, rest, command.spec);
    if (options.flags.has("help")) {
        io.out(command.help);
        return 0;
    }
    const outputs = ["json", "mermaid"].filter((flag) => options.flags.has(flag)).map((flag) => `--${flag}`);
    if (options.values.get("svg") === "-") outputs.push("--svg -");
    if (outputs.length > 1)
        throw new UsageError(`${outputs.join(" and ")} cannot share standard output; give one of them`);
    return command.run(options, io);
}

/** The package's version; the file is at another height above the compiled code than above the source. */
function version(): string {
    for (let folder = __dirname; folder !== dirname(folder); folder = dirname(folder)) {
        try {
            const content: unknown = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
            if (isRecord(content) && content.name === "pulumi-fusion") return String(content.version);
        } catch {
            // None here: further up.
        }
    }
    return "unknown";
}
