import { createHmac } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { isLong } from "./containerOptions";
import type { FusionContainerSetArgs } from "./FusionContainerSet";

/**
 * Each secret of a set's environment and each of its files to a hash of it, by which the next deployment can say which of them
 * have changed without their values: `env PASSWORD`, `file /etc/web.conf`.
 *
 * @returns undefined for a set without secrets
 * @param key a secret that stays the same: the state shows the hashes, and nobody is to try passwords against them
 */
export function secretPrints(
    { env = {}, files = {} }: Pick<FusionContainerSetArgs, "env" | "files">,
    key: pulumi.Output<string | undefined>,
): pulumi.Output<Record<string, string> | undefined> {
    const all: [string, Promise<boolean>, pulumi.Input<string>][] = [
        ...Object.entries(env).map(([name, value]): [string, Promise<boolean>, pulumi.Input<string>] => [
            `env ${name}`,
            pulumi.isSecret(pulumi.output(value)),
            value,
        ]),
        ...Object.entries(files).map(([path, given]): [string, Promise<boolean>, pulumi.Input<string>] => [
            `file ${path}`,
            Promise.resolve(true),
            isLong(given) ? given.content : given,
        ]),
    ];
    const hashed = pulumi
        .all([key, pulumi.all(all.map(([, , value]) => value)), pulumi.all(all.map(([, secret]) => secret))])
        .apply(([salt, values, secrets]) => {
            if (salt === undefined) return undefined;
            const prints = all.flatMap(([name], i): [string, string][] =>
                secrets[i] ? [[name, hash(salt, name, values[i] ?? "")]] : [],
            );
            return Object.fromEntries(prints.sort(([a], [b]) => (a < b ? -1 : 1)));
        });
    return pulumi.unsecret(hashed);
}

const hash = (key: string, name: string, value: string): string =>
    createHmac("sha256", key).update(`${name}\n${value}`).digest("hex").slice(0, 8);

/** What a preview says of secrets that change; undefined where none does, or nothing is known of the last deployment. */
export function tellSecrets(
    name: string,
    before: Readonly<Record<string, string>> | undefined,
    after: Readonly<Record<string, string>> | undefined,
): string | undefined {
    if (before === undefined || after === undefined) return undefined;
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
    const changed = names.filter((one) => before[one] !== after[one]);
    if (changed.length === 0) return undefined;
    const how = (one: string) => (before[one] === undefined ? "is new" : after[one] === undefined ? "goes" : "changes");
    return [
        `${name}: secrets that change, without their values:`,
        ...changed.map((one) => `  ${one}: ${how(one)}`),
    ].join("\n");
}
