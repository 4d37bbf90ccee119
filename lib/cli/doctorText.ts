import type { Finding } from "../doctor/wanted";
import type { HypervisorSurvey } from "../hypervisor/survey";
import { count } from "../pictures/scene";
import type { Diagnosis } from "./doctorCommand";
import { type Paint, plain, wrapText } from "./paint";

interface Style {
    paint: Paint;
    width: number;
}

/** The diagnoses for people: of each hypervisor what it is like, then what is to be mended, worst first. */
export function doctorText(diagnoses: readonly Diagnosis[], style: Style): string {
    return `${diagnoses.map((one) => hypervisorLines(one, style).join("\n")).join("\n\n")}\n`;
}

function hypervisorLines({ wanted, survey, kvm, findings }: Diagnosis, style: Style): string[] {
    const { paint, width } = style;
    const bad = findings.filter(({ severity }) => severity !== "info").length;
    const verdict = bad === 0 ? paint.good("nothing to mend") : paint.bad(`${count(bad, "thing")} to mend`);
    const facts = survey.reachable ? factLines(survey, kvm?.works) : [];
    return [
        `${paint.bold(plain(wanted.name))} ${paint.faint(plain(wanted.connection.uri))}: ${verdict}`,
        ...facts.map((line) => `  ${wrapText(plain(line), width - 2, "    ")}`),
        ...findings.flatMap((finding) => findingLines(finding, style)),
    ];
}

function findingLines({ severity, path, what, remedy }: Finding, { paint, width }: Style): string[] {
    const mark = { error: paint.bad("✗"), warning: paint.warning("!"), info: paint.faint("i") }[severity];
    return [
        `${mark} ${wrapText(plain(`${path}: ${what}`), width - 2, "  ")}`,
        // Not broken into lines, so that a command can be copied.
        `  → ${plain(remedy)}`,
    ];
}

function factLines(survey: HypervisorSurvey, kvm: boolean | undefined): string[] {
    const { storage, memoryMiB, domains, programs } = survey;
    const running = [...domains.values()].filter(({ state }) => state === "running" || state === "idle").length;
    const version = (title: string, text: string | undefined) =>
        text === undefined ? [] : [`${title} ${text}`.trim()];
    const gib = (mebibytes: number) => (mebibytes / 1024).toFixed(1);
    return [
        [
            `${survey.host}:`,
            [
                ...version("libvirt", survey.libvirt),
                ...version("QEMU", survey.qemu),
                kvm === true ? "guests start under KVM" : "no guest starts under KVM",
            ].join(", "),
        ].join(" "),
        `${count(survey.cpus, "processor")}, memory ${gib(memoryMiB.available)} of ${gib(memoryMiB.total)} GiB available, ${Math.floor(storage.freeGiB)} GiB free in ${storage.path}`,
        [
            `${count(domains.size, "machine")}${domains.size > 0 ? `, ${running} running` : ""}`,
            count(survey.networks.size, "network"),
            count(survey.pools.size, "pool"),
            ...version("HAProxy", programs.get("haproxy")),
            ...version("Docker", programs.get("docker")),
        ].join(", "),
    ];
}
