import { quote, script } from "../shell";
import { type SshTarget, shellOn } from "../ssh";

/** A service that is waited for. */
export interface AwaitedService {
    /** Its name in the swarm. */
    service: string;
    /** Of its tasks, as `FUSION_VERSION` in their environment. */
    version: string;
    /** How often it has been tried again; nothing reads it but the engine, which runs the script again for another. */
    attempt: number;
    /** Tasks that are to run; 0 for one on each node that may run it. */
    replicas: number;
    isGlobal: boolean;
    /** Whether Swarm is told to go back where there is no room for new tasks, or they do not answer in time. */
    rollsBack: boolean;
    /** Seconds that all of it may take. */
    limitSeconds: number;
    /** Names of the hosts that may run it: a task elsewhere is yet to move. */
    nodes: readonly string[];
    /** In Swarm's words. */
    constraints: readonly string[];
    /** How often these and the number of tasks have been tried again. */
    tries: number;
    /** How tasks that move are replaced, as options of `docker service update`. */
    pace: string;
    /** Seconds that tasks which are too many may take to end. */
    stopSeconds: number;
}

/** How a script on a machine that is no manager ends, so that the next one is asked. */
const NO_MANAGER = 75;

const manager = String.raw`
case $(docker info --format '{{.Swarm.ControlAvailable}}' 2>/dev/null) in
true) ;;
*) echo "$(uname -n) is no manager of a swarm, or Docker does not answer there"; exit ${NO_MANAGER} ;;
esac
docker node ls --quiet >/dev/null 2>&1 || { echo "$(uname -n) is a manager of a swarm without a quorum"; exit ${NO_MANAGER}; }
`;

/** Run on a manager: says the state of the last update, and versions with their turns: `completed 9f6ff36e-1 0a1b2c3d-0`. */
const look = String.raw`
docker service inspect --format '{{with .UpdateStatus}}{{.State}}{{else}}none{{end}} {{with .Spec.Labels}}{{index . "fusion.version"}}-{{index . "fusion.turn"}}{{end}} {{with .PreviousSpec}}{{index .Labels "fusion.version"}}-{{index .Labels "fusion.turn"}}{{end}}' "$SERVICE" 2>/dev/null ||
    echo "absent"
`;

/** Run on a manager: what a program asks of a service at its start. */
export const lookScript = (service: string): string => script({ SERVICE: service }, manager + look);

/** Run on a manager: has the service go back to the version before. */
export const rollBackScript = (service: string): string =>
    script({ SERVICE: service }, `${manager}docker service update --rollback --detach "$SERVICE" >/dev/null 2>&1\n`);

/**
 * Run on a manager: gives the service its number of tasks and its constraints where it has others. Docker's client leaves the order of
 * the environment as it is; the provider does not, by which Swarm would replace all tasks, where their ports are in use yet.
 */
const adjust = String.raw`
newline='
'
# The lines of the first text that the second has not.
missing() { printf '%s\n' "$1" | while read -r line; do case "$newline$2$newline" in *"$newline$line$newline"*) ;; *) printf '%s\n' "$line" ;; esac; done; }
change() {
    for try in 1 2 3 4 5; do
        said=$(docker service update --quiet --detach --no-resolve-image --label-add "fusion.tries=$TRIES" $PACE "$@" "$SERVICE" 2>&1 >/dev/null) && return 0
        case $said in *"out of sequence"*) ;; *) break ;; esac
    done
    echo "$SERVICE could not be changed: $said"
    exit 1
}
running() { docker service ps --format '{{.CurrentState}}' "$SERVICE" | grep -c '^Running' || true; }
adjust() {
    # One that Swarm has gone back from is not touched.
    is=$(docker service inspect --format '{{with .Spec.Labels}}{{index . "fusion.version"}}{{end}} {{with .UpdateStatus}}{{.State}}{{end}}' "$SERVICE" 2>/dev/null) || return 0
    case $is in "$VERSION rollback_started") return 0 ;; "$VERSION "*) ;; *) return 0 ;; esac
    had=$(docker service inspect --format '{{with .Spec.TaskTemplate.Placement}}{{range .Constraints}}{{println .}}{{end}}{{end}}' "$SERVICE")
    count=$(docker service inspect --format '{{with .Spec.Mode.Replicated}}{{.Replicas}}{{end}}' "$SERVICE")
    tried=$(docker service inspect --format '{{with .Spec.Labels}}{{index . "fusion.tries"}}{{end}}' "$SERVICE")
    set --
    while read -r line; do [ -z "$line" ] || set -- "$@" --constraint-rm "$line"; done <<END
$(missing "$had" "$CONSTRAINTS")
END
    while read -r line; do [ -z "$line" ] || set -- "$@" --constraint-add "$line"; done <<END
$(missing "$CONSTRAINTS" "$had")
END
    if [ -z "$GLOBAL" ] && [ "$REPLICAS" -lt "$count" ]; then
        change --replicas "$REPLICAS"
        # What moves may need their ports.
        end=$(($(date +%s) + STOP))
        while [ $# -gt 0 ] && [ "$(running)" -gt "$REPLICAS" ] && [ "$(date +%s)" -lt "$end" ]; do sleep 0.5; done
    elif [ -z "$GLOBAL" ] && [ "$REPLICAS" -gt "$count" ]; then
        set -- "$@" --replicas "$REPLICAS"
    fi
    # What Swarm has stopped, or gone back from, goes on by that.
    [ -n "$tried" ] || tried=0
    if [ $# -gt 0 ] || [ "$tried" != "$TRIES" ]; then change "$@"; fi
}
adjust
`;

