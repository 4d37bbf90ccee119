ssh -o BatchMode=yes -o StrictHostKeyChecking=yes -o ConnectTimeout=15 -o ServerAliveInterval=15 -o ServerAliveCountMax=4 -o ControlMaster=auto -o 'ControlPath=~/.ssh/fusion-a1a8b8ba41c0d12c' -o ControlPersist=60 -l ops -- 10.77.0.11 'sh -c '\''[ "$(id -u)" != 0 ] || exec sh -c "$0"
sudo -n true 2>/dev/null || {
    echo "$1: sudo asks $(id -un) for a password on $(uname -n); let it not (NOPASSWD), or log in as root" >&2
    exit 1
}
exec sudo -n sh -c "$0"'\'' '\''set -eu
JOB=migrate
STACK=shop/prod
UNIT=fusion-shop-prod-migrate
if command -v systemctl >/dev/null; then
    systemctl disable --now --quiet "$UNIT.timer" 2>/dev/null || true
    systemctl stop "$UNIT.service" 2>/dev/null || true
    systemctl reset-failed "$UNIT.service" 2>/dev/null || true
fi
rm -rf "/var/lib/fusion/jobs/$UNIT" "/etc/systemd/system/$UNIT.service" "/etc/systemd/system/$UNIT.timer" \
    "/var/lib/systemd/timers/stamp-$UNIT.timer"
! command -v systemctl >/dev/null || systemctl daemon-reload
ours() { docker ps --all --filter "label=fusion.job=$JOB" --filter "label=fusion.stack=$STACK" "$@"; }
for left in $(ours --quiet 2>/dev/null); do
    docker rm --force --volumes "$left" >/dev/null 2>&1 || true
done
'\'' '\''a schedule needs root'\''' || { code=$?; [ $code = 255 ] || exit $code; echo 'h1 cannot be reached; unless it is gone, a job is left there'; }
