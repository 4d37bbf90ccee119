import { createHmac, randomBytes } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { stackName } from "../stackName";

/** What containers are made of beside their image; any other value of it is another version. */
export interface VersionedArgs {
    env: Readonly<Record<string, pulumi.Input<string>>>;
    command: pulumi.Input<readonly pulumi.Input<string>[]>;
    ports: readonly unknown[];
    /** Everything else, as far as it is given. */
    more: object;
}

/**
 * The version of a set's containers by their image: 8 hexadecimal digits of a hash, which stand in names and labels. Where an argument is secret the hash
 * is keyed with a secret of 128 random bits, so that nobody can try passwords against a container's name; elsewhere with the
 * stack's name, since two stacks may have a host in common.
 *
 * @param lastSalt the key of the last deployment, if there was one
 */
export function setVersion({ env, command, ports, more }: VersionedArgs, lastSalt: string | undefined) {
    const sortedEnv = Object.keys(env)
        .sort()
        .map((key) => [key, env[key]] as const);
    const rest: pulumi.Input<unknown>[] = Object.keys(more).length > 0 ? [more] : [];
    const made = pulumi.all([sortedEnv, command, ports, ...rest]);
    const salted = pulumi.isSecret(made);
    const salt = lastSalt ?? randomBytes(16).toString("hex");
    const versionOf = (image: pulumi.Output<string>): pulumi.Output<string> =>
        pulumi.unsecret(
            pulumi.all([image, made, salted]).apply(([reference, value, keyed]) =>
                createHmac("sha256", keyed ? salt : stackName())
                    .update(JSON.stringify([reference, ...value]))
                    .digest("hex")
                    .slice(0, 8),
            ),
        );
    return { versionOf, salt: pulumi.output(salted.then((keyed) => (keyed ? pulumi.secret(salt) : undefined))) };
}
