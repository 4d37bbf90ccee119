import { script } from "../shell";

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

/** The script that removes the secret files, once no HAProxy needs them. */
export function removeSecretsScript(directory: string): string {
    return script({ DIR: directory }, 'rm -rf "$DIR/secret"; rmdir "$DIR" 2>/dev/null || true');
}
