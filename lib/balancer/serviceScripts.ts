import { script } from "../shell";
import { type BalancerPlace, placeVariables, shellBase } from "./places";

/** Seconds that servers have to answer after what they run on has been changed. */
export const SERVE_SECONDS = 180;

const common = String.raw`${shellBase}
# A line a server of this address: BACKEND/SERVER, address, status, what the last check found, connections and queue.
# In "show stat": 1 the backend, 2 the server, 3 its queue, 5 its connections, 18 its status, 37 the check, 74 the address.
servers() {
    ask "show stat" | awk -F, -v address="$ADDRESS" \
        '$2 != "BACKEND" && $2 != "FRONTEND" && ($74 == address || index($74, address ":") == 1) { sub(/ .*/, "", $18); print $1 "/" $2, $74, $18, ($37 == "" ? "none" : $37), $3 + $5 }'
}
# Answers are texts; silence is consent.
set_state() {
    answer=$(ask "set server $1 state $2" | tr -d '\n')
    [ -z "$answer" ] || fail "HAProxy on $(uname -n): $1: $answer"
}
runs() { [ -S "$DIR/admin.sock" ] && ask "show info" >/dev/null; }
nothing_runs() { echo "no balancer runs in $DIR on $(uname -n)"; exit 0; }
`;

/**
 * The script, run on the balancer's machine, that takes servers out of service before they are stopped: they get no more
 * requests, and those that they hold have `seconds` to end. Cookies do not keep clients on them, which `drain` would.
 *
 * They stay out of service, whatever configurations are loaded meanwhile, until {@link serveScript} puts them back.
 *
 * @param address a machine's, for all its servers, or ADDRESS:PORT, by which HAProxy knows one. This one is left in service where
 * the last configuration's set replaces its replicas without that: nobody would put it back.
 */
export function drainScript(place: BalancerPlace, address: string, seconds: number): string {
    return script(
        { ...placeVariables(place), ADDRESS: address, DRAIN: seconds },
        common +
            String.raw`
runs || nothing_runs
lock
# It may have been removed meanwhile.
[ -e "$config" ] || nothing_runs
leaving() {
    case $ADDRESS in
        *:*) servers | while read -r name rest; do grep -qxF -- "\${name%%/*}" "$DIR/in-turn" 2>/dev/null && echo "$name $rest" || true; done ;;
        *) servers ;;
    esac
}
[ -n "$(leaving)" ] || { echo "$ADDRESS has nothing to take out of service"; exit 0; }
{ cat "$DIR/out" 2>/dev/null; echo "$ADDRESS"; } | sort -u >"$DIR/out.new" && mv "$DIR/out.new" "$DIR/out"
mark "$config"
for server in $(leaving | cut -d' ' -f1); do set_state "$server" maint; done
[ -z "$(leaving | awk '$3 != "MAINT"')" ] || fail "HAProxy on $(uname -n) did not take servers of $ADDRESS out of service"
exec 9<&-
end=$(($(date +%s) + DRAIN))
while left=$(leaving | awk '$5 > 0 { print $1 " has " $5 }'); [ -n "$left" ]; do
    if [ "$(date +%s)" -ge "$end" ]; then echo "after $DRAIN s these connections are cut:" $left; exit 0; fi
    sleep 0.3
done
echo "$ADDRESS serves no more requests"
`.replaceAll("\\$", "$"),
    );
}

/**
 * The script, run on the balancer's machine, that puts servers back into service: each is asked until it answers,
 * since HAProxy takes a server that comes out of maintenance for healthy at once, and must then be seen up by HAProxy itself.
 * It asks what HAProxy's own check asks.
 *
 * @param seconds how long the servers have to answer
 * @param found backends of which health checks find out whether a server is there: nobody waits for those of theirs
 */
export function serveScript(
    place: BalancerPlace,
    address: string,
    seconds: number,
    found: readonly string[] = [],
): string {
    return script(
        { ...placeVariables(place), ADDRESS: address, LIMIT: seconds, FOUND: found.join(" ") },
        common +
            String.raw`
end=$(($(date +%s) + LIMIT))
put_back() {
    lock
    [ -e "$DIR/out" ] || return 0
    grep -vxF -- "$ADDRESS" "$DIR/out" >"$DIR/out.new" || true
    if [ -s "$DIR/out.new" ]; then mv "$DIR/out.new" "$DIR/out"; else rm -f "$DIR/out" "$DIR/out.new"; fi
    mark "$config"
}
# The next HAProxy there begins with it.
runs || { [ ! -d "$DIR" ] || put_back; nothing_runs; }
# What HAProxy's configuration says of a server: URI and host of its backend's check, and the port where it asks.
check() { awk -v name="$1" '$1 == "backend" { inside = ($2 == name) } inside && $1 == "http-check" && $2 == "send" { for (i = 3; i < NF; i++) if ($i == "uri") { print $(i + 1), $NF; exit } }' "$DIR/haproxy.cfg"; }
check_port() { awk -v backend="$1" -v name="$2" '$1 == "backend" { inside = ($2 == backend) } inside && $1 == "server" && $2 == name { for (i = 4; i < NF; i++) if ($i == "port") print $(i + 1) }' "$DIR/haproxy.cfg"; }
answers() {
    check=$(check "\${1%%/*}")
    port=$(check_port "\${1%%/*}" "\${1#*/}")
    at=\${2%:*}:\${port:-\${2##*:}}
    if [ -z "$check" ]; then socat -u /dev/null "TCP:$at,connect-timeout=3" 2>/dev/null; return; fi
    # Some servers give up when their client has said all and closes its half, so it stays open.
    printf 'GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n' "\${check% *}" "\${check#* }" |
        socat -T 5 -,ignoreeof "TCP:$at,connect-timeout=3" 2>/dev/null | head -n 1 | grep -q '^HTTP/1\.[01] 2'
}
waited= others=
for line in $(servers | awk '$3 == "MAINT" { print $1 "=" $2 }'); do
    server=\${line%%=*}; at=\${line#*=}
    case " $FOUND " in *" \${server%%/*} "*) others="$others $server"; continue ;; esac
    until answers "$server" "$at"; do
        [ "$(date +%s)" -lt "$end" ] || fail "$server does not answer at $at after $LIMIT s; it stays out of service"
        sleep 0.5
    done
    waited="$waited $server"
done
put_back
for server in $waited $others; do set_state "$server" ready; done
exec 9<&-
# The lock may have been waited for.
end=$(($(date +%s) + LIMIT))
for server in $waited; do
    until servers | awk -v name="$server" '$1 == name && $3 == "UP" && $4 ~ /^(L[467]OK|none)$/ { found = 1 } END { exit !found }'; do
        [ "$(date +%s)" -lt "$end" ] || fail "HAProxy on $(uname -n) does not see $server up after $LIMIT s"
        sleep 0.3
    done
done
echo "$ADDRESS is in service:\${waited:- as it was}"
`.replaceAll("\\$", "$"),
    );
}
