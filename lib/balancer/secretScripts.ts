import { createHash } from "node:crypto";
import { script } from "../shell";
import { type BalancerPlace, ifOwn, LOGIN_FILE, makeDirectory, own, placeVariables, shellBase } from "./places";

/** A file that only root reads. */
export interface SecretFile {
    name: string;
    content: string;
}

/** A certificate with its key. It is named by a hash of the certificate, so that another one is a change that shows. */
export function certificateFile(certificate: string, key: string): SecretFile {
    const chain = certificate.trim();
    const hash = createHash("sha256").update(chain).digest("hex").slice(0, 16);
    return { name: `${hash}.pem`, content: `${chain}\n${key.trim()}\n` };
}

/** The header of those who may see the metrics. */
export const loginFile = (user: string, password: string): SecretFile => ({
    name: LOGIN_FILE,
    content: `Basic ${base64(`${user}:${password}`)}\n`,
});

/** The standard input of {@link secretScript}. */
export const secretLines = (files: readonly SecretFile[]): string =>
    files.map(({ name, content }) => `${name} ${base64(content)}\n`).join("");

const base64 = (text: string): string => Buffer.from(text).toString("base64");

/**
 * The script, run on the balancer's machine, that writes secret files, a line each in standard input: NAME BASE64. What
 * a running HAProxy has read is not taken away: the configuration's deployment does that when nothing needs it any more.
 */
export function secretScript(place: BalancerPlace): string {
    return script(
        placeVariables(place),
        String.raw`${shellBase}
${makeDirectory}
mkdir -p "$DIR/secret"
lock
${own}
while read -r name content; do
    printf '%s' "$content" | base64 -d >"$DIR/secret/.$name"
    # What is as it was keeps its time: a deployment knows another login by that.
    if cmp -s "$DIR/secret/.$name" "$DIR/secret/$name"; then
        rm "$DIR/secret/.$name"
    else
        mv "$DIR/secret/.$name" "$DIR/secret/$name"
    fi
done
echo "$(ls "$DIR/secret" | wc -l) files"
`,
    );
}

/** The script that removes the secret files, once no HAProxy needs them. */
export function removeSecretsScript({ directory, owner }: BalancerPlace): string {
    return script(
        { DIR: directory, OWNER: owner },
        `${ifOwn}
rm -rf "$DIR/secret"; [ -e "$DIR/haproxy.cfg" ] || rm -f "$DIR/owner"; rmdir "$DIR" 2>/dev/null || true`,
    );
}
