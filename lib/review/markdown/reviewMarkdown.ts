import type { Review } from "../types";
import { fitted, type Section } from "./fit";
import { decisions, losses, placement, services } from "./mainSections";
import { environment, graph, guests, haproxy, messages, operations, unknowns } from "./moreSections";

/**
 * A review as Markdown for a comment in a pull request, always below 65,536 characters.
 *
 */
export function reviewMarkdown(review: Review): string {
    const sections: Section[] = [
        decisions(review),
        ...losses(review),
        ...services(review),
        ...placement(review),
        ...haproxy(review),
        ...guests(review),
        ...environment(review),
        ...unknowns(review),
        ...graph(review),
        ...messages(review),
        ...operations(review),
    ];
    return fitted(sections);
}
