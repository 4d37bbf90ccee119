/** HAProxy's run-time socket. */
export const socketPath = (directory: string): string => `${directory}/admin.sock`;

/** A file that only root reads: a certificate with its key, or who may see the metrics. */
export const secretFile = (directory: string, name: string): string => `${directory}/secret/${name}`;

/** The secret file with the login of the metrics. */
export const LOGIN_FILE = "metrics-login";

/** A balancer's directory, and whose it is. */
export interface BalancerPlace {
    directory: string;
    /** The stack and the balancer. */
    owner: string;
}

/** Shell text that takes the directory $DIR for $OWNER, or fails where it is another's. */
export const own = String.raw`
if [ -s "$DIR/owner" ] && [ "$(cat "$DIR/owner")" != "$OWNER" ]; then
    echo "$DIR on $(uname -n) belongs to the balancer $(cat "$DIR/owner"), not to $OWNER; give this one a directory of its own" >&2
    exit 1
fi
printf '%s\n' "$OWNER" >"$DIR/owner"`;

/** Shell text that ends where the directory $DIR is another's than $OWNER's: it is left alone. */
export const ifOwn = String.raw`[ ! -s "$DIR/owner" ] || [ "$(cat "$DIR/owner")" = "$OWNER" ] || exit 0`;
