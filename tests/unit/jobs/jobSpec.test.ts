import assert from "node:assert/strict";
import type { FusionJobArgs } from "../../../lib/jobs/FusionJob";
import { jobSpec } from "../../../lib/jobs/jobSpec";
import { assertFault, faultsOf, type WrongCase } from "../../support/faults";

const hosts = ["h1", "h2"].map((name) => ({ name, address: "10.0.0.1", capacity: {}, labels: { zone: name } }));
const args = (more: object): FusionJobArgs => ({ hosts: [], image: "shop:1", ...more });

describe("the arguments of a job", () => {
    const wrong: readonly WrongCase<object>[] = [
        ["a time limit of 0", { timeoutSeconds: 0 }, "job.timeoutSeconds", /from 1 to 604800, got 0; give seconds/],
        [
            "a time limit in words",
            { timeoutSeconds: "1h" },
            "job.timeoutSeconds",
            /got "1h"; give seconds, such as 600/,
        ],
        [
            "an empty schedule",
            { schedule: "" },
            "job.schedule",
            /no calendar expression: ""; give systemd's OnCalendar/,
        ],
        ["a schedule of two lines", { schedule: "daily\nUser=x" }, "job.schedule", /"daily\\nUser=x"; give/],
        ["a specifier of systemd", { schedule: "%h" }, "job.schedule", /no calendar expression: "%h"/],
        ["a name that is no variable", { env: { "A B": "1" } }, "job.env", /no name for a variable: "A B"/],
        ["a relative file", { files: { "etc/a": "" } }, "job.files", /no plain absolute path: "etc\/a"/],
        ["a file's mode", { files: { "/a": { content: "", mode: "rw" } } }, 'job.files["/a"].mode', /octal mode: "rw"/],
        ["no memory", { resources: { memoryMiB: 0 } }, "job.resources.memoryMiB", /got 0; give MiB/],
        [
            "a limit below the plan",
            { resources: { cpus: 2, limits: { cpus: 1 } } },
            "job.resources.limits.cpus",
            /1 and 2/,
        ],
        [
            "a rule that is a set's alone",
            { placement: { spreadOver: "zone" } },
            "job.placement.spreadOver",
            /what can be given is affinity, antiAffinity/,
        ],
        [
            "a host that is none of its own",
            { placement: { require: { host: ["h3"] } } },
            "job.placement.require.host[0]",
            /"h3" is none of/,
        ],
        ["a placement that is a text", { placement: "h1" }, "job.placement", /must be an object, got "h1"/],
    ];
    for (const [title, given, path, says] of wrong) {
        it(`are refused with ${title}`, () =>
            assertFault(path, says, (faults) => jobSpec("job", args(given), hosts, faults)));
    }

    it("are refused without a host, and with a name that Docker would not take", () => {
        assertFault("job.hosts", /is empty/, (faults) => jobSpec("job", args({}), [], faults));
        assertFault("a b", /is a name that/, (faults) => jobSpec("a b", args({}), hosts, faults));
    });

    it("may say all that there is", () => {
        const all = {
            ...{ command: ["migrate"], env: { A: "1" }, files: { "/a": { content: "x", mode: "0400" } } },
            ...{ resources: { cpus: 0.5, memoryMiB: 64, limits: { cpus: 1, memoryMiB: 128 } }, timeoutSeconds: 60 },
            placement: { objective: "binpack", require: { zone: ["h2"] }, antiAffinity: { with: ["web"] } },
        };
        for (const schedule of ["daily", "*-*-* 03:00:00", "Mon..Fri 02:30 Europe/Berlin", "*-02~01", "*:0/15"]) {
            assert.deepEqual(
                faultsOf((faults) => {
                    const { set, ...rest } = jobSpec("job", args({ ...all, schedule }), hosts, faults);
                    assert.deepEqual(rest, { timeoutSeconds: 60, schedule });
                    assert.deepEqual(set.replicaNames, ["job-0"]);
                    assert.deepEqual(set.service.demand, { cpu: 500, memory: 64 });
                    assert.equal(set.objective, "binpack");
                }),
                [],
            );
        }
    });
});
