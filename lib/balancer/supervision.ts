/** Shell text that defines `supervised`: whether systemd starts what is to run. */
export const supervised = String.raw`
# Not where this runs in a network or a container of its own: systemd would start HAProxy outside.
supervised() {
    [ "$(cat /proc/1/comm 2>/dev/null)" = systemd ] && command -v systemctl >/dev/null &&
        [ "$(readlink /proc/1/ns/net)" = "$(readlink /proc/self/ns/net)" ]
}`;

/**
 * Shell text that starts and stops HAProxy: by systemd where that runs, so that it is there again after a crash and with the
 * system, else by itself.
 */
export const supervision = String.raw`${supervised}
service=/etc/systemd/system/$UNIT.service
enable_unit() {
    supervised || return 0
    haproxy=$(command -v haproxy)
    cat >"$DIR/unit" <<END
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
    if cmp -s "$DIR/unit" "$service"; then rm "$DIR/unit"; else
        chmod 644 "$DIR/unit"
        mv "$DIR/unit" "$service"
        systemctl daemon-reload
    fi
    systemctl is-enabled --quiet "$UNIT" 2>/dev/null || systemctl enable --quiet "$UNIT"
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
disable_unit() {
    supervised && [ -e "$service" ] || return 0
    systemctl disable --now --quiet "$UNIT" 2>/dev/null || true
    rm -f "$service"
    systemctl daemon-reload
}`;
