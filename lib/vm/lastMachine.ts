import type * as pulumi from "@pulumi/pulumi";
import type { HypervisorSpec } from "../hypervisor/hypervisorSpec";
import { surveyor } from "../hypervisor/survey";
import { lastOutputs, urnOf } from "../lastState";
import { type MachineFacts, readFacts } from "./machineFacts";
import type { MachineSight } from "./machineMemory";

/** What the machine is made of, as it was last made with success; undefined where it is new, or was never completed. */
export async function lastFacts(vm: pulumi.ComponentResource, name: string): Promise<MachineFacts | undefined> {
    const ready = await lastOutputs(urnOf(vm, { type: "command:local:Command", name }));
    return readFacts(ready?.stdin);
}

/** libvirt's words for a domain that does what it should, or is about to end by its own. */
const RUNNING = ["running", "idle", "in shutdown", "no state"];

/**
 * What is left of a machine that Pulumi knows, by a look at its hypervisor. Its command tells that it was made: a refresh takes
 * what is gone out of the state, the domain and the disk, and leaves that.
 */
export async function lookAtMachine(
    vm: pulumi.ComponentResource,
    name: string,
    hypervisor: HypervisorSpec,
): Promise<MachineSight> {
    const [domain, disk, ready] = await Promise.all(
        ["libvirt:index/domain:Domain", "libvirt:index/volume:Volume", "command:local:Command"].map((type) =>
            lastOutputs(urnOf(vm, { type, name })),
        ),
    );
    const known = domain !== undefined || ready !== undefined;
    const survey = known ? await surveyor.survey(hypervisor) : undefined;
    // A machine that moves is still on the hypervisor that it leaves.
    const moves = (readFacts(ready?.stdin)?.hypervisor ?? hypervisor.name) !== hypervisor.name;
    if (survey?.reachable !== true || moves) {
        return { known, domain: "not seen", diskGone: false };
    }
    // What the state has no longer is made anew, whatever stands there under its name.
    const state = domain === undefined ? undefined : survey.domains.get(name)?.state;
    const { files } = survey.storage;
    const seen = disk !== undefined && (files === undefined || files.includes(String(disk.name)));
    return {
        known,
        domain: state === undefined ? "gone" : RUNNING.includes(state) ? "running" : "stopped",
        diskGone: !seen,
    };
}
