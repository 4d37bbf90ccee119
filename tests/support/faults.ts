import assert from "node:assert/strict";
import { Faults } from "../../lib/faults";
import { FusionInputError } from "../../lib/inputError";

/** One wrong argument: what is done with it, the path that must be named, and what must be said. */
export type WrongCase<T> = readonly [title: string, argument: T, path: string, says: RegExp];

/** Checks that a case gives exactly one fault, at its path, with the value and a remedy. */
export function assertFault(path: string, says: RegExp, run: (faults: Faults) => void): void {
    const faults = new Faults();
    run(faults);
    const found = faults.size === 0 ? [] : faults.error().errors;
    assert.deepEqual(
        found.map(({ propertyPath }) => propertyPath),
        [path],
    );
    assert.match(found[0]?.reason ?? "", says);
}

/** What a check says, as `path: reason` lines. */
export function faultsOf(run: (faults: Faults) => void): string[] {
    const faults = new Faults();
    run(faults);
    return faults.size === 0 ? [] : faults.error().message.split("\n");
}

/** What a pure function refuses, as `path: reason` lines in the order in which they were found; none where it answers. */
export function faultsOfCall(call: () => unknown): string[] {
    try {
        call();
    } catch (error) {
        if (!(error instanceof FusionInputError)) throw error;
        return error.errors.map(({ propertyPath, reason }) => `${propertyPath}: ${reason}`);
    }
    return [];
}
