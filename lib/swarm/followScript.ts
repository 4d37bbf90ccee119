import { quote, script } from "../shell";
import { type SshTarget, shellOn } from "../ssh";
import type { Brought } from "./turn";

/** Seconds that a change of the service may take to begin. */
const BEGIN_SECONDS = 60;
/** The same for one that leaves its version as it is. */
const SOON_SECONDS = 20;

/**
 * Run on a manager, while the service changes: a line for each task that is about to stop, HOST TURN. Swarm
 * leaves a task that it stops two seconds before the container is asked to end, for others to forget it.
 */
const follow = String.raw`
at() { docker service inspect --format '{{with .Spec.Labels}}{{index . "fusion.version"}}-{{index . "fusion.turn"}}-{{index . "fusion.attempt"}}{{end}} {{with .UpdateStatus}}{{.State}}{{else}}none{{end}} {{.Version.Index}}' "$SERVICE" 2>/dev/null || echo "- none -"; }
nodes=$(docker node ls --quiet 2>/dev/null) || exit 1
names=$(docker node inspect --format '{{.ID}} {{or (index .Spec.Labels "fusion.host") .Description.Hostname}}' $nodes 2>/dev/null) || exit 1
leaving() { docker service ps --no-trunc --format '{{.ID}}|{{.DesiredState}}|{{.CurrentState}}' "$SERVICE" 2>/dev/null | awk -F '|' '($2 == "Shutdown" || $2 == "Remove") && $3 ~ /^Running/ { print $1 }'; }
turns() {
    docker inspect --type task --format '{{.NodeID}}{{range .Spec.ContainerSpec.Env}}{{if eq (printf "%.12s" .) "FUSION_TURN="}} {{slice . 12}}{{end}}{{end}}' "$@" 2>/dev/null |
        awk -v names="$(printf '%s' "$names" | tr '\n' ' ')" '
            BEGIN { n = split(names, word); for (i = 1; i < n; i += 2) host[word[i]] = word[i + 1] }
            $1 in host && NF == 2 { print host[$1], $2 }'
}
first=$(at) soon=$(($(date +%s) + SOON))
# Where its version stays, what it is about to be changed to is not to be seen yet.
case $first in "$WANTED "*) ;; *) first= ;; esac
begin=$(($(date +%s) + BEGIN)) end=$(($(date +%s) + LIMIT)) calm=0 round=0 before=
while [ "$(date +%s)" -lt "$end" ] && [ "$calm" -lt 3 ]; do
    # So that this ends where nobody listens.
    echo
    stopping=$(leaving)
    if [ -n "$stopping" ]; then
        [ "$stopping" = "$before" ] || said=$(turns $stopping)
        before=$stopping calm=0
        printf '%s\n' "$said"
    # Two seconds are all that there is for it.
    elif round=$((round + 1)) && [ $((round % 5)) -eq 1 ]; then
        case $(at) in
        "$WANTED updating "* | *" rollback_started "*) begin=0 calm=0 ;;
        "$first") [ "$(date +%s)" -lt "$soon" ] || calm=3 ;;
        "$WANTED none "*) begin=0 calm=$((calm + 1)) ;;
        "$WANTED "*) calm=3 ;;
        *) [ "$begin" -gt 0 ] && [ "$(date +%s)" -lt "$begin" ] || calm=3 ;;
        esac
    fi
    sleep 0.2
done
`;

/**
 * The script, run on the operator's machine, that writes which tasks of a service are about to stop, as long as it changes.
 *
 * @param more what else changes where tasks run; nothing reads it but the engine, which runs the script again for another
 */
export function followScript(
    managers: readonly SshTarget[],
    { name, limitSeconds, more }: { name: string; limitSeconds: number; more: string },
    { version, turn, attempt }: Brought,
): string {
    const WANTED = `${version}-${turn}-${attempt > 0 ? attempt : ""}`;
    const limits = { BEGIN: BEGIN_SECONDS, SOON: SOON_SECONDS, LIMIT: limitSeconds };
    const remote = script({ SERVICE: name, WANTED, MORE: more, ...limits }, follow);
    const asks = managers.map((target) => `printf '%s' "$REMOTE" | ${shellOn(target)} && exit 0`);
    return `REMOTE=${quote(remote)}\n${asks.join("\n")}\nexit 0\n`;
}