/**
 * Run on a manager: waits until the version runs as often as it is wanted and Swarm has ended its update. It fails with the
 * errors of tasks and their last lines where Swarm has gone back or stopped, where a new service's tasks end again and again, and
 * where it takes too long; then Swarm is told to go back.
 */
const wait = String.raw`
say() { printf '%s\n' "$*"; }
update() { docker service inspect --format '{{with .UpdateStatus}}{{.State}}{{else}}none{{end}}' "$SERVICE" 2>&1; }
message() { docker service inspect --format '{{with .UpdateStatus}}{{.Message}}{{end}}' "$SERVICE" 2>/dev/null; }
# A line a task: ID, wanted state, state, node, version.
tasks() {
    ids=$(docker service ps --quiet --no-trunc "$SERVICE" 2>/dev/null) || return 0
    [ -z "$ids" ] || docker inspect --type task --format '{{.ID}} {{.DesiredState}} {{.Status.State}} {{or .NodeID "-"}} {{range .Spec.ContainerSpec.Env}}{{if eq (printf "%.15s" .) "FUSION_VERSION="}}{{slice . 15}}{{end}}{{end}}' $ids 2>/dev/null || true
}
# Those of the version that have ended, and those that do not run: the last of each first.
troubled() {
    tasks | awk -v version="$VERSION" '$5 == version && $3 ~ /^(failed|rejected|complete)$/ { print $1 }'
    tasks | awk -v version="$VERSION" '$5 == version && $2 == "running" && $3 != "running" && $3 !~ /^(failed|rejected|complete)$/ { print $1 }'
}
ended() { tasks | awk -v version="$VERSION" -v known=" $known " '$5 == version && $3 ~ /^(failed|rejected|complete)$/ && !index(known, " " $1 " ") { print $1 }'; }
RIGHT='$2 == "running" && $3 == "running" && $5 == version && index(nodes, " " $4 " ")'
# IDs of the nodes that may run it.
allowed() { docker node inspect --format '{{.ID}} {{index .Spec.Labels "fusion.host"}}' $(docker node ls --quiet) | awk -v hosts=" $NODES " 'index(hosts, " " $2 " ") { printf "%s ", $1 }'; }
serves() {
    all=$(tasks | awk '$2 == "running" || $2 == "ready"')
    nodes=" $(allowed)"
    right=$(say "$all" | awk -v version="$VERSION" -v nodes="$nodes" "$RIGHT { print }" | wc -l)
    others=$(say "$all" | awk -v version="$VERSION" -v nodes="$nodes" "NF > 1 && !($RIGHT) { print }" | wc -l)
    if [ -n "$GLOBAL" ]; then [ "$right" -gt 0 ] && [ "$others" -eq 0 ]; else [ "$right" -eq "$REPLICAS" ] && [ "$others" -eq 0 ]; fi
}
describe() {
    all=$(troubled)
    for task in $(say "$all" | head -n 3); do
        docker inspect --type task --format '{{.Slot}} {{or .NodeID "-"}} {{.Status.State}} {{with .Status.ContainerStatus}}{{.ContainerID}}{{else}}-{{end}} {{or .Status.Err .Status.Message}}' "$task" 2>/dev/null | {
            read -r slot node state container rest || exit 0
            on=$([ "$node" = - ] || docker node inspect --format '{{.Description.Hostname}}' "$node" 2>/dev/null) || on=
            case $state in
            complete) rest="it has ended by itself, or its health check has failed" ;;
            starting) rest="its health check has not passed yet" ;;
            esac
            say "  task $SERVICE$([ "$slot" = 0 ] || echo ".$slot")$([ -z "$on" ] || echo " on $on") is $state: $rest"
            # Only on the task's own node.
            check=$(docker inspect --type container --format '{{with .State.Health}}{{range .Log}}{{println .Output}}{{end}}{{end}}' "$container" 2>/dev/null | grep -v '^$' | tail -n 1) || check=
            [ -z "$check" ] || say "    its health check said: $check"
        }
    done
    first=$(say "$all" | head -n 1) lines=
    [ -z "$first" ] || lines=$(timeout 10 docker service logs --raw --no-trunc --tail 10 "$first" 2>&1) || true
    [ -z "$lines" ] || { say "  its last lines:"; say "$lines" | sed 's/^/    /'; }
}
tell() {
    say "$SERVICE: $1"
    [ -n "$described" ] || described=$(describe)
    [ -z "$described" ] || say "$described"
    exit 1
}
described=
end=$(($(date +%s) + LIMIT))
asked= known=
known=$(ended | tr '\n' ' ')
while :; do
    state=$(update)
    case $state in
    rollback_completed | rollback_paused) tell "the update has failed, and Swarm has gone back to the version before: $asked$(message)" ;;
    paused) tell "the update has failed, and Swarm has stopped it where it was: $(message)" ;;
    none | completed) ! serves || { say "$SERVICE runs $VERSION"; exit 0; } ;;
    updating | rollback_started) ;;
    *) tell "it cannot be looked at: $state" ;;
    esac
    if [ "$state" = none ] && [ "$(ended | wc -l)" -ge 3 ]; then tell "its tasks end again and again"; fi
    if [ "$(date +%s)" -ge "$end" ]; then
        [ "$state" = updating ] && [ -n "$ROLLS_BACK" ] && [ -z "$asked" ] || tell "not all of it runs after $LIMIT s"
        described=$(describe)
        docker service update --rollback --detach "$SERVICE" >/dev/null 2>&1 || tell "not all of it runs after $LIMIT s, and it cannot go back"
        asked="not all of it ran after $LIMIT s; "
        end=$(($(date +%s) + LIMIT))
    fi
    sleep 1
done
`;

