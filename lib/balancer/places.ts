/** HAProxy's run-time socket. */
export const socketPath = (directory: string): string => `${directory}/admin.sock`;

/** A file that only root reads: a certificate with its key, or who may see the metrics. */
export const secretFile = (directory: string, name: string): string => `${directory}/secret/${name}`;

/** A certificate with its key that an ACME server has given: a file that only root reads. */
export const acmeFile = (directory: string, name: string): string => `${directory}/acme/${name}`;

/** The secret file with the login of the metrics. */
export const LOGIN_FILE = "metrics-login";

/** A balancer's directory, and whose it is. */
export interface BalancerPlace {
    directory: string;
    /** The stack and the balancer. */
    owner: string;
    /** The service by which systemd, where that runs, starts HAProxy. */
    unit: string;
    lockSeconds: number;
}

/** What all scripts of a balancer are told. */
export const placeVariables = ({ directory, owner, unit, lockSeconds }: BalancerPlace) => ({
    DIR: directory,
    OWNER: owner,
    UNIT: unit,
    LOCK: lockSeconds,
});

/** Shell text that both those who write into the directory $DIR and those who ask need. */
export const shellBase = String.raw`
umask 077
fail() { echo "$1" >&2; exit 1; }
config=$DIR/haproxy.cfg
ask() { echo "$1" | socat -t 5 - "UNIX-CONNECT:$DIR/admin.sock" 2>/dev/null; }
# The master process, if it runs and is ours.
program_master() {
    found=$(cat "$DIR/haproxy.pid" 2>/dev/null | head -n 1) || return 1
    [ -n "$found" ] && tr '\0' ' ' <"/proc/$found/cmdline" 2>/dev/null | grep -qF -- "$config" && echo "$found"
}
master() { program_master; }
# One at a time changes what HAProxy runs; file 9 holds the lock.
lock() {
    exec 9<"$DIR"
    flock -w "$LOCK" 9 || fail "another deployment has held $DIR for $((LOCK / 60)) minutes; run again when it is done"
}
# Writes a configuration anew with the servers of $DIR/out out of service, and no others: what is taken out at run time would be
# back after a reload.
mark() {
    [ -e "$1" ] || return 0
    [ -e "$DIR/out" ] || grep -q " disabled # out$" "$1" || return 0
    awk -v file="$DIR/out" '
        BEGIN { while ((getline line <file) > 0) out[line] = 1 }
        /^[a-z]/ { inside = $1 == "backend" }
        inside && $1 == "server" {
            sub(/ disabled # out$/, "")
            address = $3; sub(/:[0-9]+$/, "", address)
            if ($3 in out || address in out) $0 = $0 " disabled # out"
        }
        { print }' "$1" >"$1.marked" && mv "$1.marked" "$1"
}`;

/** Shell text that makes the directory $DIR where it is missing. */
export const makeDirectory = String.raw`
mkdir -p "$DIR"
chmod 711 "$DIR"`;

/** Shell text that takes the directory $DIR for $OWNER, or fails where it is another's. */
export const own = String.raw`
if [ -s "$DIR/owner" ] && [ "$(cat "$DIR/owner")" != "$OWNER" ]; then
    echo "$DIR on $(uname -n) belongs to the balancer $(cat "$DIR/owner"), not to $OWNER; give this one a directory of its own" >&2
    exit 1
fi
printf '%s\n' "$OWNER" >"$DIR/owner"`;

/** Shell text that ends where the directory $DIR is another's than $OWNER's: it is left alone. */
export const ifOwn = String.raw`[ ! -s "$DIR/owner" ] || [ "$(cat "$DIR/owner")" = "$OWNER" ] || exit 0`;
