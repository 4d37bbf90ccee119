import { findings } from "../doctor/findings";
import { losses } from "../doctor/losses";
import type { Finding, Wanted } from "../doctor/wanted";
import { type KvmAnswer, kvm } from "../hypervisor/kvmScript";
import { type HypervisorSurvey, surveyor, type Unreachable } from "../hypervisor/survey";
import { askState } from "./askPulumi";
import { deployedHypervisors } from "./doctorState";
import { doctorText } from "./doctorText";
import { byOption, wantedByOptions } from "./doctorUri";
import { type CliIo, UsageError } from "./io";
import { readJsonFile } from "./jsonFile";
import type { OptionSpec, Options } from "./options";
import { paintOf } from "./paint";

export const doctorOptions: OptionSpec = {
    flags: ["json", "help"],
    values: { stack: [], state: [], uri: [], pool: [], cidr: [], memory: [], disk: [] },
    optional: ["stack"],
};

/** What was found out about one hypervisor. */
export interface Diagnosis {
    wanted: Wanted;
    survey: HypervisorSurvey | Unreachable;
    /** Whether a guest has started under KVM; undefined where none was tried. */
    kvm: KvmAnswer;
    findings: Finding[];
}

/** `fusion doctor`: looks at hypervisors. @returns the exit code: 1 when there is an error or a warning */
export async function doctorCommand(options: Options, io: CliIo): Promise<number> {
    const wanted = await hypervisorsAsked(options, io);
    const diagnoses = await Promise.all(wanted.map(diagnose));
    if (options.values.has("uri")) {
        for (const diagnosis of diagnoses) {
            diagnosis.findings = diagnosis.findings.map(byOption);
        }
    }
    if (options.flags.has("json")) {
        io.out(`${JSON.stringify({ hypervisors: diagnoses.map(asJson) }, null, 2)}\n`);
    } else {
        io.out(doctorText(diagnoses, { paint: paintOf(io.colour), width: io.width }));
    }
    return diagnoses.some((one) => one.findings.some(({ severity }) => severity !== "info")) ? 1 : 0;
}

async function hypervisorsAsked({ positionals, values }: Options, io: CliIo): Promise<Wanted[]> {
    const [uri, state, stack] = [values.get("uri"), values.get("state"), values.get("stack")];
    if (positionals.length > 0) {
        throw new UsageError(`doctor takes no FILE, got ${positionals.join(" ")}; give --state FILE, or --uri URI`);
    }
    const given = [uri, state, stack].filter((source) => source !== undefined).length;
    if (given > 1) {
        throw new UsageError(`doctor takes one of --uri, --state and --stack, got ${given}; give one of them`);
    }
    if (uri !== undefined) {
        return [wantedByOptions(uri, values)];
    }
    const lost = ["pool", "cidr", "memory", "disk"].find((name) => values.has(name));
    if (lost !== undefined) {
        throw new UsageError(`--${lost} belongs to --uri; give the hypervisor: --uri qemu:///system`);
    }
    return deployedHypervisors(state !== undefined ? await readJsonFile(state, io) : await askState(stack ?? ""));
}

async function diagnose(wanted: Wanted): Promise<Diagnosis> {
    const { connection, pool } = wanted;
    const survey = await surveyor.survey({ connection, pool: pool ?? { path: "/" } }, true);
    if (!survey.reachable) {
        const { reason, hint } = survey;
        const what = `"${connection.uri}" cannot be reached: ${reason}`;
        const finding: Finding = { severity: "error", path: `${wanted.name}.uri`, what, remedy: hint };
        return { wanted, survey, kvm: undefined, findings: [finding] };
    }
    const works = survey.kvmDevice ? await kvm.try(connection) : undefined;
    return { wanted, survey, kvm: works, findings: [...losses(survey, wanted), ...findings(survey, wanted, works)] };
}

function asJson({ wanted, survey, kvm: works, findings: found }: Diagnosis) {
    const { name, connection } = wanted;
    // JSON has no maps.
    const facts = Object.entries(survey).map(([key, value]) => [
        key,
        value instanceof Map ? Object.fromEntries(value) : value,
    ]);
    return {
        name,
        uri: connection.uri,
        findings: found,
        ...(works !== undefined && { kvm: works }),
        survey: Object.fromEntries(facts),
    };
}