/** What is run on a manager to wait for a service. */
export function waitScript(awaited: AwaitedService): string {
    const variables = {
        SERVICE: awaited.service,
        VERSION: awaited.version,
        ATTEMPT: awaited.attempt,
        REPLICAS: awaited.replicas,
        GLOBAL: awaited.isGlobal ? "1" : "",
        ROLLS_BACK: awaited.rollsBack ? "1" : "",
        LIMIT: awaited.limitSeconds,
        NODES: awaited.nodes.join(" "),
        CONSTRAINTS: awaited.constraints.join("\n"),
        TRIES: awaited.tries,
        PACE: awaited.pace,
        STOP: awaited.stopSeconds + 30,
    };
    return script(variables, manager + adjust + wait.replaceAll("\\$", "$"));
}

/** Run on a manager: no task is wanted any more, and those that are there have their time to end. */
const stop = String.raw`
case $(docker service inspect --format '{{if .Spec.Mode.Global}}global{{else}}replicated{{end}}' "$SERVICE" 2>/dev/null) in
global) docker service update --detach --constraint-add node.labels.fusion.host==none "$SERVICE" >/dev/null ;;
replicated) docker service scale --detach "$SERVICE=0" >/dev/null ;;
*) exit 0 ;;
esac
end=$(($(date +%s) + LIMIT))
runs() {
    ids=$(docker service ps --quiet --no-trunc "$SERVICE" 2>/dev/null) || return 1
    [ -n "$ids" ] && docker inspect --type task --format '{{.Status.State}}' $ids 2>/dev/null | grep -qx running
}
while runs; do
    [ "$(date +%s)" -lt "$end" ] || { echo "tasks of $SERVICE run after $LIMIT s yet"; exit 0; }
    sleep 0.5
done
`;

/** @param stopSeconds that a container has to end by itself */
export const stopScript = (service: string, stopSeconds: number): string =>
    script({ SERVICE: service, LIMIT: stopSeconds + 30 }, manager + stop);

/**
 * The script, run on the operator's machine, that runs one on the first manager that answers. Where the manager is lost in the midst
 * of it, the next one does it.
 *
 * @param what is done, for what is said where no manager answers
 * @param isNeeded whether it fails then
 */
export function onManager(managers: readonly SshTarget[], what: string, remote: string, isNeeded = true): string {
    const asks = managers.map(
        (target) => `ask ${quote(target.address)} ${quote(`printf '%s' "$REMOTE" | ${shellOn(target)}`)}`,
    );
    return script(
        { REMOTE: remote, WHAT: what },
        String.raw`
answers=
ask() {
    code=0
    said=$(eval "$2" 2>&1) || code=$?
    case $code in
    0) printf '%s\n' "$said"; exit 0 ;;
    255 | ${NO_MANAGER}) answers="$answers
  $1: $(printf '%s\n' "$said" | tail -n 1)" ;;
    *) printf '%s\n' "$said" >&2; exit "$code" ;;
    esac
}
for round in 1 2 3; do
    answers=
${asks.map((line) => `    ${line}`).join("\n")}
    sleep 5
done
echo "no manager of the swarm answers, which is needed to $WHAT:$answers" >&2
exit ${isNeeded ? 1 : 0}
`,
    );
}
