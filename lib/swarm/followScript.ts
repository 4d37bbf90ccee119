import { quote, script } from "../shell";
import { type SshTarget, shellOn } from "../ssh";
import type { Brought } from "./turn";

/** Seconds that a change of the service may take to begin. */
const BEGIN_SECONDS = 60;

/**
 * Run on a manager, while the service changes: a line for each task that is about to stop, HOST PORT for each of its ports. Swarm
 * leaves a task that it stops two seconds before the container is asked to end, for others to forget it.
 */
const follow = String.raw`
at() { docker service inspect --format '{{with .Spec.Labels}}{{index . "fusion.version"}}-{{index . "fusion.turn"}}-{{index . "fusion.attempt"}}{{end}} {{with .UpdateStatus}}{{.State}}{{else}}none{{end}}' "$SERVICE" 2>/dev/null || echo "- none"; }
names=$(docker node inspect --format '{{.Description.Hostname}} {{index .Spec.Labels "fusion.host"}}' $(docker node ls --quiet) 2>/dev/null | tr '\n' ' ') || exit 1
leaving() {
    docker service ps --no-trunc --format '{{.Node}}|{{.DesiredState}}|{{.CurrentState}}|{{.Ports}}' "$SERVICE" 2>/dev/null |
        awk -F '|' -v names="$names" '
            BEGIN { n = split(names, word); for (i = 1; i < n; i += 2) host[word[i]] = word[i + 1] }
            ($2 == "Shutdown" || $2 == "Remove") && $3 ~ /^Running/ {
                m = split($4, port, ",")
                for (i = 1; i <= m; i++) { sub(/^.*:/, "", port[i]); sub(/->.*/, "", port[i]); print (($1 in host) ? host[$1] : $1), port[i] }
            }'
}
begin=$(($(date +%s) + BEGIN)) end=$(($(date +%s) + LIMIT)) calm=0
while [ "$(date +%s)" -lt "$end" ]; do
    # So that this ends where nobody listens.
    echo
    case $(at) in
    "$WANTED none") begin=0 ;;
    "$WANTED updating" | *" rollback_started") begin=0 calm=0 ;;
    "$WANTED "*) begin=0 calm=$((calm + 10)) ;;
    *) [ "$begin" -gt 0 ] && [ "$(date +%s)" -lt "$begin" ] || calm=$((calm + 10)) ;;
    esac
    stopping=$(leaving)
    if [ -n "$stopping" ]; then printf '%s\n' "$stopping"; calm=0; elif [ "$begin" -eq 0 ]; then calm=$((calm + 1)); fi
    [ "$calm" -lt 20 ] || exit 0
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
    const limits = { BEGIN: BEGIN_SECONDS, LIMIT: limitSeconds };
    const remote = script({ SERVICE: name, WANTED, MORE: more, ...limits }, follow);
    const asks = managers.map((target) => `printf '%s' "$REMOTE" | ${shellOn(target)} && exit 0`);
    return `REMOTE=${quote(remote)}\n${asks.join("\n")}\nexit 0\n`;
}
