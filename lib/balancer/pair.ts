import * as pulumi from "@pulumi/pulumi";
import { type BalancerHost, balancerHost, type PlacedBalancer } from "./balancerHost";
import type { BalancerSpec } from "./balancerSpec";
import type { FusionBalancerArgs } from "./FusionBalancer";
import { reviveKeepalivedScript } from "./keepalivedScripts";
import { servedScript, standsByScript } from "./standbyScripts";

/** Where a balancer runs, and its standby where it has one. */
export interface Placed {
    first: PlacedBalancer;
    standby: PlacedBalancer | undefined;
}

/**
 * The balancers of a component with their machines. The standby does as the first under a name of its own. Each change of
 * the first begins with a look at the standby: it is refused where that could not take over.
 */
export async function placeBalancers(spec: BalancerSpec, args: FusionBalancerArgs): Promise<Placed> {
    const host = await balancerHost(args.host, spec.ssh);
    if (spec.standby === undefined || args.standby === undefined) {
        return { first: { ...spec, host }, standby: undefined };
    }
    // Two balancers, also where somebody names one machine by two addresses.
    const other = { name: `${spec.name}-standby`, owner: `${spec.owner}-standby`, ssh: spec.standby.ssh };
    const standby = { ...spec, ...other, host: await balancerHost(args.standby.host, spec.standby.ssh) };
    const first = { ...spec, host };
    return {
        first: { ...first, host: { ...host, change: changeAfter(standby, first) } },
        standby: { ...standby, host: { ...standby.host, change: changeOf(standby) } },
    };
}

/** After it keepalived runs where it is to; without systemd nothing else starts it again. */
const changeOf =
    (placed: PlacedBalancer): BalancerHost["change"] =>
    (script) =>
        pulumi
            .all([placed.host.run(script), placed.host.run(reviveKeepalivedScript(placed))])
            .apply(([change, revive]) => `${change} && ${revive} </dev/null`);

/** What is served by the first goes to the check of the standby; the change itself gets the standard input. */
const changeAfter =
    (standby: PlacedBalancer, first: PlacedBalancer): BalancerHost["change"] =>
    (script, kind) =>
        pulumi
            .all([
                first.host.run(servedScript(first)),
                standby.host.run(standsByScript(standby, kind === "step")),
                changeOf(first)(script, kind),
            ])
            .apply(([served, standsBy, change]) => `${served} </dev/null | ${standsBy} >&2 && ${change}`);

/** What a preview says where machines of a balancer are interrupted by the deployment; undefined where that needs no words. */
export function interruptionOf({ first, standby }: Placed): string | undefined {
    if (!first.host.isInterrupted) {
        return undefined;
    }
    if (standby === undefined) {
        return `${first.name} runs on a machine that is restarted or made anew: it serves nothing meanwhile.`;
    }
    return standby.host.isInterrupted
        ? `Both machines of ${first.name} are restarted or made anew, one after the other. Where they are made anew it serves nothing until HAProxy is on one of them again: change them in two deployments.`
        : undefined;
}
