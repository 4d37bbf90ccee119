import type { Faults } from "../faults";
import type { HaproxyTimeouts } from "./haproxySpec";

/** Checks timeouts: none is without an end, and none is a fraction, which HAProxy would read otherwise. */
export function checkTimeouts(path: string, timeouts: HaproxyTimeouts, faults: Faults): void {
    for (const [name, seconds] of Object.entries(timeouts)) {
        if (seconds !== undefined) {
            faults.integer(`${path}.${name}`, seconds, 1, 2_000_000, "give whole seconds, such as 60");
        }
    }
}
