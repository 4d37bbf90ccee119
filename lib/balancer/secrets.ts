import { createHash, createPrivateKey, X509Certificate } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import type { Faults } from "../faults";
import { knownValue } from "../known";
import { script } from "../shell";
import type { FusionBalancerArgs } from "./FusionBalancer";
import { secretFile } from "./places";

/** What a balancer's machine gets in files that only root reads. */
export interface BalancerSecrets {
    /** The certificates' files. Each is named by a hash of its certificate, so that another one is a change that shows. */
    certificates: pulumi.Output<string[]>;
    /** Standard input of {@link secretScript}; undefined where there are no secrets. */
    files: pulumi.Output<string> | undefined;
}

/** The secrets of a balancer. */
export function balancerSecrets({ tls, metrics }: FusionBalancerArgs, directory: string): BalancerSecrets {
    const pems = pulumi.all(
        (tls?.certificates ?? []).map(({ certificate, key }) =>
            pulumi.all([certificate, key]).apply(([chain, secret]) => ({ chain: chain.trim(), key: secret.trim() })),
        ),
    );
    const nameOf = (chain: string): string => `${createHash("sha256").update(chain).digest("hex").slice(0, 16)}.pem`;
    // Certificates are shown to everybody who connects.
    const names = pulumi.unsecret(pems.apply((all) => all.map(({ chain }) => nameOf(chain))));
    const certificates = names.apply((all) => all.map((name) => secretFile(directory, name)));
    if (tls === undefined && metrics?.user === undefined) {
        return { certificates, files: undefined };
    }
    const login = pulumi.output(metrics?.password).apply((password) =>
        password === undefined ? [] : [line("metrics-login", `Basic ${base64(`${metrics?.user}:${password}`)}`)],
    );
    const files = pulumi
        .all([pems, login])
        .apply(([all, one]) => [...all.map((pem) => line(nameOf(pem.chain), `${pem.chain}\n${pem.key}`)), ...one].join(""));
    return { certificates, files: pulumi.secret(files) };
}

const base64 = (text: string): string => Buffer.from(text).toString("base64");
const line = (name: string, content: string): string => `${name} ${base64(`${content}\n`)}\n`;

/**
 * The script, run on the balancer's machine, that writes secret files, a line each in standard input: NAME BASE64. What
 * a running HAProxy has read is not taken away: the configuration's deployment does that when nothing needs it any more.
 */
export function secretScript(directory: string): string {
    return script(
        { DIR: directory },
        String.raw`
umask 077
mkdir -p "$DIR/secret"
chmod 711 "$DIR"
exec 9<"$DIR"
flock -w 300 9 || { echo "another deployment has held $DIR for 5 minutes; run again when it is done" >&2; exit 1; }
login=$(cat "$DIR/secret/metrics-login" 2>/dev/null || true)
while read -r name content; do
    printf '%s' "$content" | base64 -d >"$DIR/secret/.$name"
    mv "$DIR/secret/.$name" "$DIR/secret/$name"
done
# A certificate has another name; another password is read when HAProxy reads its configuration again.
pid=$(head -n 1 "$DIR/haproxy.pid" 2>/dev/null || true)
if [ -n "$login" ] && [ "$login" != "$(cat "$DIR/secret/metrics-login" 2>/dev/null)" ] && [ -n "$pid" ] &&
    tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -qF -- "$DIR/haproxy.cfg"; then
    kill -USR2 "$pid"
fi
echo "$(ls "$DIR/secret" | wc -l) files"
`,
    );
}

/** Checks certificates and keys as far as their texts are known; what is wrong goes to `faults`. */
export async function checkCertificates(name: string, { tls }: FusionBalancerArgs, faults: Faults): Promise<void> {
    for (const [index, { certificate, key }] of (tls?.certificates ?? []).entries()) {
        const path = `${name}.tls.certificates[${index}]`;
        const chain = await knownValue(pulumi.output(certificate));
        const secret = await knownValue(pulumi.output(key));
        const leaf = typeof chain === "string" ? read(() => new X509Certificate(chain)) : undefined;
        const own = typeof secret === "string" ? read(() => createPrivateKey(secret)) : undefined;
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

const oneLine = (subject: string): string => subject.replaceAll("\n", ", ");

function read<T>(parse: () => T): T | undefined {
    try {
        return parse();
    } catch {
        return undefined;
    }
}
