import type { OptionSpec } from "./options";

export const reviewOptions: OptionSpec = {
    flags: ["json", "help"],
    values: { stack: [], rules: [], comment: [], svg: [], "svg-url": [] },
    optional: ["stack", "comment"],
};
