import { script } from "../shell";
import { forgetConnection, type SshTarget, tellingSshCommand } from "../ssh";

/**
 * Run in the guest, in one session: waits until cloud-init has left its result and Docker answers. `cloud-init status` is
 * not asked again and again, because each start of its Python takes seconds of an emulated processor.
 */
const wait = String.raw`
end=$(($(date +%s) + LEFT))
result=/run/cloud-init/result.json
if command -v cloud-init >/dev/null; then
    until [ -s $result ]; do
        [ "$(date +%s)" -lt "$end" ] || { echo "cloud-init is not done"; exit 0; }
        sleep 1
    done
    if ! grep -q '"errors": \[\]' $result; then
        echo "failed: cloud-init: $(tr -d '\n' <$result)"
        exit 0
    fi
fi
until docker info >/dev/null 2>&1; do
    [ "$(date +%s)" -lt "$end" ] || { echo "Docker does not answer: $(docker info 2>&1 | tail -n 1)"; exit 0; }
    sleep 1
done
echo ready
`;

/**
 * The script, run on the operator's machine, that waits until a machine is ready: ssh answers with the pinned host key,
 * cloud-init is done, Docker answers. It asks with a growing pause, says what is awaited whenever that changes, and gives
 * up after `timeoutSeconds`, naming the last thing that was missing.
 */
export function readyScript(name: string, target: SshTarget, timeoutSeconds: number): string {
    return script(
        { NAME: name, ADDRESS: target.address, TIMEOUT: timeoutSeconds, WAIT: wait.trim() },
        `
start=$(date +%s)
# A connection that others share may still lead to the machine's predecessor.
${forgetConnection(target)}
# The guest's clock may differ, so it is told how many seconds are left.
ask() { { echo "LEFT=$((TIMEOUT - took))"; echo "$WAIT"; } | ${tellingSshCommand(target, "sh -s")} 2>&1; }
took=0
pause=1
last=
while :; do
    # What ssh itself says ends in a carriage return.
    answer=$(ask | tr -d '\\r' | tail -n 1) || true
    took=$(($(date +%s) - start))
    case $answer in
    ready) echo "$NAME is ready after $took s"; exit 0 ;;
    failed:*) echo "$NAME: $answer" >&2
        echo "look into it with: ssh to $ADDRESS, then: sudo cloud-init status --long; sudo tail /var/log/cloud-init-output.log" >&2
        exit 1 ;;
    *"Host key verification failed"*) answer="its ssh host key is not the one it was made with: $answer" ;;
    esac
    [ -n "$answer" ] || answer="ssh gave no answer"
    if [ "$answer" != "$last" ]; then echo "waiting for $NAME ($took s): $answer"; last=$answer; fi
    if [ "$took" -ge "$TIMEOUT" ]; then
        echo "$NAME ($ADDRESS) is not ready after $took s; the last answer: $answer" >&2
        echo "see its console with virsh console, or give it longer with readyTimeoutSeconds" >&2
        exit 1
    fi
    sleep $pause
    [ $pause -ge 5 ] || pause=$((pause + 1))
done
`,
    );
}
