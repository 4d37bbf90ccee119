import { commandLine, quote, script } from "../shell";
import { forgetConnection, type SshTarget, shellOn, sshCommand, tellingSshCommand } from "../ssh";
import { staleDisks } from "./cloudInit/mountScript";

/**
 * Run in the guest, in one session: waits until cloud-init has left its result and Docker answers. `cloud-init status` is
 * not asked again and again, because each start of its Python takes seconds of an emulated processor. What cloud-init could
 * not do is told module by module. Docker never starts while it waits for a disk that is gone, so that is told before.
 */
export const waitScript = String.raw`
${staleDisks}
end=$(($(date +%s) + LEFT))
result=/run/cloud-init/result.json
if command -v cloud-init >/dev/null; then
    until [ -s $result ]; do
        [ "$(date +%s)" -lt "$end" ] || { echo "cloud-init is not done"; exit 0; }
        sleep 1
    done
    if ! grep -q '"errors": \[\]' $result; then
        { tr -d '\n' <$result; echo; } | sed 's/.*"errors": *\[//; s/\].*//' | sed "s/\", *\"/\n/g" |
            sed "s/^ *\"*(*'*//; s/)\"* *$//; s/', */: /" | sed 's/^/cloud-init: /'
        sudo -n tail -n 15 /var/log/cloud-init-output.log 2>/dev/null | sed 's/^/| /'
        echo "failed: cloud-init has errors, above by module"
        exit 0
    fi
fi
[ -z "$(stale)" ] || { echo "other disks"; exit 0; }
until docker info >/dev/null 2>&1; do
    [ "$(date +%s)" -lt "$end" ] || { echo "Docker does not answer: $(docker info 2>&1 | tail -n 1)"; exit 0; }
    sleep 1
done
echo ready
`;

/** Run in the guest that is ready: what the hypervisor has given since its start is taken into use. Run again, it changes nothing. */
const settle = String.raw`
for switch in /sys/devices/system/cpu/cpu*/online; do
    [ ! -e "$switch" ] || [ "$(cat "$switch")" = 1 ] || echo 1 | sudo -n tee "$switch" >/dev/null || true
done
set -- $(findmnt -n -v -o SOURCE,FSTYPE --mountpoint / 2>/dev/null) "" ""
name=$(basename "$(readlink -f "$1")")
if [ -b "$1" ] && [ -e "/sys/class/block/$name/partition" ]; then
    disk=$(basename "$(readlink -f "/sys/class/block/$name/..")")
    free=$(($(cat "/sys/class/block/$disk/size") - $(cat "/sys/class/block/$name/start") - $(cat "/sys/class/block/$name/size")))
    if [ $free -ge 4096 ]; then
        sudo -n growpart "/dev/$disk" "$(cat "/sys/class/block/$name/partition")" >/dev/null 2>&1 || true
        case $2 in
        ext*) sudo -n resize2fs "$1" ;;
        xfs) sudo -n xfs_growfs / ;;
        btrfs) sudo -n btrfs filesystem resize max / ;;
        esac >/dev/null 2>&1 || echo "note: the file system on / could not be grown"
    fi
fi
`;

/** Run behind it: cloud-init says nothing of a time zone that the image has no data of. */
const checkZone = String.raw`
data=/usr/share/zoneinfo/$ZONE
if [ ! -f "$data" ]; then
    echo "note: the time zone $ZONE is without effect, since the image has no data of it; add tzdata to packages"
elif [ "$(cksum <"$data")" != "$({ cksum </etc/localtime; } 2>/dev/null)" ]; then
    echo "note: the time zone $ZONE is without effect; see /var/log/cloud-init.log, and whether cloudInit or commands set another"
fi
`;

const settleScript = (timezone: string): string =>
    timezone === "" ? settle.trim() : `${settle.trim()}\nZONE=${quote(timezone)}${checkZone.trimEnd()}`;

/** A machine as its scripts on the operator's side know it. */
export interface MachineTarget {
    name: string;
    /** The guest. */
    guest: SshTarget;
    /** The hypervisor; undefined: this machine. */
    hypervisor: SshTarget | undefined;
    /** Path of the console's log on the hypervisor. */
    consoleLog: string;
}

/**
 * The script, run on the operator's machine, that makes a defined machine run as it is to be and waits until it is ready: ssh
 * answers with the pinned host key, cloud-init is done, Docker answers. It asks with a growing pause, says what is awaited
 * whenever that changes and twice a minute, and gives up after `timeoutSeconds`, with what was missing last and the end of the guest's console.
 *
 * Its output has the domain's UUID, for its deletion.
 *
 * @param made what the machine is made of; the state keeps it in the script
 * @param apply run on the hypervisor first
 * @param timezone that the guest is to have, "" where that is the image's
 * @param mount run in the guest as root: mounts its data disks, and takes away what others have left
 * @param disks those that it has, as `mountLines`
 */
