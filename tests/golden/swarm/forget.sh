set -eu
BACKEND=web
DIR=/var/lib/fusion/lb
LOCK=1800
OWNER=shop/dev/lb
SERVERS=h1:1=web-h1-b
UNIT=fusion-haproxy-lb-0123
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
}
[ -S "$DIR/admin.sock" ] && ask "show info" >/dev/null || { echo "no balancer runs in $DIR on $(uname -n)"; exit 0; }
told=
while read -r host turn; do
    [ -n "$host" ] || continue
    for server in $SERVERS; do
        [ "${server%%=*}" = "$host:$turn" ] || continue
        server=${server#*=}
        ask "set server $BACKEND/$server health down" >/dev/null || true
        case " $told " in *" $server "*) ;; *) told="$told $server" ;; esac
    done
done
echo "no more requests before they stop:${told:- none}"
