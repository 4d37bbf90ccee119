import { writeFileSync } from "node:fs";
import Mocha from "mocha";

/** Mocha's own report for people, and what came of it in the file that `FUSION_TEST_COUNTS` names. */
module.exports = class extends Mocha.reporters.Spec {
    constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
        super(runner, options);
        runner.once("end", () => {
            const { passes, failures, pending } = this.stats;
            const file = process.env.FUSION_TEST_COUNTS;
            if (file) {
                const failed = this.failures.map((test) => ({
                    title: test.titlePath().join(" › "),
                    error: test.err?.stack ?? test.err?.message ?? "no reason given",
                }));
                writeFileSync(file, JSON.stringify({ passes, failures, pending, failed }));
            }
        });
    }
};
