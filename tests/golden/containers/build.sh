set -eu
CONTEXT=./site
IMAGE=r.io/site:fusion-0123456789abcdef
IFS= read -r auth
there=$(printf '%s\n' "$auth" | ssh -o BatchMode=yes -o StrictHostKeyChecking=yes -o ConnectTimeout=15 -o ServerAliveInterval=15 -o ServerAliveCountMax=4 -o ControlMaster=auto -o 'ControlPath=~/.ssh/fusion-76175d57550cf71b' -o ControlPersist=60 -l fusion -- 10.77.0.11 'sh -c '\''set -eu
IMAGE=r.io/site:fusion-0123456789abcdef
VM=vm1
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
! docker pull --quiet "$IMAGE" >/dev/null 2>&1 || echo there
'\''')
if [ -n "$there" ]; then
    echo "$IMAGE is in its registry already"
    exit
fi
# As a file first: a context of which something is missing must not be built.
private=$(mktemp -d)
trap 'rm -rf "$private"' EXIT
COPYFILE_DISABLE=1 tar -cf "$private/context.tar" -C "$CONTEXT" -T -
{ printf '%s\n' "$auth"; cat "$private/context.tar"; } | ssh -o BatchMode=yes -o StrictHostKeyChecking=yes -o ConnectTimeout=15 -o ServerAliveInterval=15 -o ServerAliveCountMax=4 -o ControlMaster=auto -o 'ControlPath=~/.ssh/fusion-76175d57550cf71b' -o ControlPersist=60 -l fusion -- 10.77.0.11 'sh -c '\''set -eu
IMAGE=r.io/site:fusion-0123456789abcdef
VM=vm1
export DOCKER_BUILDKIT=1
set -- --file=Dockerfile --build-arg=A= '\''\'\'''\''--build-arg=B=it'\''\'\'''\''\'\''\'\'''\'''\''\'\'''\''s'\''\'\'''\'' --target=prod --platform=linux/amd64

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
log=$private/log
if ! docker build "$@" --tag "$IMAGE" - >"$log" 2>&1; then
    echo "$VM: docker build has failed; its last lines:" >&2
    tail -n 40 "$log" >&2
    exit 1
fi
if ! docker push "$IMAGE" >"$log" 2>&1; then
    stop "docker push $IMAGE has failed: $(tail -n 3 "$log")"
fi
echo "$IMAGE was built on $VM and pushed"
'\'''
