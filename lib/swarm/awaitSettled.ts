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
 * so that it has a version that serves to go back to. Of others nobody is asked.
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
        if (seen?.isBusy !== true || pulumi.runtime.isDryRun() || Date.now() > end) return seen;
        await pause(wait);
    }
}
