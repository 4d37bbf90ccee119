import type { HypervisorSurvey } from "../hypervisor/survey";
import { commandLine } from "../shell";
import type { Finding, Wanted } from "./wanted";

/** Machines that Pulumi has made and that are not there, or do not run. */
export function losses({ domains, host }: HypervisorSurvey, { vms, owned, connection }: Wanted): Finding[] {
    return vms
        .filter(({ name }) => owned.domains.has(name))
        .flatMap(({ name }): Finding[] => {
            const domain = domains.get(name);
            if (domain === undefined) {
                const what = `the machine "${name}" is in the stack's state, and not on ${host}`;
                return [
                    { severity: "error", path: name, what, remedy: "pulumi preview: it says what would make it anew" },
                ];
            }
            if (["running", "idle", "in shutdown"].includes(domain.state)) {
                return [];
            }
            const action = domain.state === "paused" ? "resume" : "start";
            return [
                {
                    severity: "warning",
                    path: name,
                    what: `the machine "${name}" is ${domain.state} on ${host}`,
                    remedy: commandLine(["virsh", "--connect", connection.localUri, action, name]),
                },
            ];
        });
}
