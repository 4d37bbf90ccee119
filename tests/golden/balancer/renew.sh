set -eu
DIR=/var/lib/fusion/lb
LOCK=1800
OWNER=project/stack/lb
UNIT=fusion-haproxy-lb-0
umask 077
fail() { echo "$1" >&2; exit 1; }
config=$DIR/haproxy.cfg
ask() { echo "$1" | socat -t 5 - "UNIX-CONNECT:$DIR/admin.sock" 2>/dev/null; }
# The master process, if it runs and is ours.
program_master() {
    found=$(cat "$DIR/haproxy.pid" 2>/dev/null | head -n 1) || return 1
    [ -n "$found" ] && tr '\0' ' ' <"/proc/$found/cmdline" 2>/dev/null | grep -qF -- "$config" && echo "$found"
}
master() { program_master; }
# One at a time changes what HAProxy runs; file 9 holds the lock.
lock() {
    exec 9<"$DIR"
    flock -w "$LOCK" 9 || fail "another deployment has held $DIR for $((LOCK / 60)) minutes; run again when it is done"
}
# Writes a configuration anew with the servers of $DIR/out out of service, and no others: what is taken out at run time would be
# back after a reload.
mark() {
    [ -e "$1" ] || return 0
    [ -e "$DIR/out" ] || grep -q " disabled # out$" "$1" || return 0
    awk -v file="$DIR/out" '
        BEGIN { while ((getline line <file) > 0) out[line] = 1 }
        /^[a-z]/ { inside = $1 == "backend" }
        inside && $1 == "server" {
            sub(/ disabled # out$/, "")
            address = $3; sub(/:[0-9]+$/, "", address)
            if ($3 in out || address in out) $0 = $0 " disabled # out"
        }
        { print }' "$1" >"$1.marked" && mv "$1.marked" "$1"
}
in_container() { [ -e "$DIR/container" ]; }
look() { docker container inspect --format "$1" "$2" 2>/dev/null; }
label() { look "{{index .Config.Labels \"fusion.$1\"}}" "$2"; }
container_master() {
    in_container && [ "$(label balancer "$1")" = "$OWNER" ] || return 1
    found=$(look '{{.State.Pid}}' "$1")
    tr '\0' ' ' <"/proc/$found/cmdline" 2>/dev/null | grep -qF -- "$config" && echo "$found"
}
masters() { program_master || true; container_master "$UNIT" || true; container_master "$UNIT-old" || true; }
others() { masters | grep -vx -- "$1" || true; }
# The processes in $@ with their children.
family() {
    sed -n 's/^\([0-9]*\) (.*) [A-Za-z] \([0-9]*\) .*/\1 \2/p' /proc/[0-9]*/stat 2>/dev/null |
        awk -v of=" $* " 'index(of, " " $1 " ") || index(of, " " $2 " ") { print $1 }'
}
check_docker() {
    command -v docker >/dev/null || fail "docker is missing on $(uname -n), and HAProxy runs in a container there; install Docker, or leave haproxy.image out"
    docker version >/dev/null 2>&1 || fail "Docker does not answer on $(uname -n): $(docker version 2>&1 | tail -n 1); start it, and run again"
}
check_owner() {
    owner=$(label balancer "$1") || return 0
    [ "$owner" = "$OWNER" ] || fail "there is a container $1 on $(uname -n), and it is not of the balancer $OWNER; remove or rename it"
}
drop() { [ "$(label balancer "$1")" != "$OWNER" ] || docker rm --force "$1" >/dev/null; }
# Without Docker there are none.
forget_docker() { ! command -v docker >/dev/null && rm -f "$DIR/container"; }
drop_containers() {
    in_container || return 0
    ! forget_docker || return 0
    check_docker
    drop "$UNIT"
    drop "$UNIT-old"
    rm -f "$DIR/container"
}
master() { container_master "$UNIT" || program_master || container_master "$UNIT-old"; }
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
}
timer=fusion-acme-${UNIT#fusion-haproxy-}
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
}
acme=$DIR/acme
task=${1:-}
settings=$acme/settings
[ "$task" != prepare ] || settings=$acme/settings.new
if [ "$task" = schedule ]; then schedule; exit 0; fi
said() { sed -n "s/^$1 //p" "$settings"; }
# One at a time asks the authority; file 8 holds the lock. HAProxy may change meanwhile.
exec 8<"$acme"
flock -w "$LOCK" 8 || fail "another renewal has held $acme for $((LOCK / 60)) minutes; run again when it is done"
seconds() { date -d "$(openssl x509 -in "$1" -noout "-$2" | cut -d = -f 2)" +%s; }
# Whether somebody else has signed it.
is_real() { [ -s "$1" ] && [ "$(openssl x509 -in "$1" -noout -subject_hash)" != "$(openssl x509 -in "$1" -noout -issuer_hash)" ]; }
is_good() {
    is_real "$1" || return 1
    end=$(seconds "$1" enddate)
    days=$(said days)
    if [ -n "$days" ]; then before=$((days * 86400)); else before=$(((end - $(seconds "$1" startdate)) / 3)); fi
    [ "$(date +%s)" -lt $((end - before)) ]
}
# Where HAProxy passes challenges on to; nothing where it does not run, or does not.
challenges() { ! master >/dev/null || awk '/^[a-z]/ { inside = $0 == "backend fusion-acme" } inside && $1 == "server" { print $3 }' "$config"; }
# FILE NAME...: a certificate in $acme/new.
obtain() {
    file=$1; shift
    at=$(challenges)
    if [ -z "$at" ]; then
        echo "no balancer that passes challenges on runs in $DIR on $(uname -n)" >&2
        return 1
    fi
    rm -rf "$acme/lego/certificates" "$acme/lego.log"
    domains=$(for name; do echo "--domains $name"; done)
    set -- "$acme/lego/certificates/$1" "$@"
    # shellcheck disable=SC2086 # host names alone
    timeout 600 lego --accept-tos --path "$acme/lego" --server "$(said server)" --email "$(said email)" \
        --http --http.port "$at" $domains run >"$acme/lego.log" 2>&1 </dev/null 8<&- || {
        tail -n 20 "$acme/lego.log" >&2
        shift
        echo "lego on $(uname -n) obtains no certificate for $* from $(said server), see above" >&2
        return 1
    }
    cat "$1.crt" "$1.key" >"$acme/new/.$file" || return 1
    if [ "$(openssl x509 -in "$1.crt" -noout -pubkey)" != "$(openssl pkey -in "$1.key" -pubout)" ]; then
        echo "the certificate for $2 that $(said server) gives is of another key" >&2
        return 1
    fi
    rm -rf "$acme/lego/certificates"
    mv "$acme/new/.$file" "$acme/new/$file"
}
# FILE: one that signs itself. It names no host, so that it is never taken before one of the user's own.
stand_in() {
    file=$1
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 7 -subj "/O=until the authority has answered" \
        -keyout "$acme/.key" -out "$acme/.crt" 2>"$acme/openssl.log" </dev/null || { cat "$acme/openssl.log" >&2; return 1; }
    cat "$acme/.crt" "$acme/.key" >"$acme/.$file"
    rm "$acme/.crt" "$acme/.key" "$acme/openssl.log"
    mv "$acme/.$file" "$acme/$file"
}
there() { is_good "$acme/new/$1" || obtain "$@"; }
has_real() { for file in "$acme"/*.pem; do ! is_real "$file" || return 0; done; return 1; }
mkdir -p "$acme/new"
# Of a time when something else was asked for.
for file in "$acme"/new/*; do grep -q "^certificate ${file##*/} " "$settings" || rm -f "$file"; done
LEGO_CA_CERTIFICATES=$acme/authority.crt
if [ -n "$(said authority)" ]; then
    said authority | base64 -d >"$LEGO_CA_CERTIFICATES"
    export LEGO_CA_CERTIFICATES
