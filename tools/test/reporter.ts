import { writeFileSync } from "node:fs";
import Mocha from "mocha";

/** Mocha's own report for people, and the counts in the file that `FUSION_TEST_COUNTS` names. */
module.exports = class extends Mocha.reporters.Spec {
    constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
        super(runner, options);
        runner.once("end", () => {
            const { passes, failures, pending } = this.stats;
            const file = process.env.FUSION_TEST_COUNTS;
            if (file) {
                writeFileSync(file, JSON.stringify({ passes, failures, pending }));
            }
        });
    }
};
