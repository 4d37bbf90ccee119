ssh -o BatchMode=yes -o StrictHostKeyChecking=yes -o ConnectTimeout=15 -o ServerAliveInterval=15 -o ServerAliveCountMax=4 -o ControlMaster=auto -o 'ControlPath=~/.ssh/fusion-a1a8b8ba41c0d12c' -o ControlPersist=60 -l ops -- 10.77.0.11 'sh -c '\''[ "$(id -u)" != 0 ] || exec sh -c "$0"
sudo -n true 2>/dev/null || {
    echo "$1: sudo asks $(id -un) for a password on $(uname -n); let it not (NOPASSWD), or log in as root" >&2
    exit 1
}
exec sudo -n sh -c "$0"'\'' '\''set -eu
JOB=migrate
RUN='\''\'\'''\''set -eu
CONTAINER=migrate-1a2b3c4d-8ad5775a
JOB=migrate
ONCE='\''\'\'''\''\'\''\'\'''\'''\''\'\'''\'''\''\'\'''\''\'\''\'\'''\'''\''\'\'''\''
STACK=shop/prod
TIMEOUT=600
VERSION=1a2b3c4d
VM=h1
set -- --cpus=0.5 shop:1 sh -c '\''\'\'''\''\'\''\'\'''\'''\''\'\'''\''echo "it'\''\'\'''\''\'\''\'\'''\'''\''\'\'''\''\'\''\'\'''\''\'\''\'\'''\'''\''\'\'''\'''\''\'\'''\''\'\''\'\'''\'''\''\'\'''\''s $HOME"'\''\'\'''\''\'\''\'\'''\'''\''\'\'''\''

stop() { echo "$VM: $*" >&2; exit 1; }
private=$(umask 077; for base in "${XDG_RUNTIME_DIR:-}" /dev/shm "${TMPDIR:-/tmp}"; do
    [ -w "$base" ] && mktemp -d "$base/fusion-XXXXXX" 2>/dev/null && break
done) || stop "there is no place for a temporary folder"
trap '\''\'\'''\''\'\''\'\'''\'''\''\'\'''\''rm -rf "$private"'\''\'\'''\''\'\''\'\'''\'''\''\'\'''\'' EXIT
trap '\''\'\'''\''\'\''\'\'''\'''\''\'\'''\''exit 1'\''\'\'''\''\'\''\'\'''\'''\''\'\'''\'' HUP INT TERM PIPE
ours() { docker ps --all --filter "label=fusion.job=$JOB" --filter "label=fusion.stack=$STACK" "$@"; }
fail() { echo "$JOB failed on $VM: $*" >&2; exit 1; }
files=
while read -r kind name mode content; do
    if [ "$kind" != file ]; then
        printf %s "$content" | base64 -d >"$private/$kind"
        continue
    fi
    mkdir -p "$private/files$(dirname "$name")"
    printf %s "$content" | base64 -d >"$private/files$name"
    chmod "$mode" "$private/files$name"
    files="$files .$name"
done
content=
inspect() { docker inspect --format "$2" "$1" 2>/dev/null; }
runs() { case $(inspect "$1" '\''\'\'''\''\'\''\'\'''\'''\''\'\'''\''{{.State.Status}}'\''\'\'''\''\'\''\'\'''\'''\''\'\'''\'') in running | paused | restarting) ;; *) return 1 ;; esac; }
# The exit code of a container that has come to its end by itself.
ended() { inspect "$1" '\''\'\'''\''\'\''\'\'''\'''\''\'\'''\''{{if eq .State.Status "exited"}}{{.State.ExitCode}}{{end}}'\''\'\'''\''\'\''\'\'''\'''\''\'\'''\'' || true; }
remove() { for one; do docker rm --force --volumes "$one" >/dev/null 2>&1 || true; done; }
# Waits for a container'\''\'\'''\''\'\''\'\'''\'''\''\'\'''\''s end, up to the limit that it was made with. Sets code; late where it had to be stopped.
await() {
    [ -n "$ONCE" ] || docker logs --follow "$1" 2>&1 &
    left=$(($(inspect "$1" '\''\'\'''\''\'\''\'\'''\'''\''\'\'''\''{{index .Config.Labels "fusion.until"}}'\''\'\'''\''\'\''\'\'''\'''\''\'\'''\'') - $(date +%s)))
    # For "timeout" 0 is no limit.
    [ "$left" -gt 0 ] || left=1
    late=
    code=$(timeout "$left" docker wait "$1" 2>&1) || {
        [ $? = 124 ] || fail "docker wait $1: $code"
        late=yes
        docker stop --time 10 "$1" >/dev/null 2>&1 || true
    }
    wait
}
# Without NUL, which can be in no variable, as the next run is given them.
last_lines() { [ -z "$ONCE" ] || docker logs --tail 20 "$1" 2>&1 | tail -c 8000 | tr -d '\''\'\'''\''\'\''\'\'''\'''\''\'\'''\''\000'\''\'\'''\''\'\''\'\'''\'''\''\'\'''\''; }
# Tells how the job went, and ends the script. What is told to nobody, since the connection is lost, ends it before the
# container is removed: the next deployment finds it.
finish() {
    why=
    # Docker learns of the kernel'\''\'\'''\''\'\''\'\'''\'''\''\'\'''\''s reason apart from the end, and at times after it: then 137 is all that it knows.
    [ "$code" = 0 ] || why="exit code $code$(inspect "$CONTAINER" '\''\'\'''\''\'\''\'\'''\'''\''\'\'''\''{{if .State.OOMKilled}}, since{{else if and .HostConfig.Memory (eq .State.ExitCode 137)}}, most likely since{{end}}'\''\'\'''\''\'\''\'\'''\'''\''\'\'''\'' | sed '\''\'\'''\''\'\''\'\'''\'''\''\'\'''\''s/since$/& it took more memory than resources.limits.memoryMiB/'\''\'\'''\''\'\''\'\'''\'''\''\'\'''\'')"
    [ -z "$late" ] || why="it did not end within $TIMEOUT s and was stopped"
    if [ -n "$why" ]; then
        echo "$JOB failed on $VM: $why; its last lines:" >&2
        last_lines "$CONTAINER" >&2
        remove "$CONTAINER"
        exit 1
    fi
    # On a line of its own, however the job'\''\'\'''\''\'\''\'\'''\'''\''\'\'''\''s last line ends.
    said=$(last_lines "$CONTAINER")
    [ -z "$said" ] || printf '\''\'\'''\''\'\''\'\'''\'''\''\'\'''\''%s\n'\''\'\'''\''\'\''\'\'''\'''\''\'\'''\'' "$said"
    echo "$JOB-$VERSION has run"
    remove $stay "$CONTAINER"
    exit 0
}
# Two versions of a job never run at once. One that has come to its end since then makes this one due again, and stays until
# this one has run: the next deployment must know it as well.
stay=
for old in $(ours --format '\''\'\'''\''\'\''\'\'''\'''\''\'\'''\''{{.Names}}'\''\'\'''\''\'\''\'\'''\'''\''\'\'''\'' | grep -vxF -e "$CONTAINER"); do
    code=$(ended "$old")
    if runs "$old"; then
        echo "$old still runs on $VM, from an earlier deployment: waiting for its end"
        await "$old"
    fi
    if [ "$code" != 0 ]; then
        remove "$old"
        continue
    fi
    rm -f "$private/ran"
    stay="$stay $old"
