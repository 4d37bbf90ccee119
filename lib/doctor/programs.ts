import type { HypervisorSurvey } from "../hypervisor/survey";
import type { Finding, Wanted } from "./wanted";

/** Versions that are older than these are not tested, and lack what is used of them. */
const OLDEST = { libvirt: "8.0", qemu: "6.0", haproxy: "2.6", docker: "20.10" };
type Versioned = keyof typeof OLDEST;

const PACKAGES: Readonly<Record<Versioned, { title: string; packages: string }>> = {
    libvirt: { title: "libvirt", packages: "libvirt-daemon-system libvirt-clients" },
    qemu: { title: "QEMU", packages: "qemu-system-x86 qemu-utils" },
    haproxy: { title: "HAProxy", packages: "haproxy" },
    docker: { title: "Docker", packages: "docker.io" },
};

/** Programs on the hypervisor that are missing or too old. */
export function programs(survey: HypervisorSurvey, wanted: Wanted): Finding[] {
    const { name, balancers } = wanted;
    const { libvirt, qemu } = survey;
    const has = (program: string) => survey.programs.has(program);
    const found: Finding[] = [];
    const missing = (path: string, what: string, packages: string, severity: Finding["severity"] = "error") =>
        found.push({ severity, path, what: `${what} on ${survey.host}`, remedy: `apt-get install ${packages}` });
    if (libvirt !== undefined && qemu === undefined) {
        missing(name, "libvirt has no QEMU to run machines with", PACKAGES.qemu.packages);
    }
    if (!has("qemu-img")) {
        missing(name, "qemu-img is missing", "qemu-utils");
    }
    if (!["xorriso", "genisoimage", "mkisofs"].some(has)) {
        missing(name, "no program writes ISO images, which machines are configured by,", "xorriso");
    }
    if (!has("curl") && !has("wget")) {
        missing(name, "neither curl nor wget is there to fetch images by URL", "curl", "warning");
    }
    for (const balancer of balancers) {
        for (const program of ["haproxy", "socat"].filter((one) => !has(one))) {
            missing(`${balancer}.host`, `${program} is missing`, program);
        }
    }
    found.push(
        ...old(survey, name, "libvirt", libvirt),
        ...old(survey, name, "qemu", qemu),
        ...balancers.flatMap((balancer) => old(survey, `${balancer}.host`, "haproxy", survey.programs.get("haproxy"))),
        ...old(survey, name, "docker", survey.programs.get("docker")),
    );
    return found;
}

function old({ host }: HypervisorSurvey, path: string, program: Versioned, version: string | undefined): Finding[] {
    const oldest = OLDEST[program];
    if (version === undefined || version === "" || !isOlder(version, oldest)) {
        return [];
    }
    const { title, packages } = PACKAGES[program];
    const what = `${title} is ${version} on ${host}; ${oldest} is the oldest that is supported`;
    return [{ severity: "warning", path, what, remedy: `apt-get install --only-upgrade ${packages}` }];
}

/** Compares versions number by number. */
export function isOlder(version: string, than: string): boolean {
    const [a, b] = [version, than].map((text) => text.split(".").map((part) => Number.parseInt(part, 10) || 0));
    const different = (b ?? []).findIndex((part, i) => part !== (a?.[i] ?? 0));
    return different >= 0 && (a?.[different] ?? 0) < (b?.[different] ?? 0);
}
