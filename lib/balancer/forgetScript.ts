import { script } from "../shell";
import type { TaskServer } from "../swarm/endpoints";
import { type BalancerPlace, placeVariables, shellBase } from "./places";

/**
 * The script, run on the balancer's machine, that takes servers for down whose tasks are about to stop: they get no more requests. It
 * is for health checks to find out what is there, so that nothing lasts of this: a server that answers is up again after two of
 * them, unless it is said again. Standard input has a line a task, HOST TURN.
 */
export function forgetScript(place: BalancerPlace, backend: string, servers: readonly TaskServer[]): string {
    const table = servers.map(({ name, vm, turn }) => `${vm}:${turn}=${name}`).join(" ");
    return script(
        { ...placeVariables(place), BACKEND: backend, SERVERS: table },
        shellBase +
            String.raw`
[ -S "$DIR/admin.sock" ] && ask "show info" >/dev/null || { echo "no balancer runs in $DIR on $(uname -n)"; exit 0; }
told=
while read -r host turn; do
    [ -n "$host" ] || continue
    for server in $SERVERS; do
        [ "\${server%%=*}" = "$host:$turn" ] || continue
        server=\${server#*=}
        ask "set server $BACKEND/$server health down" >/dev/null || true
        case " $told " in *" $server "*) ;; *) told="$told $server" ;; esac
    done
done
echo "no more requests before they stop:\${told:- none}"
`.replaceAll("\\$", "$"),
    );
}
