import { script } from "../shell";
import { type BalancerPlace, ifOwn, makeDirectory, own, placeVariables, shellBase } from "./places";
import { supervised } from "./supervision";

/**
 * The program that keepalived asks every second. It needs no port: HAProxy is asked by its run-time socket.
 *
 * `alive` ends with 0 while HAProxy takes connections there; `ready` while it answers and every backend has a server.
 */
const probe = String.raw`#!/bin/sh
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
socket=UNIX-CONNECT:$(dirname "$0")/admin.sock
case $1 in
    alive) exec socat -u /dev/null "$socket" 2>/dev/null ;;
    # Of "show stat", for backends alone, 2 is what the line is of and 18 its status.
    ready) echo "show stat -1 2 -1" | socat -t 2 - "$socket" 2>/dev/null |
        awk -F, '$2 == "BACKEND" { found = 1; if ($18 !~ /^UP/) down = 1 } END { exit !found || down }' ;;
esac`;

/** Shell text that starts, reloads and stops keepalived, by systemd where that runs; what it is in $DIR and $KEEPALIVED_UNIT. */
const supervision = String.raw`${supervised}
keepalived_conf=$DIR/keepalived.conf
# The first process, if it runs and is ours.
keepalived_pid() {
    kpid=$(cat "$DIR/keepalived.pid" 2>/dev/null) && [ -n "$kpid" ] &&
        tr '\0' ' ' <"/proc/$kpid/cmdline" 2>/dev/null | grep -qF -- "$keepalived_conf" && echo "$kpid"
}
enable_keepalived() {
    supervised || return 0
    put_unit "$KEEPALIVED_UNIT.service" <<END
[Unit]
Description=keepalived of the balancer $OWNER
Wants=network-online.target
After=network-online.target $UNIT.service

[Service]
ExecStart=$(command -v keepalived) -n -P -f $keepalived_conf -p $DIR/keepalived.pid -r $DIR/keepalived-vrrp.pid
ExecReload=/bin/kill -HUP \$MAINPID
KillMode=mixed
Restart=on-failure
RestartSec=1

[Install]
WantedBy=multi-user.target
END
    enable_unit "$KEEPALIVED_UNIT.service"
}
# The daemon must not inherit the lock.
start_keepalived() {
    if supervised; then
        systemctl reset-failed "$KEEPALIVED_UNIT" 2>/dev/null || true
        systemctl restart "$KEEPALIVED_UNIT" 9<&- || { journalctl -u "$KEEPALIVED_UNIT" -n 20 --no-pager -o cat >&2; return 1; }
    else
        rm -f "$DIR/keepalived.pid" "$DIR/keepalived-vrrp.pid"
        keepalived -P -f "$keepalived_conf" -p "$DIR/keepalived.pid" -r "$DIR/keepalived-vrrp.pid" 9<&-
    fi
}
stop_keepalived() {
    if supervised && systemctl is-active --quiet "$KEEPALIVED_UNIT"; then systemctl stop "$KEEPALIVED_UNIT" 9<&-; else kill -TERM "$1"; fi
}
has_address() { ip -o address show to "$ADDRESS" | grep -q .; }
# Runs its arguments until they succeed, at the most for the seconds in $1.
await() {
    end=$(($(date +%s) + $1)); shift
    until "$@"; do [ "$(date +%s)" -lt "$end" ] || return 1; sleep 0.2; done
}`;

const unitOf = ({ unit }: BalancerPlace) => ({
    KEEPALIVED_UNIT: unit.replace(/^fusion-haproxy-/, "fusion-keepalived-"),
});

/** The script that starts keepalived again where it is to run and does not; nothing where {@link keepalivedScript} has not been. */
export const reviveKeepalivedScript = (place: BalancerPlace): string =>
    script(
        { ...placeVariables(place), ...unitOf(place) },
        shellBase +
            supervision +
            String.raw`
[ -e "$keepalived_conf" ] || exit 0
lock
keepalived_pid >/dev/null || { start_keepalived && echo "keepalived was started again"; }
`,
    );

/** keepalived of one of two balancers. */
export interface KeepalivedPlace extends BalancerPlace {
    /** The argument that says what the pair is, for errors: `lb.standby`. */
    argument: string;
    /** The virtual address, without its prefix. */
    address: string;
    /** A port that HAProxy listens on there; "" where it does on none. */
    port: string;
    own: string;
    peer: string;
}

const variables = ({ argument, address, port, own: self, peer, ...place }: KeepalivedPlace) => ({
    ...placeVariables(place),
    ...unitOf(place),
    ...{ ARGUMENT: argument, ADDRESS: address, PORT: port, OWN: self, PEER: peer },
});

/**
 * The script, run on a balancer's machine with keepalived's configuration in standard input, that brings it into effect: checked by
 * that machine's keepalived, put in place in one step, and reloaded without giving the address up.
 *
 * @param settles whether it waits until one of the machines has the address. Then its last line says which: `own`, or `other`
 */
