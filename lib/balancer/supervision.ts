/** Shell text that defines `supervised`, whether systemd starts what is to run, and how units come and go; files of its own are in $DIR. */
export const supervised = String.raw`
# Not where this runs in a network or a container of its own: systemd would start HAProxy outside.
supervised() {
    [ "$(cat /proc/1/comm 2>/dev/null)" = systemd ] && command -v systemctl >/dev/null &&
        [ "$(readlink /proc/1/ns/net)" = "$(readlink /proc/self/ns/net)" ]
}
units=/etc/systemd/system
# Makes a unit, $1, of standard input, where it is not that already.
put_unit() {
    cat >"$DIR/unit"
    if cmp -s "$DIR/unit" "$units/$1"; then rm "$DIR/unit"; return; fi
    chmod 644 "$DIR/unit"
    mv "$DIR/unit" "$units/$1"
    systemctl daemon-reload
}
# Has a unit, $1, started with the system.
enable_unit() { systemctl is-enabled --quiet "$1" 2>/dev/null || systemctl enable --quiet "$1"; }
# Ends a unit, $1, and removes it, where there is one.
drop_unit() {
    supervised && [ -e "$units/$1" ] || return 0
    systemctl disable --now --quiet "$1" 2>/dev/null || true
    rm -f "$units/$1"
    systemctl daemon-reload
    systemctl reset-failed "$1" 2>/dev/null || true
}`;

/**
 * Shell text that starts and stops HAProxy: by systemd where that runs, so that it is there again after a crash and with the
 * system, else by itself.
 */
export const supervision = String.raw`${supervised}
enable_haproxy() {
    supervised || return 0
    haproxy=$(command -v haproxy)
    put_unit "$UNIT.service" <<END
[Unit]
Description=HAProxy of the balancer $OWNER
Wants=network-online.target
After=network-online.target

[Service]
Type=forking
PIDFile=$DIR/haproxy.pid
ExecStartPre=-/bin/rm -f $DIR/admin.sock $DIR/master.sock
EnvironmentFile=-$DIR/takeover
ExecStart=$haproxy -W -D -S $DIR/master.sock,mode,600 -f $DIR/haproxy.cfg -p $DIR/haproxy.pid \$TAKEOVER
ExecReload=/bin/kill -USR2 \$MAINPID
KillMode=mixed
Restart=on-failure
RestartSec=1
SuccessExitStatus=143
LimitNOFILE=1048576

[Install]
WantedBy=multi-user.target
END
    enable_unit "$UNIT.service"
}
# Further options are for this start alone. The daemon must not inherit the lock.
start_master() {
    if supervised; then
        [ "$#" = 0 ] || echo "TAKEOVER=$*" >"$DIR/takeover"
        systemctl reset-failed "$UNIT" 2>/dev/null || true
        systemctl restart "$UNIT" 9<&- && rm -f "$DIR/takeover" || {
            rm -f "$DIR/takeover"
            journalctl -u "$UNIT" -n 20 --no-pager -o cat 2>&1
            return 1
        }
    else
        haproxy -W -D -S "$DIR/master.sock,mode,600" -f "$config" -p "$DIR/haproxy.pid" "$@" 9<&-
    fi
}
# With it HAProxy ends its workers.
stop_master() {
    if supervised && systemctl is-active --quiet "$UNIT"; then systemctl stop "$UNIT" 9<&-; else kill -TERM "$1"; fi
}
disable_haproxy() { drop_unit "$UNIT.service"; }`;
