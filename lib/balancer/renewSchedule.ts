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
# Standard input as a unit of systemd, where it is another.
unit() {
    cat >"$DIR/acme/.unit"
    if cmp -s "$DIR/acme/.unit" "/etc/systemd/system/$1"; then rm "$DIR/acme/.unit"; return 0; fi
    chmod 644 "$DIR/acme/.unit"
    mv "$DIR/acme/.unit" "/etc/systemd/system/$1"
    other=1
}
schedule_timer() {
    other=
    unit "$timer.service" <<END
[Unit]
Description=Renewal of the certificates of the balancer $OWNER
Wants=network-online.target
After=network-online.target $UNIT.service

[Service]
Type=oneshot
ExecStart=/bin/sh $DIR/acme/renew
END
    unit "$timer.timer" <<END
[Unit]
Description=Schedule of the renewal of the certificates of the balancer $OWNER

[Timer]
OnCalendar=*-*-* 00,12:00:00
RandomizedDelaySec=12h
Persistent=true

[Install]
WantedBy=timers.target
END
    [ -z "$other" ] || systemctl daemon-reload
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
    supervised && [ -e "/etc/systemd/system/$timer.timer" ] || return 0
    systemctl disable --now --quiet "$timer.timer" 2>/dev/null || true
    systemctl stop "$timer.service" 2>/dev/null || true
    systemctl reset-failed "$timer.service" 2>/dev/null || true
    rm -f "/etc/systemd/system/$timer.service" "/etc/systemd/system/$timer.timer" "/var/lib/systemd/timers/stamp-$timer.timer"
    systemctl daemon-reload
}`.replaceAll("\\$", "$");