export function keepalivedScript(place: KeepalivedPlace, settles: boolean): string {
    return script(
        { ...variables(place), SETTLES: settles ? "yes" : "" },
        shellBase +
            supervision +
            String.raw`
${makeDirectory}
lock
${own}
command -v keepalived >/dev/null || fail "keepalived is missing on $(uname -n); install the package keepalived, or give the balancer haproxy: { install: true }"
ip -o address show to "$OWN" | grep -q . ||
    fail "$(uname -n) has no address $OWN, by which the other balancer is to reach it; give $ARGUMENT.peers"
cat >"$keepalived_conf.new"
if grep -q '^ *interface \$INTERFACE$' "$keepalived_conf.new"; then
    device=$(ip -o route get "$PEER" 2>/dev/null | sed -n 's/.* dev \([^ ]*\).*/\1/p')
    case $device in
        "") fail "$(uname -n) has no route to $PEER, the other balancer; give $ARGUMENT.interface or $ARGUMENT.peers" ;;
        lo) fail "$PEER, the other balancer, is $(uname -n) itself; give $ARGUMENT another host, or its peers" ;;
    esac
    { echo "\$INTERFACE=$device"; cat "$keepalived_conf.new"; } >"$keepalived_conf.step" && mv "$keepalived_conf.step" "$keepalived_conf.new"
fi
grep -q '^}$' "$keepalived_conf.new" || fail "keepalived's configuration was cut short; run again"
cat >"$DIR/probe.new" <<'END'
${probe}
END
chmod 700 "$DIR/probe.new"
mv "$DIR/probe.new" "$DIR/probe"
keepalived --config-test -f "$keepalived_conf.new" >"$DIR/keepalived.log" 2>&1 || {
    cat "$DIR/keepalived.log" >&2
    fail "keepalived refuses the new configuration ($keepalived_conf.new); the old one goes on"
}
same=; cmp -s "$keepalived_conf.new" "$keepalived_conf" && same=yes
mv "$keepalived_conf.new" "$keepalived_conf"
enable_keepalived
if kpid=$(keepalived_pid); then
    [ -n "$same" ] || kill -HUP "$kpid"
else
    start_keepalived >"$DIR/keepalived.log" 2>&1 || { cat "$DIR/keepalived.log" >&2; fail "keepalived does not start on $(uname -n)"; }
fi
await 10 keepalived_pid >/dev/null || fail "keepalived ended on $(uname -n) after its start; see its log (journalctl -t Keepalived_vrrp)"
rm -f "$DIR/keepalived.log"
exec 9<&-
[ -n "$SETTLES" ] || { echo "keepalived runs"; exit 0; }
case $ADDRESS in *:*) at="TCP6:[$ADDRESS]:$PORT" ;; *) at="TCP4:$ADDRESS:$PORT" ;; esac
serves() { has_address || [ -z "$PORT" ] || socat -u /dev/null "$at,connect-timeout=2" 2>/dev/null; }
await 30 serves || fail "neither balancer has $ADDRESS after 30 s: nothing answers at port $PORT there; see what keepalived says (journalctl -t Keepalived_vrrp)"
if has_address; then echo own; else echo other; fi
`,
    );
}

/**
 * The script, run on the standby after {@link keepalivedScript} on the first, with what that said in standard input: it fails where
 * both machines keep the address, since they do not hear each other.
 */
export function oneHolderScript(place: KeepalivedPlace): string {
    return script(
        variables(place),
        shellBase +
            supervision +
            String.raw`
case $(tail -n 1) in
    own) await 10 eval '! has_address' ||
        fail "both $PEER and $OWN have $ADDRESS: they do not hear each other; let VRRP (IP protocol 112) through between them, and run again"
        echo "$PEER has $ADDRESS, $OWN stands by" ;;
    *) echo "$OWN has $ADDRESS, $PEER stands by" ;;
esac
`,
    );
}

/** The script that ends keepalived, which gives the address up at once, and removes what it had. */
export function removeKeepalivedScript(place: KeepalivedPlace): string {
    return script(
        variables(place),
        `${ifOwn}
${shellBase}${supervision}` +
            String.raw`
[ ! -d "$DIR" ] || lock
if kpid=$(keepalived_pid); then
    stop_keepalived "$kpid"
    await 10 eval '[ ! -d "/proc/$kpid" ]' || fail "keepalived ($kpid) does not end"
fi
drop_unit "$KEEPALIVED_UNIT.service"
rm -f "$keepalived_conf" "$keepalived_conf".* "$DIR/keepalived.log" "$DIR"/keepalived*.pid "$DIR/probe"
[ -e "$config" ] || [ -e "$DIR/secret" ] || rm -f "$DIR/owner"
rmdir "$DIR" 2>/dev/null || true
`,
    );
}
