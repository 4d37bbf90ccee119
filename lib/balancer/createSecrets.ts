import { createHash } from "node:crypto";
import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { scriptOn } from "../ssh";
import type { BalancerSpec } from "./balancerSpec";
import type { FusionBalancerArgs } from "./FusionBalancer";
import { secretFile } from "./places";
import { removeSecretsScript, secretScript } from "./secretScripts";

/** What a balancer's machine gets in files that only root reads: certificates with their keys, and the login of the metrics. */
export interface BalancerSecrets {
    /** The certificates' files. Each is named by a hash of its certificate, so that another one is a change that shows. */
    certificates: pulumi.Output<string[]>;
    /** What writes the files; nothing where there are none. */
    command: command.local.Command[];
}

/** Creates the secret files of a balancer, each a line `NAME BASE64` in the command's standard input. */
export function createSecrets(
    balancer: pulumi.ComponentResource,
    { tls, metrics }: FusionBalancerArgs,
    { name, ssh, directory }: BalancerSpec,
    triggers: string[],
): BalancerSecrets {
    const pems = pulumi.all(
        (tls?.certificates ?? []).map(({ certificate, key }) =>
            pulumi.all([certificate, key]).apply(([chain, secret]) => ({
                file: `${createHash("sha256").update(chain.trim()).digest("hex").slice(0, 16)}.pem`,
                content: `${chain.trim()}\n${secret.trim()}`,
            })),
        ),
    );
    // Certificates are shown to everybody who connects.
    const certificates = pulumi.unsecret(pems.apply((all) => all.map(({ file }) => secretFile(directory, file))));
    if (tls === undefined && metrics?.user === undefined) {
        return { certificates, command: [] };
    }
    const login = pulumi
        .output(metrics?.password)
        .apply((password) =>
            password === undefined
                ? []
                : [{ file: "metrics-login", content: `Basic ${base64(`${metrics?.user}:${password}`)}` }],
        );
    const files = pulumi.all([pems, login]).apply((all) =>
        all
            .flat()
            .map(({ file, content }) => `${file} ${base64(`${content}\n`)}\n`)
            .join(""),
    );
    const written = new command.local.Command(
        `${name}-secrets`,
        {
            create: scriptOn(ssh, secretScript(directory)),
            stdin: pulumi.secret(files),
            delete: scriptOn(ssh, removeSecretsScript(directory)),
            triggers,
            logging: "none",
        },
        { parent: balancer, deleteBeforeReplace: true },
    );
    return { certificates, command: [written] };
}

const base64 = (text: string): string => Buffer.from(text).toString("base64");
