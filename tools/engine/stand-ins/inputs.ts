import { equal, hasUnknown, reveal, type Value, type Values } from "./values";

const LOGGING = ["none", "stdout", "stderr", "stdoutAndStderr"];

type Check = (value: Value) => string | undefined;
const is =
    (what: string, test: (value: Value) => boolean): Check =>
    (value) =>
        test(value) ? undefined : `expected ${what}`;

const string = is("a string", (value) => typeof value === "string");
const absent: Check = () => "not known to the stand-in for the command plugin; the released plugin has it";
const strings = (value: Value): boolean => Array.isArray(value) && value.every((item) => typeof item === "string");

const PROPERTIES: Record<string, Check> = {
    create: string,
    update: string,
    delete: string,
    stdin: string,
    dir: string,
    triggers: is("an array", Array.isArray),
    interpreter: is("an array of strings", strings),
    environment: is(
        "a map of strings",
        (value) =>
            typeof value === "object" && value !== null && !Array.isArray(value) && strings(Object.values(value)),
    ),
    addPreviousOutputInEnv: is("a boolean", (value) => typeof value === "boolean"),
    logging: is(`one of ${LOGGING.join(", ")}`, (value) => LOGGING.includes(String(value))),
    assetPaths: absent,
    archivePaths: absent,
};

/** What is wrong with one input. */
export interface Failure {
    property: string;
    reason: string;
}

/** Fills in the defaults of the released plugin and says what is wrong. */
export function checkInputs(inputs: Values): { inputs: Values; failures: Failure[] } {
    const failures = Object.entries(inputs).flatMap(([property, value]) => {
        const check = PROPERTIES[property] ?? (() => "no such input");
        const reason = value === null || hasUnknown(value) ? undefined : check(reveal(value));
        return reason === undefined ? [] : [{ property, reason }];
    });
    return { inputs: { addPreviousOutputInEnv: true, ...inputs }, failures };
}

export interface Change {
    property: string;
    kind: "add" | "delete" | "update";
    replace: boolean;
}

/** The inputs that changed. Triggers replace the resource; everything else runs `update`, or `create` again. */
export function diffInputs(olds: Values, news: Values, ignore: readonly string[]): Change[] {
    return [...new Set([...Object.keys(olds), ...Object.keys(news)])]
        .filter((property) => !ignore.includes(property) && !equal(olds[property], news[property]))
        .map((property) => ({
            property,
            kind: property in olds ? (property in news ? "update" : "delete") : "add",
            replace: property === "triggers",
        }));
}
