import type { Review } from "../types";
import { fitted, type Section } from "./fit";
import { decisions, losses, placement, services } from "./mainSections";
import { environment, graph, guests, haproxy, messages, operations, unknowns } from "./moreSections";

/**
 * A review as Markdown for a comment in a pull request, always below 65,536 characters.
 *
 * @param options `pictureUrl`: where its graph is as a picture, which is linked then
 */
export function reviewMarkdown(review: Review, { pictureUrl = "" }: { pictureUrl?: string } = {}): string {
    const sections: Section[] = [
        decisions(review),
        ...losses(review),
        ...services(review),
        ...placement(review),
        ...haproxy(review),
        ...guests(review),
        ...environment(review),
        ...unknowns(review),
        ...graph(review, pictureUrl),
        ...messages(review),
        ...operations(review),
    ];
    return fitted(sections);
}
