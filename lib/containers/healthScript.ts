import { commandLine, script } from "../shell";
import type { SshTarget } from "../ssh";
import { onHosts } from "./onHosts";

/** One container that must answer. */
export interface HealthTarget {
    /** Name of the replica. */
    replica: string;
    /** Name of the container on its host. */
    container: string;
    vm: string;
    ssh: SshTarget;
    /** What is asked, from the container's host; undefined: only that the container runs. */
    probe?:
        | { kind: "http" | "tcp"; address: string; port: number; path: string }
        | { /** Run in the container. */ kind: "command"; words: readonly string[] };
}

/** Run on a container's host: asks until the container answers, then says so; else says what it answered and wrote. */
const remote = String.raw`
ask() {
    running=$(docker inspect --format '{{.State.Running}}' "$CONTAINER" 2>&1) || { echo "$running"; return 1; }
    [ "$running" = true ] || { echo "the container does not run"; return 1; }
    case $KIND in
    http)
        # The host may have a proxy for other networks, which does not lead to it.
        if command -v curl >/dev/null; then
            status=$(curl --noproxy '*' --silent --show-error --max-time 5 --output /dev/null --write-out '%{http_code}' "http://$ADDRESS:$PORT$URI" 2>&1) ||
                { echo "$status"; return 1; }
            case $status in 2??) ;; *) echo "status $status"; return 1 ;; esac
        elif command -v wget >/dev/null; then
            # Quiet it would not even say what is wrong.
            wget --no-proxy --no-verbose --tries=1 --timeout=5 --max-redirect=0 --output-document=/dev/null "http://$ADDRESS:$PORT$URI" 2>&1
        else
            python3 -c 'import sys, http.client
try:
    c = http.client.HTTPConnection(sys.argv[1], int(sys.argv[2]), timeout=5)
    c.request("GET", sys.argv[3])
    s = c.getresponse().status
except Exception as e: sys.exit(str(e))
if s // 100 != 2: sys.exit("status %d" % s)' "$ADDRESS" "$PORT" "$URI" 2>&1
        fi ;;
    command)
        # Shell text of our own; the words in it are quoted.
        eval "set -- $WORDS"
        answer=$(timeout 30 docker exec "$CONTAINER" "$@" 2>&1) || { code=$?; echo "code $code $answer" | tail -c 300; return 1; } ;;
    tcp)
        if command -v nc >/dev/null; then
            # Quiet it would not say what is wrong.
            nc -vz -w 5 "$ADDRESS" "$PORT" 2>&1
        else
            python3 -c 'import sys, socket
try: socket.create_connection((sys.argv[1], int(sys.argv[2])), 5)
except Exception as e: sys.exit(str(e))' "$ADDRESS" "$PORT" 2>&1
        fi ;;
    esac
}
fail() {
    echo "$REPLICA is not healthy on $VM $1: asked $KIND $ASKED, answer: $answer"
    echo "last lines of $CONTAINER:"
    docker logs --tail 20 "$CONTAINER" 2>&1
    exit 1
}
start=$(date +%s)
forgiven=0
until answer=$(ask); do
    passed=$(($(date +%s) - start))
    [ "$passed" -lt $((START_PERIOD + TIMEOUT)) ] || fail "after $passed s"
    # Docker starts it again and again, which does not make it better.
    ends=$(docker inspect --format '{{.RestartCount}}' "$CONTAINER" 2>/dev/null) || ends=0
    [ "$passed" -ge "$START_PERIOD" ] || forgiven=$ends
    [ $((ends - forgiven)) -lt 3 ] || fail "after its start: it has ended $((ends - forgiven)) times"
    sleep 1
done
echo "$REPLICA is healthy on $VM"
`;

/**
 * The script, run on the operator's machine, that waits until all containers answer, over one connection a host, and fails
 * with the last lines of those that do not within `timeoutSeconds` after their start period, or that end again and again.
 */
export function healthScript(targets: readonly HealthTarget[], timeoutSeconds: number, startPeriodSeconds = 0): string {
    return onHosts(targets, (target) => askScript(target, timeoutSeconds, startPeriodSeconds));
}

function askScript({ replica, container, vm, probe }: HealthTarget, timeout: number, startPeriod: number): string {
    const at = probe === undefined || probe.kind === "command" ? undefined : probe;
    const words = probe?.kind === "command" ? commandLine(probe.words) : "";
    return script(
        {
            REPLICA: replica,
            CONTAINER: container,
            VM: vm,
            KIND: probe?.kind ?? "running",
            ASKED: at ? `${at.address}:${at.port}${at.path}` : words || "whether it runs",
            ADDRESS: at?.address ?? "",
            PORT: at?.port ?? "",
            URI: at?.path ?? "",
            WORDS: words,
            TIMEOUT: timeout,
            START_PERIOD: startPeriod,
        },
        remote,
    );
}
