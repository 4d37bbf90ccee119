import { parsePrinted } from "../lib/cli/jsonFile";
import { reviewMarkdown } from "../lib/review/markdown/reviewMarkdown";
import { summarisePreview } from "../lib/review/summarisePreview";
import { manySteps } from "../tests/support/previews";
import { type Benchmark, median, rounded, timed } from "./figure";

/** Reviews of a preview of 1,000 containers, all of them replaced: from its text to Markdown. */
export const review: Benchmark = () => {
    const size = { sets: 10, replicas: 100, hosts: 50 };
    const text = JSON.stringify(manySteps(size), null, 4);
    const { result, ms } = timed(5, () => reviewMarkdown(summarisePreview(parsePrinted("preview", text).value)));
    return [
        {
            bench: "review.containers-1000",
            value: rounded(median(ms)),
            unit: "ms",
            ...size,
            megabytes: rounded(text.length / 1e6, 1),
            characters: result.length,
            runs: ms.map((one) => rounded(one)),
        },
    ];
};
