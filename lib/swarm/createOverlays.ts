import * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";
import { stackName } from "../stackName";
import type { SwarmSpec } from "./swarmSpec";

/**
 * Makes the overlay networks of a swarm. One whose encryption changes is another network by its name, so that services can go over
 * to it before the other one is deleted.
 *
 * @returns them by their names in the arguments
 */
export function createOverlays(
    { name, networks }: SwarmSpec,
    opts: pulumi.CustomResourceOptions,
): ReadonlyMap<string, docker.Network> {
    return new Map(
        Object.entries(networks).map(([network, { encrypted }]) => {
            const called = `${name}-${network}${encrypted ? "-encrypted" : ""}`;
            const args: docker.NetworkArgs = {
                name: called,
                driver: "overlay",
                labels: [{ label: "fusion.stack", value: stackName() }],
                ...(encrypted && { options: { encrypted: "true" } }),
            };
            // Swarm adds its own to them, and the provider reads them before Swarm has decided on all.
            const ignoreChanges = ["options", "driver", "ipamDriver", "ipamConfigs", "ipamOptions"];
            return [network, new docker.Network(called, args, { ...opts, ignoreChanges })];
        }),
    );
}
