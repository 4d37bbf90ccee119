import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { PlacedBalancer } from "./balancerHost";
import { drainScript, SERVE_SECONDS, serveScript } from "./serviceScripts";

/** Servers that are kept in service. */
interface Served {
    /** What they are called in the command's name. */
    name: string;
    /** A machine's address, for all its servers, or ADDRESS:PORT for one. */
    at: pulumi.Input<string>;
    /** What they run on: the command is deleted before it, and made after it. */
    on: pulumi.Resource;
    dependsOn: readonly pulumi.Resource[];
    /** Backends whose servers health checks find out. */
    found?: readonly string[];
}

/** What keeps servers in service: its deletion takes them out, its creation asks them until they answer and puts them back. */
export function inService(
    balancer: pulumi.ComponentResource,
    { name, host, drainSeconds, ...place }: PlacedBalancer,
    served: Served,
): command.local.Command {
    const at = pulumi.output(served.at);
    return new command.local.Command(
        `${name}-${served.name}`,
        {
            create: at.apply((address) => host.run(serveScript(place, address, SERVE_SECONDS, served.found))),
            delete: at.apply((address) => host.run(drainScript(place, address, drainSeconds))),
            // Known, and yet the engine sees that it comes from there.
            triggers: [served.on.urn.apply(() => served.name)],
        },
        {
            parent: balancer,
            dependsOn: [...host.ready, ...served.dependsOn],
            customTimeouts: {
                create: `${SERVE_SECONDS + place.lockSeconds + 60}s`,
                delete: `${drainSeconds + place.lockSeconds + 60}s`,
            },
            ...host.options,
        },
    );
}
