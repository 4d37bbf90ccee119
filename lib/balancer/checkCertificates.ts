import { createPrivateKey, X509Certificate } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import type { Faults } from "../faults";
import { knownValue } from "../known";
import type { FusionBalancerArgs } from "./FusionBalancer";

/**
 * Checks certificates and keys as far as their texts are known before anything is made; what is wrong goes to `faults`. HAProxy
 * itself looks at the others.
 */
export async function checkCertificates(name: string, { tls }: FusionBalancerArgs, faults: Faults): Promise<void> {
    for (const [index, { certificate, key }] of (tls?.certificates ?? []).entries()) {
        const path = `${name}.tls.certificates[${index}]`;
        const chain = await knownNow(certificate);
        const secret = await knownNow(key);
        const leaf = chain !== undefined ? read(() => new X509Certificate(chain)) : undefined;
        const own = secret !== undefined ? read(() => createPrivateKey(secret)) : undefined;
        if (chain !== undefined && leaf === undefined) {
            faults.add(`${path}.certificate`, 'is no certificate in PEM; give text with "-----BEGIN CERTIFICATE-----"');
        }
        if (secret !== undefined && own === undefined) {
            const remedy = 'give text with "-----BEGIN PRIVATE KEY-----", without a passphrase';
            faults.add(`${path}.key`, `is no private key in PEM; ${remedy}`);
        }
        if (leaf === undefined) continue;
        if (own !== undefined && !leaf.checkPrivateKey(own)) {
            faults.add(`${path}.key`, `is not the one of the certificate (${oneLine(leaf.subject)}); give its own`);
        }
        if (Date.parse(leaf.validTo) < Date.now()) {
            faults.add(`${path}.certificate`, `ended at ${leaf.validTo} (${oneLine(leaf.subject)}); renew it`);
        }
    }
}

/** A text that is known; undefined for one that a resource has, which may be one that waits for this very check. */
async function knownNow(input: pulumi.Input<string>): Promise<string | undefined> {
    const output = pulumi.output(input);
    const resources: unknown = Reflect.get(output, "resources").call(output);
    return resources instanceof Set && resources.size > 0 ? undefined : knownValue(output);
}

const oneLine = (subject: string): string => subject.replaceAll("\n", ", ");

function read<T>(parse: () => T): T | undefined {
    try {
        return parse();
    } catch {
        return undefined;
    }
}
