set -eu
FILE=./web.tar
PREFIX=YmVmb3JlAA==
absent=$(ssh -o BatchMode=yes -o StrictHostKeyChecking=yes -o ConnectTimeout=15 -o ServerAliveInterval=15 -o ServerAliveCountMax=4 -o ControlMaster=auto -o 'ControlPath=~/.ssh/fusion-76175d57550cf71b' -o ControlPersist=60 -l fusion -- 10.77.0.11 'sh -c '\''set -eu
IMAGE=localhost/fusion/web:0123456789ab
docker image inspect "$IMAGE" >/dev/null 2>&1 || echo absent
'\''' </dev/null)
if [ -n "$absent" ]; then
    [ -r "$FILE" ] || { echo "$FILE is not there" >&2; exit 1; }
    { printf %s "$PREFIX" | base64 -d; cat "$FILE"; } | ssh -o BatchMode=yes -o StrictHostKeyChecking=yes -o ConnectTimeout=15 -o ServerAliveInterval=15 -o ServerAliveCountMax=4 -o ControlMaster=auto -o 'ControlPath=~/.ssh/fusion-76175d57550cf71b' -o ControlPersist=60 -l fusion -- 10.77.0.11 'sh -c '\''set -eu
DIGEST=0000000000000000000000000000000000000000000000000000000000000000
IMAGE=localhost/fusion/web:0123456789ab
VM=vm1
stop() { echo "$VM: $*" >&2; exit 1; }
said=$(docker load --quiet 2>&1) || stop "docker load: $said"
# Where Docker keeps its images in containerd, the image'\''\'\'''\''s ID is another digest.
docker tag "sha256:$DIGEST" "$IMAGE" 2>/dev/null || {
    name=$(printf '\''\'\'''\''%s\n'\''\'\'''\'' "$said" | sed -n '\''\'\'''\''s/^Loaded image\( ID\)\{0,1\}: //p'\''\'\'''\'' | tail -n 1)
    docker tag "$name" "$IMAGE" || stop "docker load has loaded something else: $said"
}
echo "$IMAGE was loaded on $VM"
'\'''
fi
ssh -o BatchMode=yes -o StrictHostKeyChecking=yes -o ConnectTimeout=15 -o ServerAliveInterval=15 -o ServerAliveCountMax=4 -o ControlMaster=auto -o 'ControlPath=~/.ssh/fusion-76175d57550cf71b' -o ControlPersist=60 -l fusion -- 10.77.0.11 'sh -c '\''set -eu
IMAGE=localhost/fusion/web:0123456789ab
KEEP=0
LIST=web
VM=vm1
brought=yes
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
'\''' </dev/null
