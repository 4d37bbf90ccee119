import { createHash } from "node:crypto";
import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { PlacedBalancer } from "./balancerHost";
import type { FusionBalancerArgs } from "./FusionBalancer";
import { secretFile } from "./places";
import { certificateFile, loginFile, removeSecretsScript, secretLines, secretScript } from "./secretScripts";

/** What a balancer's machine gets in files that only root reads: certificates with their keys, and the login of the metrics. */
export interface BalancerSecrets {
    /** The paths of the certificates' files. */
    certificates: pulumi.Output<string[]>;
    /** A hash of the login of the metrics, secret; undefined where there is none. */
    login: pulumi.Output<string> | undefined;
    /** What writes the files; nothing where there are none. */
    commands: command.local.Command[];
}

/** Creates what writes the secret files of a balancer. @param before what it waits for */
export function createSecrets(
    balancer: pulumi.ComponentResource,
    { tls, metrics }: FusionBalancerArgs,
    { name, host, ...place }: PlacedBalancer,
    triggers: string[],
    before: readonly pulumi.Resource[] = [],
): BalancerSecrets {
    const given = (tls?.certificates ?? []).map(({ certificate, key }) => pulumi.all([certificate, key]));
    const pems = pulumi.all(given).apply((all) => all.map(([certificate, key]) => certificateFile(certificate, key)));
    // Certificates are shown to everybody who connects.
    const certificates = pulumi.unsecret(pems.apply((all) => all.map((one) => secretFile(place.directory, one.name))));
    const { user, password } = metrics ?? {};
    if (given.length === 0 && user === undefined) {
        return { certificates, login: undefined, commands: [] };
    }
    const lines = pulumi
        .all([pems, password])
        .apply(([all, known]) =>
            secretLines(user !== undefined && known !== undefined ? [...all, loginFile(user, known)] : all),
        );
    const written = new command.local.Command(
        `${name}-secrets`,
        {
            create: host.run(secretScript(place)),
            stdin: pulumi.secret(lines),
            delete: host.run(removeSecretsScript(place)),
            triggers,
            logging: "none",
        },
        { parent: balancer, dependsOn: [...host.ready, ...before], deleteBeforeReplace: true, ...host.options },
    );
    const login =
        user === undefined
            ? undefined
            : pulumi.secret(
                  pulumi
                      .output(password)
                      .apply((known) => createHash("sha256").update(`${user}:${known}`).digest("hex")),
              );
    return { certificates, login, commands: [written] };
}
