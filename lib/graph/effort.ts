import { FusionInputError } from "../inputError";

/** Steps along dependencies: about five seconds. */
const MOST_STEPS = 400_000_000;
/** Entries of the lists of what stops each service: about a gigabyte. */
const MOST_ENTRIES = 20_000_000;

/** What following dependencies may cost. It grows with the square of the services in a chain, and so may the answer. */
export class Effort {
    private steps = 0;
    private entries = 0;

    constructor(
        private readonly services: number,
        private readonly mostSteps = MOST_STEPS,
        private readonly mostEntries = MOST_ENTRIES,
    ) {}

    /** @throws FusionInputError where all steps so far are too many */
    step(steps: number): void {
        this.steps += steps;
        if (this.steps > this.mostSteps) this.refuse(`more than ${this.mostSteps} steps along dependencies`);
    }

    /** @throws FusionInputError where all entries so far are too many */
    list(entries: number): void {
        this.entries += entries;
        if (this.entries > this.mostEntries) this.refuse(`more than ${this.mostEntries} losses to list`);
    }

    private refuse(what: string): never {
        const reason = `the ${this.services} services depend on too many others, directly or not: ${what}; shorten the chains of dependsOn, or analyse parts that do not depend on each other by themselves`;
        throw new FusionInputError([{ propertyPath: "services", reason }]);
    }
}