export function readyScript(
    target: MachineTarget,
    plan: { made: string; apply: string; starts: number; mount: string; disks: string; timezone: string },
    timeoutSeconds: number,
): string {
    const variables = {
        ...{ NAME: target.name, ADDRESS: target.guest.address, TIMEOUT: timeoutSeconds, CONSOLE: target.consoleLog },
        ...{
            APPLY: plan.apply,
            MADE: plan.made,
            STARTS: plan.starts,
            WAIT: waitScript.trim(),
            SETTLE: settleScript(plan.timezone),
        },
        ...{ MOUNT: plan.mount, DISKS: plan.disks },
    };
    return script(
        variables,
        `
on_hypervisor() { ${shellOn(target.hypervisor)}; }
on_guest() { ${sshCommand(target.guest, "sh -s")}; }
start=$(date +%s)
# A connection that others share may still lead to the machine's predecessor.
${forgetConnection(target.guest)}
applied=$(printf '%s\\n' "$APPLY" | on_hypervisor) || exit 1
printf '%s\\n' "$applied" | sed -n "s/^note: /$NAME: /p"
give_up() {
    printf 'log="%s"; { tail -c 6000 "$log" 2>/dev/null || sudo -n tail -c 6000 "$log" 2>/dev/null || { [ ! -e "$log" ] || echo "$log cannot be read"; }; } | tr -d "\\\\r" | tail -n 25\\n' "$CONSOLE" | on_hypervisor 2>/dev/null | sed 's/^/console: /' >&2
    printf '%s\\n' "$@" >&2
    exit 1
}
# The guest's clock may differ, so it is told how many seconds are left; not many at once, so that there is something to say.
ask() { left=$((TIMEOUT - took)); [ $left -lt 30 ] || left=30; { echo "LEFT=$left DISKS='$DISKS'"; echo "$WAIT"; } | ${tellingSshCommand(target.guest, "sh -s")} 2>&1; }
mounted=
mount_disks() {
    said=$(printf '%s\\n' "$MOUNT" | ${sshCommand(target.guest, "sudo -n sh -s")} 2>&1) || give_up "$said" "$NAME: its data disks are not all mounted"
    mounted=yes
}
took=0
told=0
pause=1
last=
while :; do
    # What ssh itself says ends in a carriage return.
    said=$(ask | tr -d '\\r') || true
    answer=$(printf '%s\\n' "$said" | tail -n 1)
    took=$(($(date +%s) - start))
    case $answer in
    ready) break ;;
    failed:*) printf '%s\\n' "$said" | sed '$d' >&2
        give_up "$NAME: $answer" "look into it with: ssh to $ADDRESS, then: sudo cloud-init status --long; sudo tail /var/log/cloud-init-output.log" ;;
    "other disks") mount_disks
        answer="its data disks have changed" ;;
    *"Host key verification failed"*) answer="its ssh host key is not the one it was made with: $answer" ;;
    esac
    [ -n "$answer" ] || answer="ssh gave no answer"
    if [ "$answer" != "$last" ] || [ $((took - told)) -ge 30 ]; then
        echo "waiting for $NAME ($took s): $answer"
        last=$answer told=$took
    fi
    [ "$took" -lt "$TIMEOUT" ] || give_up "$NAME ($ADDRESS) is not ready after $took s; the last answer: $answer" \\
        "its console, if it wrote one, is above; give it longer with readyTimeoutSeconds, or make it anew with lost: true"
    sleep $pause
    [ $pause -ge 5 ] || pause=$((pause + 1))
done
printf '%s\\n' "$SETTLE" | on_guest | sed "s/^note: /$NAME: /" || true
[ -z "$DISKS" ] || [ -n "$mounted" ] || mount_disks
printf '%s\\n' "$applied" | tail -n 1
# Last, since that is what stays on the screen.
echo "$NAME is ready after $took s"
`,
    );
}

/**
 * The command, run on the operator's machine, that shuts the guest down: the guest is asked over ssh, and by a
 * {@link stopScript} on the hypervisor, which also waits. The UUID comes from the last output.
 */
export function stopCommand(target: MachineTarget, stop: string): string {
    return [
        `uuid=$(printf '%s\\n' "\${PULUMI_COMMAND_STDOUT:-}" | sed -n 's/^domain //p' | tail -n 1)`,
        `${sshCommand(target.guest, "sudo -n systemctl poweroff")} </dev/null >/dev/null 2>&1 & asked=$!`,
        `{ echo "UUID='$uuid'"; ${commandLine(["printf", "%s\\n", stop])}; } | ${shellOn(target.hypervisor)}; code=$?`,
        // A guest that does not answer is not waited for.
        `kill $asked 2>/dev/null; exit $code`,
    ].join("\n");
}
