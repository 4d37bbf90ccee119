import { asRoot } from "../asRoot";
import { script } from "../shell";
import { type SshTarget, sshCommand } from "../ssh";
import { type JobPlace, type JobRun, removeCommand, removeContainers, runScript } from "./runScript";

/** A job that a host runs by itself. */
export interface ScheduledJob extends JobRun {
    /** Name of its units and of its folder, another one in each stack. */
    unit: string;
    /** systemd's OnCalendar. */
    schedule: string;
}

/** The folder of the units is root's. */
const NEEDS = "a schedule needs root";

const install = String.raw`
fail() { echo "$JOB on $VM: $*" >&2; exit 1; }
[ -d /run/systemd/system ] && command -v systemctl >/dev/null ||
    fail "a schedule needs systemd, which does not run there; leave schedule out, or give hosts with systemd"
said=$(systemd-analyze calendar "$SCHEDULE" 2>&1) ||
    fail "schedule is no calendar expression of systemd: \"$SCHEDULE\" ($(echo "$said" | tail -n 1)); give one such as \"daily\" or \"*-*-* 03:00:00\""
folder=/var/lib/fusion/jobs/$UNIT
mkdir -p "$folder"
chmod 700 "$folder"
# By another name first: a run that is under way reads what it began with.
put() { (umask 077; cat >"$1.new"); mv "$1.new" "$1"; }
put "$folder/data"
printf '%s' "$RUN" | put "$folder/run"
printf '%s' "$SERVICE" | put "/etc/systemd/system/$UNIT.service"
printf '%s' "$TIMER" | put "/etc/systemd/system/$UNIT.timer"
chmod 644 "/etc/systemd/system/$UNIT.service" "/etc/systemd/system/$UNIT.timer"
systemctl daemon-reload
systemctl enable --quiet "$UNIT.timer"
systemctl restart "$UNIT.timer"
echo "$JOB runs on $VM at \"$SCHEDULE\""`;

// The stamp says when the job has run last: with it, a job that is added again would make up for what was missed meanwhile.
const remove = String.raw`
if command -v systemctl >/dev/null; then
    systemctl disable --now --quiet "$UNIT.timer" 2>/dev/null || true
    systemctl stop "$UNIT.service" 2>/dev/null || true
    systemctl reset-failed "$UNIT.service" 2>/dev/null || true
fi
rm -rf "/var/lib/fusion/jobs/$UNIT" "/etc/systemd/system/$UNIT.service" "/etc/systemd/system/$UNIT.timer" \
    "/var/lib/systemd/timers/stamp-$UNIT.timer"
! command -v systemctl >/dev/null || systemctl daemon-reload
${removeContainers.trim()}`;

/** The service of one run; what the job writes goes to the journal. */
export const renderService = ({ job, stack, unit }: Pick<ScheduledJob, "job" | "stack" | "unit">): string => `[Unit]
Description=Job ${job} of the Pulumi stack ${stack}
Wants=network-online.target
After=docker.service network-online.target

[Service]
Type=oneshot
ExecStart=/bin/sh /var/lib/fusion/jobs/${unit}/run
StandardInput=file:/var/lib/fusion/jobs/${unit}/data
`;

export const renderTimer = ({
    job,
    stack,
    schedule,
}: Pick<ScheduledJob, "job" | "stack" | "schedule">): string => `[Unit]
Description=Schedule of the job ${job} of the Pulumi stack ${stack}

[Timer]
OnCalendar=${schedule}
Persistent=true

[Install]
WantedBy=timers.target
`;

/**
 * The script, run on the operator's machine, that makes a host run a job on a schedule. Standard input is the data of its
 * runs. Run again, it puts what has changed in the place of what was there.
 */
export function scheduleScript(ssh: SshTarget, scheduled: ScheduledJob): string {
    const { job, unit, vm, schedule } = scheduled;
    const variables = {
        ...{ JOB: job, UNIT: unit, VM: vm, SCHEDULE: schedule, RUN: runScript(scheduled, false) },
        ...{ SERVICE: renderService(scheduled), TIMER: renderTimer(scheduled) },
    };
    return sshCommand(ssh, asRoot(script(variables, install), NEEDS));
}

/** The command, run on the operator's machine, that takes a schedule and what belongs to it away from its host. */
export const unscheduleCommand = (
    ssh: SshTarget,
    { job, stack, unit, vm }: JobPlace & Pick<ScheduledJob, "unit">,
): string => removeCommand(ssh, vm, asRoot(script({ JOB: job, STACK: stack, UNIT: unit }, remove), NEEDS));
