/** How HAProxy is to be installed. */
export interface HaproxyInstall {
    /** A version that is then held; "": the distribution's. */
    version: string;
}

/** Shell text that defines `apt`. */
export const apt = String.raw`
# Standard input has the configuration. What somebody has changed in /etc/haproxy stays.
apt() {
    DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3 \
        -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "$@" </dev/null >&2
}`;

/**
 * Shell text that defines `install_haproxy`, which installs HAProxy and socat from the distribution where they are missing, or
 * another version than $HAPROXY_VERSION is there. A running HAProxy goes on, and takes the program of its next reload.
 */
export const installHaproxy = String.raw`
version() { haproxy -v 2>/dev/null | sed -n '1s/^HA-\{0,1\}Proxy version \([^ ]*\).*/\1/p'; }
# Whether HAProxy is of the version that is asked for, which may lack what the distribution adds to it.
is_wanted() {
    case $(version) in "") return 1 ;; esac
    case $HAPROXY_VERSION in "") return 0 ;; esac
    case $(version)- in "$HAPROXY_VERSION"[-+~]*) return 0 ;; *) return 1 ;; esac
}
${apt}
install_haproxy() {
    is_wanted && command -v socat >/dev/null && return 0
    there=$(command -v haproxy || true)
    ID=linux ID_LIKE= PRETTY_NAME="this system"
    [ ! -r /etc/os-release ] || . /etc/os-release
    case " $ID $ID_LIKE " in
    *" debian "* | *" ubuntu "*)
        apt update || fail "apt-get cannot fetch the lists of packages on $(uname -n), see above"
        package=haproxy
        if [ -n "$HAPROXY_VERSION" ]; then
            found=$(apt-cache madison haproxy | awk -F ' *[|] *' -v want="$HAPROXY_VERSION" '
                { short = $2; sub(/^[0-9]+:/, "", short); sub(/[-+~].*/, "", short) }
                $2 == want || short == want { print $2; exit }')
            [ -n "$found" ] || fail "there is no HAProxy $HAPROXY_VERSION for $(uname -n); there are:$(apt-cache madison haproxy | cut -d '|' -f 2 | tr -d '\n')"
            package=haproxy=$found
        fi
        apt install --no-install-recommends --allow-downgrades --allow-change-held-packages "$package" socat ||
            fail "apt-get cannot install $package and socat on $(uname -n), see above"
        [ -z "$HAPROXY_VERSION" ] || apt-mark hold haproxy >&2 ;;
    *" fedora "* | *" rhel "* | *" centos "*)
        package=haproxy
        [ -z "$HAPROXY_VERSION" ] || package=haproxy-$HAPROXY_VERSION
        dnf -y install "$package" socat </dev/null >&2 || fail "dnf cannot install $package and socat on $(uname -n), see above" ;;
    *) fail "$PRETTY_NAME is not known; install the packages haproxy and socat on $(uname -n), and leave haproxy.install out" ;;
    esac
    # The package starts an HAProxy of its own, which nobody asked for.
    [ -n "$there" ] || ! command -v systemctl >/dev/null || systemctl disable --now --quiet haproxy 2>/dev/null || true
    is_wanted || fail "HAProxy is $(version) on $(uname -n), not $HAPROXY_VERSION"
}`;

/**
 * Shell text that starts and stops HAProxy: by systemd where that runs, so that it is there again after a crash and with the
 * system, else by itself.
 */
export const supervision = String.raw`
# Not where this runs in a network or a container of its own: systemd would start HAProxy outside.
supervised() {
    [ "$(cat /proc/1/comm 2>/dev/null)" = systemd ] && command -v systemctl >/dev/null &&
        [ "$(readlink /proc/1/ns/net)" = "$(readlink /proc/self/ns/net)" ]
}
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
