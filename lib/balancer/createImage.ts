import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { insecureRegistries } from "../containers/hosts";
import type { Faults } from "../faults";
import type { Credentials } from "../images/askRegistry";
import { dockerConfig } from "../images/dockerConfig";
import { findImage } from "../images/findImage";
import { knownValue } from "../known";
import { FusionVm } from "../vm/FusionVm";
import type { PlacedBalancer } from "./balancerHost";
import type { FusionBalancerArgs } from "./FusionBalancer";
import { pullScript } from "./pullScript";

/** The image of HAProxy's container. */
export interface BalancerImage {
    /** Its name with its digest. */
    image: string;
    registry: string;
}

/** Finds out which image is meant; what is wrong with it goes to `faults`. @returns undefined where there is none, or a fault */
export async function findBalancerImage(
    name: string,
    { haproxy, host }: FusionBalancerArgs,
    faults: Faults,
): Promise<BalancerImage | undefined> {
    const { image, registryAuth } = haproxy ?? {};
    if (image === undefined) {
        return undefined;
    }
    const credentials = registryAuth && (await knownValue<Credentials>(pulumi.output(registryAuth)));
    const found = await findImage(image, {
        set: name,
        insecure: host instanceof FusionVm ? insecureRegistries(host) : [],
        pull: "missing",
        ...(credentials !== undefined && { credentials }),
        unknownCredentials: registryAuth !== undefined && credentials === undefined,
    });
    if ("fault" in found) {
        faults.add(`${name}.haproxy.${found.argument}`, found.fault);
        return undefined;
    }
    return "registry" in found ? found : undefined;
}

/** Creates what brings an image of a private registry to the balancer's machine; the deployment itself brings others. */
export function createImage(
    balancer: pulumi.ComponentResource,
    { haproxy }: FusionBalancerArgs,
    { name, host }: PlacedBalancer,
    found: BalancerImage | undefined,
): command.local.Command[] {
    const { registryAuth } = haproxy ?? {};
    if (found === undefined || registryAuth === undefined) {
        return [];
    }
    const { image, registry } = found;
    const config = pulumi.secret(registryAuth).apply((auth) => `${dockerConfig(registry, auth)}\n`);
    const args = { create: host.run(pullScript(image)), stdin: config };
    const limits = { create: "60m", update: "60m" };
    return [
        new command.local.Command(`${name}-image`, args, {
            parent: balancer,
            dependsOn: host.ready,
            customTimeouts: limits,
            ...host.options,
        }),
    ];
}
