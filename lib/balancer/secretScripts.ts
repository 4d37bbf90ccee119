import { createHash } from "node:crypto";
import { script } from "../shell";
import { type BalancerPlace, ifOwn, LOGIN_FILE, own } from "./places";

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
export function secretScript({ directory, owner }: BalancerPlace): string {
    return script(
        { DIR: directory, OWNER: owner },
        String.raw`
umask 077
mkdir -p "$DIR/secret"
chmod 711 "$DIR"
exec 9<"$DIR"
flock -w 300 9 || { echo "another deployment has held $DIR for 5 minutes; run again when it is done" >&2; exit 1; }
${own}
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

/** The script that removes the secret files, once no HAProxy needs them. */
export function removeSecretsScript({ directory, owner }: BalancerPlace): string {
    return script(
        { DIR: directory, OWNER: owner },
        `${ifOwn}
rm -rf "$DIR/secret"; [ -e "$DIR/haproxy.cfg" ] || rm -f "$DIR/owner"; rmdir "$DIR" 2>/dev/null || true`,
    );
}
