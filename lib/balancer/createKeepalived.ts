import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { PlacedBalancer } from "./balancerHost";
import { type KeepalivedPlace, keepalivedScript, oneHolderScript, removeKeepalivedScript } from "./keepalivedScripts";
import type { Placed } from "./pair";
import { bindOf } from "./renderFrontend";
import { renderKeepalivedConfig } from "./renderKeepalivedConfig";

/** Seconds that the standby keeps out of it after a start of both machines, so that the first has the address. */
const DELAY_SECONDS = 10;

/**
 * Creates what gives a virtual address to one of two balancers: keepalived on the standby, then on the first. Both wait for both
 * HAProxys, so that a new pair has the address when either could serve there; in a destruction keepalived ends before them.
 *
 * @param triggers of the two machines' commands
 */
export function createKeepalived(
    balancer: pulumi.ComponentResource,
    { first, standby }: Placed,
    deployed: readonly pulumi.Resource[],
    triggers: (placed: PlacedBalancer) => string[],
): command.local.Command[] {
    const pair = first.standby;
    if (pair === undefined || standby === undefined) {
        return [];
    }
    const [address = ""] = pair.address.split("/");
    const [own, peer] = pair.peers;
    const shared = { argument: `${first.name}.standby`, address, port: portAt(address, first) };
    const places: [KeepalivedPlace, KeepalivedPlace] = [
        { ...first, ...shared, own, peer },
        { ...standby, ...shared, own: peer, peer: own },
    ];
    const create = (
        placed: PlacedBalancer,
        place: KeepalivedPlace,
        script: pulumi.Output<string>,
        dependsOn: readonly pulumi.Resource[],
    ) =>
        new command.local.Command(
            `${placed.name}-keepalived`,
            {
                create: script,
                stdin: renderKeepalivedConfig({
                    ...{ name: first.name, directory: first.directory, address: pair.address },
                    ...{ routerId: pair.routerId, interface: pair.interface, own: place.own, peer: place.peer },
                    startupDelaySeconds: placed === standby ? DELAY_SECONDS : 0,
                }),
                delete: placed.host.run(removeKeepalivedScript(place)),
                triggers: triggers(placed),
            },
            {
                parent: balancer,
                dependsOn: [...placed.host.ready, ...dependsOn],
                deleteBeforeReplace: true,
                ...placed.host.options,
            },
        );
    const onStandby = create(standby, places[1], standby.host.run(keepalivedScript(places[1], false)), deployed);
    // Then one of them has the address, and one alone.
    const settled = pulumi
        .all([first.host.run(keepalivedScript(places[0], true)), standby.host.run(oneHolderScript(places[1]))])
        .apply(([onFirst, check]) => `told=$(${onFirst}) && echo "$told" | ${check}`);
    return [onStandby, create(first, places[0], settled, [...deployed, onStandby])];
}

/** A port that is listened on at an address; "" where there is none. */
function portAt(address: string, { haproxy }: PlacedBalancer): string {
    const binds = haproxy.frontends.flatMap(({ bind }) => bind.map(bindOf));
    const all = address.includes(":") ? ["[::]", `[${address}]`] : ["*", "0.0.0.0", address];
    const found = binds.find((one) => all.includes(one.address.replace(/:\d+$/, "")));
    return /\d+$/.exec(found?.address ?? "")?.[0] ?? "";
}
