import { supervised } from "./supervision";

/**
 * Shell text that puts `DIRECTORY/acme/renew` on a schedule, twice a day at a time of its own, and takes it off: by a timer where systemd
 * runs, else by a process that sleeps between. Like HAProxy there, that one is gone after a restart of the machine until the next deployment.
 */
export const schedule = String.raw`${supervised}
timer=fusion-acme-\${UNIT#fusion-haproxy-}
schedule() {
    if supervised; then schedule_timer; else schedule_process; fi
}
schedule_timer() {
    put_unit "$timer.service" <<END
[Unit]
Description=Renewal of the certificates of the balancer $OWNER
Wants=network-online.target
After=network-online.target $UNIT.service

[Service]
Type=oneshot
ExecStart=/bin/sh $DIR/acme/renew
END
    put_unit "$timer.timer" <<END
[Unit]
Description=Schedule of the renewal of the certificates of the balancer $OWNER

[Timer]
OnCalendar=*-*-* 00,12:00:00
RandomizedDelaySec=12h
Persistent=true

[Install]
WantedBy=timers.target
END
    systemctl enable --quiet --now "$timer.timer" 8<&- 9<&-
}
# The process, if it runs and is ours.
sleeper() {
    pid=$(cat "$DIR/acme/process" 2>/dev/null) || return 1
    tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -qF -- "$DIR/acme/renew" && echo "$pid"
}
schedule_process() {
    ! sleeper >/dev/null || return 0
    # From 6 to 18 hours.
    setsid sh -c 'while sleep $((21600 + $(od -A n -N 2 -t u2 /dev/urandom) * 43200 / 65536)) && [ -e "$0" ]; do
        sh "$0" >"$0.log" 2>&1 || true
    done' "$DIR/acme/renew" </dev/null >/dev/null 2>&1 8<&- 9<&- &
    echo $! >"$DIR/acme/process"
}
unschedule() {
    if pid=$(sleeper); then
        kill -- "-$pid"
        for _ in $(seq 100); do
            kill -0 -- "-$pid" 2>/dev/null || break
            sleep 0.1
        done
    fi
    drop_unit "$timer.timer"
    drop_unit "$timer.service"
    rm -f "/var/lib/systemd/timers/stamp-$timer.timer"
}`.replaceAll("\\$", "$");
