import { script } from "../shell";
import { anyMaster, containers } from "./containerScripts";
import { type BalancerPlace, placeVariables, shellBase } from "./places";

/** The script, run on the first of two balancers, that writes the names of backends that have a server there, a line each. */
export const servedScript = (place: BalancerPlace): string =>
    script(
        placeVariables(place),
        String.raw`${shellBase}
# In "show stat", for backends alone, 1 is the name and 18 the status.
ask "show stat -1 2 -1" | awk -F, '$2 == "BACKEND" && $18 ~ /^UP/ { print $1 }' || true`,
    );

/**
 * The script, run on the standby before the first balancer is touched: it fails where the standby could not take over. What the first
 * serves itself is in standard input, as {@link servedScript} writes it; a backend that both have lost, or that the standby's newer
 * configuration has no more, holds nothing up.
 *
 * @param mayLack whether there may be no standby yet: a step of a rollout comes before its first deployment
 */
export const standsByScript = (place: BalancerPlace, mayLack: boolean): string =>
    script(
        {
            ...placeVariables(place),
            MAY_LACK: mayLack ? "yes" : "",
            KEEPALIVED_UNIT: place.unit.replace(/^fusion-haproxy-/, "fusion-keepalived-"),
        },
        String.raw`${shellBase}${containers}${anyMaster}
refuse() { fail "the standby on $(uname -n) could not take over: $1; the first balancer is left as it is. $2, then run again"; }
served=$(cat)
[ -z "$MAY_LACK" ] || [ -e "$config" ] || { echo "there is no standby on $(uname -n) yet"; exit 0; }
# Nothing is changed there meanwhile.
[ ! -d "$DIR" ] || lock
pid=$(master) || refuse "no HAProxy runs in $DIR" "Start it (systemctl start $UNIT, or docker start $UNIT; without systemd pulumi up --replace its command)"
description() { sed -n 's/^ *description "\(fusion-[^"]*\)"$/\1/p' "$config"; }
running=$(ask "show info" | sed -n 's/^[Dd]escription: //p')
[ -n "$running" ] || refuse "HAProxy ($pid) does not answer at $DIR/admin.sock" "Restart it (systemctl or docker restart $UNIT)"
[ "$running" = "$(description)" ] || refuse "HAProxy runs $running, not $(description)" "Reload it (systemctl reload $UNIT, or docker restart $UNIT)"
ask "show stat -1 2 -1" | awk -F, '$2 == "BACKEND" && $18 !~ /^UP/ { print $1 }' >"$DIR/down"
lost=$(echo "$served" | grep -xF -f "$DIR/down" | tr '\n' ' ' || true)
rm -f "$DIR/down"
[ -z "$lost" ] || refuse "it reaches no server of $lost, which the first does" "See that $(uname -n) has a way to them"
# There is none before the pair's first deployment has come to its end.
if [ -e "$DIR/keepalived.conf" ]; then
    kpid=$(cat "$DIR/keepalived.pid" 2>/dev/null) && tr '\0' ' ' <"/proc/$kpid/cmdline" 2>/dev/null | grep -qF -- "$DIR/keepalived.conf" ||
        refuse "keepalived does not run" "Start it (systemctl start $KEEPALIVED_UNIT; without systemd pulumi up --replace its command)"
fi
echo "the standby on $(uname -n) could take over"`,
    );
