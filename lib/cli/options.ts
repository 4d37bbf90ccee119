import { parseArgs } from "node:util";
import { UsageError } from "./io";

/** What a command takes: flags, and options with a value, some of which only take certain words. */
export interface OptionSpec {
    readonly flags: readonly string[];
    /** Each with its choices; none means any text. */
    readonly values: Readonly<Record<string, readonly string[]>>;
    /** Options whose value may be left out; it is empty then. */
    readonly optional?: readonly string[];
}

/** What was given. */
export interface Options {
    readonly flags: ReadonlySet<string>;
    readonly values: ReadonlyMap<string, string>;
    readonly positionals: readonly string[];
}

/** @throws UsageError for what the command does not know, with what was probably meant */
export function parseOptions(command: string, argv: readonly string[], spec: OptionSpec): Options {
    const known = [...spec.flags, ...Object.keys(spec.values)];
    const options = Object.fromEntries([
        ...spec.flags.map((name) => [name, { type: "boolean" as const }]),
        ...Object.keys(spec.values).map((name) => [name, { type: "string" as const }]),
    ]);
    if (spec.flags.includes("help")) options.help = { type: "boolean", short: "h" };
    const args = withEmptyValues(argv, spec.optional ?? []);
    const { tokens } = parseArgs({ args, options, strict: false, allowPositionals: true, tokens: true });
    const flags = new Set<string>();
    const values = new Map<string, string>();
    const positionals: string[] = [];
    for (const token of tokens) {
        if (token.kind === "positional") positionals.push(token.value);
        if (token.kind !== "option") continue;
        const { name, rawName, value, inlineValue } = token;
        if (!known.includes(name)) throw new UsageError(unknown(command, rawName, known));
        if (flags.has(name) || values.has(name)) throw new UsageError(`${rawName} is given twice; give it once`);
        if (spec.flags.includes(name)) {
            if (value !== undefined) throw new UsageError(`${rawName} takes no value, got "${value}"`);
            flags.add(name);
            continue;
        }
        if (value === undefined || (!inlineValue && value.startsWith("--"))) {
            throw new UsageError(`${rawName} needs a value${choicesOf(spec.values[name] ?? [])}`);
        }
        const choices = spec.values[name] ?? [];
        if (choices.length > 0 && !choices.includes(value)) {
            throw new UsageError(
                `${rawName} must be one of ${choices.join(", ")}, got "${value}"${meant(value, choices, "")}`,
            );
        }
        values.set(name, value);
    }
    return { flags, values, positionals };
}

/** parseArgs knows no option whose value may be left out. */
function withEmptyValues(argv: readonly string[], optional: readonly string[]): string[] {
    return argv.map((arg, i) => {
        const next = argv[i + 1];
        const bare = optional.some((name) => arg === `--${name}`) && (next === undefined || next.startsWith("-"));
        return bare ? `${arg}=` : arg;
    });
}

const choicesOf = (choices: readonly string[]): string => (choices.length > 0 ? `: one of ${choices.join(", ")}` : "");

function unknown(command: string, given: string, known: readonly string[]): string {
    const name = given.replace(/^-+/, "");
    return `there is no option ${given}${meant(name, known, "--")}; "fusion ${command} --help" tells what there is`;
}

/** `; did you mean X?`, or nothing where nothing is near. */
export function meant(given: string, known: readonly string[], prefix: string): string {
    const near = known
        .map((name) => ({ name, distance: name.startsWith(given) && given !== "" ? 0.5 : editDistance(given, name) }))
        .filter(({ name, distance }) => distance <= Math.max(2, name.length / 3) && distance < name.length)
        .sort((a, b) => a.distance - b.distance)[0];
    return near === undefined ? "" : `; did you mean ${prefix}${near.name}?`;
}

/** Levenshtein's distance: the fewest letters to add, to leave out or to change. */
function editDistance(a: string, b: string): number {
    let row = Array.from({ length: b.length + 1 }, (_, i) => i);
    for (let i = 1; i <= a.length; i++) {
        const next = [i];
        for (let j = 1; j <= b.length; j++) {
            const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
            next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
        }
        row = next;
    }
    return row[b.length] ?? 0;
}
