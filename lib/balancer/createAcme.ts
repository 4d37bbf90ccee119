import { createHash } from "node:crypto";
import * as command from "@pulumi/command";
import type * as pulumi from "@pulumi/pulumi";
import { obtainScript, prepareAcmeScript, removeAcmeScript } from "./acmeScripts";
import { acmeSettings } from "./acmeSpec";
import type { PlacedBalancer } from "./balancerHost";

/** Creates what makes the files of certificates of an ACME server, before HAProxy reads them; nothing where none are asked for. */
export function prepareAcme(
    balancer: pulumi.ComponentResource,
    { name, host, acme, install, lockSeconds, haproxy, ...place }: PlacedBalancer,
    triggers: string[],
): command.local.Command[] {
    if (acme === undefined) {
        return [];
    }
    const at = { ...place, lockSeconds };
    return [
        new command.local.Command(
            `${name}-acme`,
            {
                create: host.run(prepareAcmeScript(at, haproxy.hardStopAfterSeconds, install)),
                stdin: acmeSettings(acme),
                delete: host.run(removeAcmeScript(at)),
                triggers,
            },
            {
                parent: balancer,
                dependsOn: host.ready,
                deleteBeforeReplace: true,
                ...limits(lockSeconds),
                ...host.options,
            },
        ),
    ];
}

/**
 * Creates what has HAProxy serve certificates which its authority has signed, once it passes on what the authority asks. It is a command
 * of its own, so that HAProxy is in the state when the authority does not answer.
 *
 * @param deployed what runs HAProxy
 * @returns what is there once it serves as it should
 */
export function obtainCertificates(
    balancer: pulumi.ComponentResource,
    { name, host, acme, lockSeconds, ...place }: PlacedBalancer,
    triggers: string[],
    deployed: command.local.Command,
): command.local.Command {
    if (acme === undefined) {
        return deployed;
    }
    const settings = createHash("sha256").update(acmeSettings(acme)).digest("hex").slice(0, 16);
    return new command.local.Command(
        `${name}-certificates`,
        {
            create: host.run(obtainScript({ ...place, lockSeconds })),
            // No script reads it: its change is what makes the engine run it.
            environment: { FUSION_ACME: settings },
            triggers,
        },
        { parent: balancer, dependsOn: deployed, deleteBeforeReplace: true, ...limits(lockSeconds), ...host.options },
    );
}

/** It waits for other renewals, the authority, and the end of HAProxy's old process. */
function limits(lockSeconds: number): pulumi.CustomResourceOptions {
    const limit = `${2 * lockSeconds}s`;
    return { customTimeouts: { create: limit, update: limit, delete: limit } };
}
