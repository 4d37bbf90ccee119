import { setTimeout as pause } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";
import type { SshTarget } from "../ssh";
import { makeSshFolder } from "../sshFolder";
import { limitOf } from "./createGate";
import { type SeenService, serviceLook } from "./lookAtService";
import type { SwarmSetSpec } from "./serviceSpec";
import { type Brought, isSame } from "./turn";

/**
 * What the managers say of a service whose last deployment was not completed; in a deployment, once Swarm has ended what it is about,
 * so that it has a version that serves to go back to. Where it has stopped an update half way it goes back first: then the ports of the
 * failed version are free for the next. Of others nobody is asked.
 *
 * @returns undefined where none was asked, or none answers
 */
export async function awaitSettled(
    spec: SwarmSetSpec,
    managers: readonly pulumi.Output<SshTarget>[],
    last: Brought | undefined,
    served: Brought | undefined,
): Promise<SeenService | undefined> {
    if (last === undefined || isSame(last, served)) return undefined;
    makeSshFolder();
    const targets = await new Promise<SshTarget[]>((resolve) => {
        pulumi.all([...managers]).apply(resolve);
    });
    const end = Date.now() + limitOf(spec, undefined) * 1000;
    for (let wait = 500; ; wait = Math.min(2 * wait, 5_000)) {
        const seen = await serviceLook.ask(targets, spec.name);
        if (seen === undefined || !(seen.isBusy || seen.isPaused) || Date.now() > end) return seen;
        if (pulumi.runtime.isDryRun()) return seen.isPaused ? { ...seen, running: seen.running.slice(1) } : seen;
        if (seen.isPaused) await serviceLook.rollBack(targets, spec.name);
        await pause(wait);
    }
}
