import type { HypervisorSurvey } from "../hypervisor/survey";
import { commandLine } from "../shell";
import type { Finding, Used, Wanted } from "./wanted";

/** Networks, bridges and devices that are to be there already, and are not. */
export function missing(survey: HypervisorSurvey, { uses = [], connection }: Wanted): Finding[] {
    const { networks, host } = survey;
    // No machine is without one: then they could not be asked for.
    const devices = survey.devices.length > 0 ? survey.devices : undefined;
    return uses.flatMap(({ path, kind, name }): Finding[] => {
        if (kind === "network" ? networks.has(name) : (devices?.includes(name) ?? true)) {
            const asleep = kind === "network" && networks.get(name)?.active === false;
            const start = commandLine(["virsh", "--connect", connection.localUri, "net-start", name]);
            const what = `the network "${name}" on ${host} is not active`;
            return asleep ? [{ severity: "error", path, what, remedy: start }] : [];
        }
        const what = `there is no ${kind === "device" ? "network device" : kind} "${name}" on ${host}`;
        return [{ severity: "error", path, what, remedy: instead(kind, survey) }];
    });
}

function instead(kind: Used["kind"], { networks, devices }: HypervisorSurvey): string {
    const there =
        kind === "network" ? [...networks.keys()] : devices.filter((name) => !/^(lo$|vnet|tap|macvtap)/.test(name));
    const shown = there
        .sort()
        .slice(0, 8)
        .map((name) => `"${name}"`);
    if (shown.length === 0) {
        return "it has none; make one there first";
    }
    return `it has ${shown.join(", ")}${there.length > shown.length ? ` and ${there.length - shown.length} more` : ""}`;
}
