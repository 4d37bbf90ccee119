set -eu
CONTACTS='vm1 vm2 vm3'
DRAIN=60
LABEL=fusion.swarm
LABELLED=project/stack/farm
LOOK='said=$(docker info --format '\''{{with .Swarm}}{{.LocalNodeState}}|{{.NodeID}}|{{range .RemoteManagers}}{{.Addr}} {{end}}|{{.ControlAvailable}}|{{.Error}}{{end}}'\'' 2>/dev/null) ||
    said="fails|||false|$(docker info 2>&1 | tail -n 1)"
case $said in
*"|true|"*)
    wrong=$(timeout 10 docker node ls --quiet 2>&1) && wrong=quorum
    said="$(echo "$said" | cut -d "|" -f 1-4)|$wrong" ;;
esac
echo "$said" | tr "\n" " " | sed "s/ *$//"'
NAME=vm4
SWARM=farm
on() {
    case $1 in
    vm1) limit "$seconds" ssh -o BatchMode=yes -o StrictHostKeyChecking=yes -o ConnectTimeout=15 -o ServerAliveInterval=15 -o ServerAliveCountMax=4 -o ControlMaster=auto -o 'ControlPath=~/.ssh/fusion-2daf1745719e8968' -o ControlPersist=60 -o UserKnownHostsFile=/dev/null -o GlobalKnownHostsFile=/dev/null -o HostKeyAlgorithms=ssh-ed25519 -o UpdateHostKeys=no -o 'KnownHostsCommand=/bin/sh -c '\''mkdir -p -m 700 "$0/.ssh"; echo "$1"'\'' %d '\''10.77.0.11 ssh-ed25519 AAAA'\''' -l fusion -- 10.77.0.11 'sh -s' ;;
    vm2) limit "$seconds" ssh -o BatchMode=yes -o StrictHostKeyChecking=yes -o ConnectTimeout=15 -o ServerAliveInterval=15 -o ServerAliveCountMax=4 -o ControlMaster=auto -o 'ControlPath=~/.ssh/fusion-b3fe8c225de580c5' -o ControlPersist=60 -o UserKnownHostsFile=/dev/null -o GlobalKnownHostsFile=/dev/null -o HostKeyAlgorithms=ssh-ed25519 -o UpdateHostKeys=no -o 'KnownHostsCommand=/bin/sh -c '\''mkdir -p -m 700 "$0/.ssh"; echo "$1"'\'' %d '\''10.77.0.12 ssh-ed25519 AAAA'\''' -l fusion -- 10.77.0.12 'sh -s' ;;
    vm3) limit "$seconds" ssh -o BatchMode=yes -o StrictHostKeyChecking=yes -o ConnectTimeout=15 -o ServerAliveInterval=15 -o ServerAliveCountMax=4 -o ControlMaster=auto -o 'ControlPath=~/.ssh/fusion-ebfd3fce8c2456b5' -o ControlPersist=60 -o UserKnownHostsFile=/dev/null -o GlobalKnownHostsFile=/dev/null -o HostKeyAlgorithms=ssh-ed25519 -o UpdateHostKeys=no -o 'KnownHostsCommand=/bin/sh -c '\''mkdir -p -m 700 "$0/.ssh"; echo "$1"'\'' %d '\''10.77.0.13 ssh-ed25519 AAAA'\''' -l fusion -- 10.77.0.13 'sh -s' ;;
    vm4) limit "$seconds" ssh -o BatchMode=yes -o StrictHostKeyChecking=yes -o ConnectTimeout=15 -o ServerAliveInterval=15 -o ServerAliveCountMax=4 -o ControlMaster=auto -o 'ControlPath=~/.ssh/fusion-7051f1b4cc7ab99d' -o ControlPersist=60 -o UserKnownHostsFile=/dev/null -o GlobalKnownHostsFile=/dev/null -o HostKeyAlgorithms=ssh-ed25519 -o UpdateHostKeys=no -o 'KnownHostsCommand=/bin/sh -c '\''mkdir -p -m 700 "$0/.ssh"; echo "$1"'\'' %d '\''10.77.0.14 ssh-ed25519 AAAA'\''' -l fusion -- 10.77.0.14 'sh -s' ;;
    esac
}
forget_connection() {
    case $1 in
    vm1) ssh -o BatchMode=yes -o StrictHostKeyChecking=yes -o ConnectTimeout=15 -o ServerAliveInterval=15 -o ServerAliveCountMax=4 -o ControlMaster=auto -o 'ControlPath=~/.ssh/fusion-2daf1745719e8968' -o ControlPersist=60 -o UserKnownHostsFile=/dev/null -o GlobalKnownHostsFile=/dev/null -o HostKeyAlgorithms=ssh-ed25519 -o UpdateHostKeys=no -o 'KnownHostsCommand=/bin/sh -c '\''mkdir -p -m 700 "$0/.ssh"; echo "$1"'\'' %d '\''10.77.0.11 ssh-ed25519 AAAA'\''' -l fusion -O exit -- 10.77.0.11 >/dev/null 2>&1 || true ;;
    vm2) ssh -o BatchMode=yes -o StrictHostKeyChecking=yes -o ConnectTimeout=15 -o ServerAliveInterval=15 -o ServerAliveCountMax=4 -o ControlMaster=auto -o 'ControlPath=~/.ssh/fusion-b3fe8c225de580c5' -o ControlPersist=60 -o UserKnownHostsFile=/dev/null -o GlobalKnownHostsFile=/dev/null -o HostKeyAlgorithms=ssh-ed25519 -o UpdateHostKeys=no -o 'KnownHostsCommand=/bin/sh -c '\''mkdir -p -m 700 "$0/.ssh"; echo "$1"'\'' %d '\''10.77.0.12 ssh-ed25519 AAAA'\''' -l fusion -O exit -- 10.77.0.12 >/dev/null 2>&1 || true ;;
    vm3) ssh -o BatchMode=yes -o StrictHostKeyChecking=yes -o ConnectTimeout=15 -o ServerAliveInterval=15 -o ServerAliveCountMax=4 -o ControlMaster=auto -o 'ControlPath=~/.ssh/fusion-ebfd3fce8c2456b5' -o ControlPersist=60 -o UserKnownHostsFile=/dev/null -o GlobalKnownHostsFile=/dev/null -o HostKeyAlgorithms=ssh-ed25519 -o UpdateHostKeys=no -o 'KnownHostsCommand=/bin/sh -c '\''mkdir -p -m 700 "$0/.ssh"; echo "$1"'\'' %d '\''10.77.0.13 ssh-ed25519 AAAA'\''' -l fusion -O exit -- 10.77.0.13 >/dev/null 2>&1 || true ;;
    vm4) ssh -o BatchMode=yes -o StrictHostKeyChecking=yes -o ConnectTimeout=15 -o ServerAliveInterval=15 -o ServerAliveCountMax=4 -o ControlMaster=auto -o 'ControlPath=~/.ssh/fusion-7051f1b4cc7ab99d' -o ControlPersist=60 -o UserKnownHostsFile=/dev/null -o GlobalKnownHostsFile=/dev/null -o HostKeyAlgorithms=ssh-ed25519 -o UpdateHostKeys=no -o 'KnownHostsCommand=/bin/sh -c '\''mkdir -p -m 700 "$0/.ssh"; echo "$1"'\'' %d '\''10.77.0.14 ssh-ed25519 AAAA'\''' -l fusion -O exit -- 10.77.0.14 >/dev/null 2>&1 || true ;;
    esac
}
address() {
    case $1 in
    vm1) echo 10.77.0.11 ;;
    vm2) echo 10.77.0.12 ;;
    vm3) echo 10.77.0.13 ;;
    vm4) echo 10.77.0.14 ;;
    esac
}
fail() { printf '%s\n' "$@" >&2; exit 1; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
# A shared connection to a host that has lost its power hangs for a minute. Not every machine has the program.
limit() { if command -v timeout >/dev/null; then timeout -s KILL "$@"; else shift; "$@"; fi; }
seconds=60
# Runs a command on a host.
at() { host=$1; shift; printf '%s\n' "$*" | on "$host"; }
# Asks again and again, for some seconds, whether something is the case.
await() {
    end=$(($(date +%s) + $1)); pause=0.2; shift
    until "$@"; do
        [ "$(date +%s)" -lt "$end" ] || return 1
        sleep $pause
        case $pause in 0.2) pause=0.5 ;; 0.5) pause=1 ;; 1) pause=2 ;; esac
    done
}
look() {
    seconds=30
    said=$(at "$1" "$LOOK" 2>"$folder/wrong") || said=
    seconds=60
    if [ -z "$said" ]; then
        forget_connection "$1"
        said="unreachable|||false|$(tail -n 1 "$folder/wrong" | tr -d '\r' | grep . || echo "no answer")"
    fi
    IFS='|' read -r state id remotes control quorum <<END
$said
END
}
# What a host that was looked at is, in words.
words() {
    case $state in
    unreachable) echo "it cannot be reached: $quorum" ;;
    fails) echo "Docker does not answer: $quorum" ;;
    inactive) echo "it is in no swarm" ;;
    locked) echo "it is locked; unlock it there with: docker swarm unlock" ;;
    active | pending)
        if [ "$control" = true ]; then echo "it is a manager without a quorum: $quorum"
        elif [ "$state" = active ]; then echo "it is a worker"
        else echo "it is a node that reaches no manager: $quorum"; fi ;;
    *) echo "its state is $state: $quorum" ;;
    esac
}
# Whether one of the contacts, other than this one, manages the swarm with a quorum.
manager_but() {
    answers=
    asked=0 managing=0
    for m in $CONTACTS; do
        [ "$m" != "$1" ] || continue
        look "$m"
        [ "$quorum" != quorum ] || return 0
        asked=$((asked + 1))
        case $state-$control in *-true | pending-*) managing=$((managing + 1)) ;; esac
        answers="$answers
  $m: $(words)"
    done
    m=
    return 1
}
# Managers that have just been started, or have lost the one that led them, agree within a minute, as long as they are enough.
find_manager() { await "$1" manager_but "" || { [ $((managing * 2)) -gt "$asked" ] && await "$2" manager_but ""; }; }
no_manager() {
    fail "no manager of the swarm $SWARM answers with a quorum; asked were:$answers" \
        "start what is off, and run up again; where most managers are lost for good, name one that is left in recover (docs/swarm.md, Managers and quorum)"
}
init() {
    said=$(at "$1" "docker swarm init --advertise-addr $(address "$1") --listen-addr $(address "$1"):2377 --data-path-addr $(address "$1") $2 2>&1 >/dev/null &&
        for try in 1 2 3 4 5; do ! docker node update --label-add '$LABEL=$LABELLED' \$(docker info --format '{{.Swarm.NodeID}}') >/dev/null 2>&1 || break; done") ||
        fail "$1 could not begin a swarm: $said"
}
# The IDs of a host's nodes in the swarm: of those that it has been, all but one are no more.
nodes_of() { at "$m" "docker node ls --quiet --filter node.label=fusion.host=$1" || true; }
gone() { at "$m" "docker node rm --force $1 >/dev/null 2>&1 || ! docker node inspect $1 >/dev/null 2>&1"; }
# Changes a node. Now and then somebody else's change comes between: "update out of sequence".
change() {
    for try in 1 2 3 4 5; do
        said=$(at "$m" "docker node update $* 2>&1 >/dev/null") && return 0
        case $said in *"out of sequence"*) ;; *) return 1 ;; esac
    done
    return 1
}
# Takes a node out of the swarm's list, whatever has become of it.
forget() {
    at "$m" "docker node update --role worker $1 >/dev/null 2>&1" || true
    await 30 gone "$1" || fail "$m could not remove node $1 from the swarm: $(at "$m" "docker node rm --force $1 2>&1")"
}
# What managers that leave at the same time do not answer any more is nothing to wait for.
tell() { at "$m" "$1" >/dev/null 2>&1 || true; }
is_worker() { look "$NAME"; [ "$control" != true ]; }
# How many tasks services lack, in all.
lacking() { at "$m" "docker service ls --format '{{.Replicas}}'" | awk '{ split($1, n, "/"); if (n[2] > n[1]) sum += n[2] - n[1] } END { print sum + 0 }'; }
tasks() { at "$m" "docker node ps --format '{{.CurrentState}}' $self" | grep -E '^(Running|Starting|Preparing|Ready)' || true; }
has_moved() { [ -z "$(tasks)" ] && [ "$(lacking)" -le "$lacked" ]; }
# Where this is the only manager, another node takes its place.
hand_over() {
    for heir in $CONTACTS; do
        [ "$heir" != "$NAME" ] || continue
        look "$heir"
        [ "$state" = active ] || continue
        at "$NAME" "docker node update --role manager $id >/dev/null 2>&1" || continue
        if await 30 manager_but "$NAME"; then return 0; fi
    done
    return 1
}
leave() {
    at "$NAME" "docker swarm leave $* >/dev/null 2>&1" || { look "$NAME"; [ "$state" = inactive ]; }
}
look "$NAME"
self=$id
was=$state
alone=
[ "$quorum" != quorum ] || alone=yes
case $was in
inactive) echo "$NAME is in no swarm" ;;
unreachable | fails) echo "$NAME does not answer: $quorum" ;;
*)
    if [ -z "$self" ]; then :; elif manager_but "$NAME" || { [ -n "$alone" ] && hand_over; }; then
        lacked=$(lacking)
        tell "docker node update --availability drain $self"
        await "$DRAIN" has_moved || echo "$NAME: after $DRAIN s its tasks do not all run elsewhere; those that are left stop"
        tell "docker node update --role worker $self"
        if ! await 30 is_worker && manager_but "$NAME" && at "$m" "docker service ls --format '{{.Replicas}}'" | grep -q '/[1-9]'; then
            fail "$NAME cannot leave the swarm $SWARM: without it most of the managers that there are would be off" "start those, or have them leave before it"
        fi
    fi
    # The last manager takes the swarm with it.
    leave || leave --force || fail "$NAME could not leave the swarm $SWARM: $(words)" ;;
esac
if ! manager_but "$NAME"; then
    echo "no manager of the swarm $SWARM answers, so that nothing is left to be done"
    exit 0
fi
for node in $self $(nodes_of "$NAME"); do
    at "$m" "! docker node inspect $node >/dev/null 2>&1" || (forget "$node") || ! manager_but "$NAME" || exit 1
done
echo "$NAME has left the swarm $SWARM"