done
if runs "$CONTAINER"; then
    echo "$CONTAINER runs on $VM already: waiting for its end"
    await "$CONTAINER"
    finish
fi
late=
code=$(ended "$CONTAINER")
# It has come to its end since its deployment was interrupted.
if [ -n "$ONCE" ] && [ "$code" = 0 ]; then finish; fi
remove "$CONTAINER"
if [ -e "$private/ran" ] && [ -z "$code" ]; then
    echo "$JOB-$VERSION has run"
    exit 0
fi
set -- --name "$CONTAINER" --label "fusion.job=$JOB" --label "fusion.stack=$STACK" \
    --label "fusion.version=$VERSION" --label "fusion.until=$(($(date +%s) + TIMEOUT))" \
    --env-file "$private/env" --env "FUSION_HOST=$VM" --env "FUSION_JOB=$JOB" "$@"
# In a shell of its own: what the job has for DOCKER_HOST, say, is not meant for anything here.
said=$(. "$private/exports" && exec docker create "$@" 2>&1) || fail "docker create: $said"
if [ -n "$files" ]; then
    # Without the folders above them, whose modes stay; paths have no blanks.
    said=$(tar -C "$private/files" --owner=0 --group=0 -cf - $files | docker cp - "$CONTAINER:/" 2>&1) ||
        { remove "$CONTAINER"; fail "docker cp: $said"; }
fi
said=$(docker start "$CONTAINER" 2>&1) || { remove "$CONTAINER"; fail "docker start: $said"; }
await "$CONTAINER"
finish
'\''\'\'''\''
SCHEDULE=daily
SERVICE='\''\'\'''\''[Unit]
Description=Job migrate of the Pulumi stack shop/prod
Wants=network-online.target
After=docker.service network-online.target

[Service]
Type=oneshot
ExecStart=/bin/sh /var/lib/fusion/jobs/fusion-shop-prod-migrate/run
StandardInput=file:/var/lib/fusion/jobs/fusion-shop-prod-migrate/data
'\''\'\'''\''
TIMER='\''\'\'''\''[Unit]
Description=Schedule of the job migrate of the Pulumi stack shop/prod

[Timer]
OnCalendar=daily
Persistent=true

[Install]
WantedBy=timers.target
'\''\'\'''\''
UNIT=fusion-shop-prod-migrate
VM=h1
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
printf '\''\'\'''\''%s'\''\'\'''\'' "$RUN" | put "$folder/run"
printf '\''\'\'''\''%s'\''\'\'''\'' "$SERVICE" | put "/etc/systemd/system/$UNIT.service"
printf '\''\'\'''\''%s'\''\'\'''\'' "$TIMER" | put "/etc/systemd/system/$UNIT.timer"
chmod 644 "/etc/systemd/system/$UNIT.service" "/etc/systemd/system/$UNIT.timer"
systemctl daemon-reload
systemctl enable --quiet "$UNIT.timer"
systemctl restart "$UNIT.timer"
echo "$JOB runs on $VM at \"$SCHEDULE\""
'\'' '\''a schedule needs root'\'''
