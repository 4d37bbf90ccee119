import { script } from "../shell";
import { type SshTarget, sshCommand } from "../ssh";

/** What the guest says of itself when it is ready: that cloud-init ended without an error, and that Docker answers. */
const check = String.raw`
command -v cloud-init >/dev/null || { echo "ready"; exit 0; }
status=$(cloud-init status --format json 2>/dev/null || true)
case $status in
*'"status": "done"'*) ;;
*'"status": "error"'*) echo "failed: cloud-init: $status" | tr '\n' ' '; exit 0 ;;
*) echo "cloud-init is at work"; exit 0 ;;
esac
docker info --format '{{.ServerVersion}}' >/dev/null 2>&1 || { echo "Docker does not answer yet"; exit 0; }
echo "ready"
`;

/**
 * The script, run on the operator's machine, that waits until a machine is ready: ssh answers with the pinned host key,
 * cloud-init is done, Docker answers. It asks with a growing pause, says what is awaited whenever that changes, and gives
 * up after `timeoutSeconds`, naming the last thing that was missing.
 */
export function readyScript(name: string, target: SshTarget, timeoutSeconds: number): string {
    return script(
        { NAME: name, ADDRESS: target.address, TIMEOUT: timeoutSeconds, CHECK: check.trim() },
        `
ask() { printf '%s\\n' "$CHECK" | ${sshCommand(target, "sh -s")} 2>&1; }
start=$(date +%s)
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