fi
failed=
if [ "$task" = prepare ]; then
    keeps=
    ! has_real || [ -z "$(challenges)" ] || keeps=1
    said certificate >"$acme/certificates"
    while read -r file names; do
        [ ! -s "$acme/$file" ] || continue
        # shellcheck disable=SC2086 # host names alone
        if [ -z "$keeps" ]; then stand_in "$file"; elif there "$file" $names; then mv "$acme/new/$file" "$acme/$file"; else failed=1; fi
    done <"$acme/certificates"
    rm "$acme/certificates"
    [ -z "$failed" ] || fail "HAProxy serves on as it was; see that each name leads to this balancer's port without TLS as port 80, and run again"
    mv "$settings" "$acme/settings"
    exit 0
fi
said certificate >"$acme/certificates"
while read -r file names; do
    # shellcheck disable=SC2086 # host names alone
    is_good "$acme/$file" || there "$file" $names || failed=1
done <"$acme/certificates"
rm "$acme/certificates"
for file in "$acme"/new/*.pem; do
    [ -e "$file" ] || continue
    sh "$acme/reload" 8<&- || failed=1
    break
done
[ -z "$failed" ] || fail "HAProxy serves on as it was; see that each name leads to this balancer's port without TLS as port 80, and run again"
rm -rf "$acme/new"
echo "$(said certificate | wc -l) certificates, until $(for file in "$acme"/*.pem; do date -u -d "@$(seconds "$file" enddate)" +%F; done | sort | head -n 1) at least"
