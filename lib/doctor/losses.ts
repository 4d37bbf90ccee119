import type { HypervisorSurvey } from "../hypervisor/survey";
import type { Finding, Wanted } from "./wanted";

/** Machines that Pulumi has made and that are not there, or do not run. */
export function losses({ domains, host }: HypervisorSurvey, { vms, owned }: Wanted): Finding[] {
    return vms
        .filter(({ name }) => owned.domains.has(name))
        .flatMap(({ name }): Finding[] => {
            const domain = domains.get(name);
            if (domain === undefined) {
                const what = `the machine "${name}" is in the stack's state, and not on ${host}`;
                return [{ severity: "error", path: name, what, remedy: "pulumi up, which puts it back over its disk" }];
            }
            if (["running", "idle", "in shutdown"].includes(domain.state)) {
                return [];
            }
            return [
                {
                    severity: "warning",
                    path: name,
                    what: `the machine "${name}" is ${domain.state} on ${host}`,
                    remedy: "pulumi up, which starts it again and waits until it is ready",
                },
            ];
        });
}
