ssh -o BatchMode=yes -o StrictHostKeyChecking=yes -o ConnectTimeout=15 -o ServerAliveInterval=15 -o ServerAliveCountMax=4 -o ControlMaster=auto -o 'ControlPath=~/.ssh/fusion-76175d57550cf71b' -o ControlPersist=60 -l fusion -- 10.77.0.11 'sh -c '\''set -eu
IMAGE=r.io/web@sha256:1111111111111111111111111111111111111111111111111111111111111111
KEEP=604800
LIST=web
PLATFORM=linux/arm64
PULL=missing
VM=vm1
brought='\''\'\'''\'''\''\'\'''\''
option=--platform=linux/arm64
stop() { echo "$VM: $*" >&2; exit 1; }
private=$(umask 077; for base in "${XDG_RUNTIME_DIR:-}" /dev/shm "${TMPDIR:-/tmp}"; do
    [ -w "$base" ] && mktemp -d "$base/fusion-XXXXXX" 2>/dev/null && break
done) || stop "there is no place for a temporary folder"
trap '\''\'\'''\''rm -rf "$private"'\''\'\'''\'' EXIT
trap '\''\'\'''\''exit 1'\''\'\'''\'' HUP INT TERM PIPE
auth=
IFS= read -r auth || true
if [ -n "$auth" ]; then
    (umask 077; printf '\''\'\'''\''%s\n'\''\'\'''\'' "$auth" >"$private/config.json")
    export DOCKER_CONFIG="$private"
fi
auth=

is_there() {
    found=$(docker image inspect --format '\''\'\'''\''{{.Os}}/{{.Architecture}}'\''\'\'''\'' "$IMAGE" 2>/dev/null) || return 1
    case $PLATFORM/ in / | "$found"/*) ;; *) return 1 ;; esac
}

fetch() { docker pull --quiet $option "$IMAGE" >/dev/null || stop "docker pull $IMAGE has failed"; }
if ! is_there; then
    [ "$PULL" != never ] ||
        stop "$IMAGE is not there, and pull is \"never\"; bring it there with \"docker load\" or \"docker pull\", or set pull to \"missing\""
    case $IMAGE in localhost/fusion/*)
        stop "$IMAGE is not there, and is of another archive than image names now; copy it from a host that has it (\"docker save\", \"docker load\"), or give that archive as image, without rollback" ;;
    esac
    fetch
    brought=yes
else
    case $PULL/$IMAGE in always/localhost/fusion/*) ;; always/*) fetch ;; esac
fi
echo "$IMAGE is on $VM"

remove() {
    docker image inspect "$1" >/dev/null 2>&1 || return 0
    for other in "$lists"/*; do
        [ "$other" != "$lists/$LIST" ] || continue
        tail -n 1 "$other" | { read -r time used _ && [ "$used" = "$1" ] && [ $((now - time)) -lt 86400 ]; } && return 1
    done
    [ -z "$(docker ps --all --quiet --filter "ancestor=$1")" ] || return 1
    docker image rm "$1" >/dev/null 2>&1 && echo "$1 was removed from $VM: not used any more"
}
remember() {
    mkdir -p "$lists" && touch "$lists/$LIST" && new=$(mktemp "$lists/.new-XXXXXX") || return 1
    now=$(date +%s)
    mark=
    [ -n "$brought" ] || cat "$lists"/* | cut -d '\''\'\'''\'' '\''\'\'''\'' -f 2- | grep -qxF -e "$IMAGE" || mark=" not-ours"
    last=$(tail -n 1 "$lists/$LIST" | cut -d '\''\'\'''\'' '\''\'\'''\'' -f 2)
    while read -r time used marked; do
        case $time in "" | *[!0-9]*) continue ;; esac
        [ "$used" != "$IMAGE" ] && [ -z "$marked" ] || continue
        [ "$used" != "$last" ] || time=$now
        if [ $((now - time)) -ge "$KEEP" ] && remove "$used" >&2; then continue; fi
        echo "$time $used"
    done <"$lists/$LIST" >"$new"
    echo "$now $IMAGE$mark" >>"$new"
    mv "$new" "$lists/$LIST"
}
lists=$HOME/.fusion/images
remember || echo "$VM: $lists/$LIST could not be written, so old images stay" >&2
'\'''
