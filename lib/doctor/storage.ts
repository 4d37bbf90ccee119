import type { HypervisorSurvey } from "../hypervisor/survey";
import { commandLine } from "../shell";
import type { Finding, Wanted } from "./wanted";

/** Whether the pool's directory can be written, and its images be opened by QEMU. */
export function storage(survey: HypervisorSurvey, { name, pool, connection }: Wanted): Finding[] {
    const { storage: found, user, host, qemuUser } = survey;
    if (pool === undefined) {
        return [];
    }
    const path = `${name}.pool.path`;
    if (found.blockedBy !== undefined) {
        const what = `"${found.blockedBy}" on ${host} is no directory`;
        return [{ severity: "error", path, what, remedy: "give a directory's path; it is made where it is not there" }];
    }
    const findings: Finding[] = [];
    if (!found.writable) {
        const where = found.exists
            ? `"${pool.path}" is`
            : `"${pool.path}" is not there yet, and the directory above is`;
        findings.push({
            severity: "error",
            path,
            what: `${where} not writable for ${user} on ${host} (${found.owner})`,
            remedy: `${commandLine(["sudo", "install", "--directory", "--mode=711", `--owner=${user}`, pool.path])}; or log in as root`,
        });
    }
    if (found.closedTo !== undefined && qemuUser !== undefined) {
        findings.push({
            severity: "error",
            path,
            what: `QEMU runs as ${qemuUser} on ${host}, who may not pass "${found.closedTo}" on the way to "${pool.path}"`,
            remedy: commandLine(["setfacl", "--modify", `user:${qemuUser}:x`, found.closedTo]),
        });
    }
    findings.push(...appArmor(survey, path, pool.path, connection.session));
    return findings;
}

/** libvirt's helper that writes a machine's AppArmor profile may not read hidden folders of homes. */
function appArmor(survey: HypervisorSurvey, path: string, pool: string, session: boolean): Finding[] {
    const confined = survey.securityModels.includes("apparmor");
    if (confined && !session && /^\/(home\/[^/]+|root)\/(\.|bin\/)/.test(`${pool}/`)) {
        return [
            {
                severity: "error",
                path,
                what: `AppArmor on ${survey.host} keeps libvirt from images in hidden folders of homes: "${pool}"`,
                remedy: 'give another directory: pool: { path: "/var/lib/libvirt/images/rack" }',
            },
        ];
    }
    if (survey.apparmor && !confined && !session && survey.root) {
        return [
            {
                severity: "info",
                path: path.replace(/\.pool\.path$/, ""),
                what: `the kernel of ${survey.host} has AppArmor, and libvirt does not confine machines with it`,
                remedy: 'apt-get install apparmor, security_driver = "apparmor" in /etc/libvirt/qemu.conf, systemctl restart libvirtd',
            },
        ];
    }
    return [];
}
