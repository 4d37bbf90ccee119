import { FusionInputError } from "../inputError";
import { reviewMarkdown } from "../review/markdown/reviewMarkdown";
import type { ReviewRules } from "../review/rules";
import { reviewPreview } from "../review/summarisePreview";
import { askPreview } from "./askPulumi";
import { type CliIo, UsageError } from "./io";
import { faultLines, type JsonFile, readPrintedFile } from "./jsonFile";
import type { Options } from "./options";
import { writePicture } from "./pictureFiles";
import { postComment } from "./postComment";
import { readRulesFile } from "./rulesFile";

const REMEDY = "give what `pulumi preview --json --show-sames` prints";

/** `fusion review`: tells what a preview does to the service. @returns the exit code: 1 when a rule says stop, or the preview failed */
export async function reviewCommand(options: Options, io: CliIo): Promise<number> {
    const preview = await previewAsked(options, io);
    const rules = await readRulesFile(options.values.get("rules"), io);
    const { review, picture } = reviewOf(preview, rules);
    const pictureUrl = pictureAsked(options, picture, io);
    const markdown = () => reviewMarkdown(review, { pictureUrl });
    const name = options.values.get("comment");
    if (name !== undefined) {
        if (!/^[\w./-]*$/.test(name))
            throw new UsageError(`--comment takes a name of letters, digits and ./_-, got "${name}"`);
        const onlyUpdate = review.unchanged;
        const told = await postComment(markdown(), { name: name || "default", onlyUpdate });
        io.err(`fusion: ${told}\n`);
    }
    io.out(options.flags.has("json") ? `${JSON.stringify(review, null, 2)}\n` : markdown());
    return review.stops.length > 0 || review.errors.length > 0 ? 1 : 0;
}

/** Writes the graph where that is asked for. @returns where it will be; "" where that is not told, or there is none */
function pictureAsked({ values }: Options, picture: () => string, io: CliIo): string {
    const [file, url = ""] = [values.get("svg"), values.get("svg-url")];
    if (url !== "" && (!/^https?:\/\/[^\s<>]+$/.test(url) || !URL.canParse(url))) {
        throw new UsageError(`--svg-url takes a URL of http or https, got "${url}"`);
    }
    if (file !== undefined && !file.endsWith(".svg"))
        throw new UsageError(`--svg takes a file that ends in .svg, got "${file}"`);
    const text = file === undefined && url === "" ? "" : picture();
    if (text === "") return "";
    if (file !== undefined) writePicture(file, text, io);
    return url;
}

async function previewAsked({ positionals, values }: Options, io: CliIo): Promise<JsonFile> {
    const stack = values.get("stack");
    const given = positionals.length + (stack === undefined ? 0 : 1);
    if (given > 1) throw new UsageError(`review takes one of FILE and --stack, got ${given}; give one of them`);
    if (stack !== undefined) return askPreview(stack);
    const [file = "-"] = positionals;
    try {
        return await readPrintedFile(file, io);
    } catch (error) {
        throw error instanceof UsageError ? new UsageError(explained(error.message)) : error;
    }
}

/** What is the matter with a text that is no JSON. */
function explained(message: string): string {
    if (message.includes(": is empty;")) return message.replace(/; .*/, `: the preview printed nothing; ${REMEDY}`);
    if (message.includes("has its end where") || message.includes("does not end on its line")) {
        return `${message}; the preview is cut off: run it again`;
    }
    return /:\d+:\d+: /.test(message) ? `${message}; ${REMEDY}, and nothing else` : message;
}

function reviewOf({ name, value }: JsonFile, rules: ReviewRules): ReturnType<typeof reviewPreview> {
    try {
        return reviewPreview(value, rules);
    } catch (error) {
        if (!(error instanceof FusionInputError)) throw error;
        throw new UsageError(faultLines(name, error.errors));
    }
}
