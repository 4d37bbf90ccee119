set -eu
ADDRESS=10.77.0.14
ALONE=''
CONTACTS='vm1 vm2 vm3'
LABEL=fusion.swarm
LABELLED=project/stack/farm
LABELS='--label-add fusion.host=vm4 --label-add fusion.swarm=project/stack/farm --label-add '\''rack=row 4'\'' --label-add zone=a --label-add '\''fusion.labels=fusion.host fusion.swarm rack zone'\'''
LABEL_NAMES='fusion.host fusion.swarm rack zone'
LOOK='said=$(docker info --format '\''{{with .Swarm}}{{.LocalNodeState}}|{{.NodeID}}|{{range .RemoteManagers}}{{.Addr}} {{end}}|{{.ControlAvailable}}|{{.Error}}{{end}}'\'' 2>/dev/null) ||
    said="fails|||false|$(docker info 2>&1 | tail -n 1)"
case $said in
*"|true|"*)
    wrong=$(timeout 10 docker node ls --quiet 2>&1) && wrong=quorum
    said="$(echo "$said" | cut -d "|" -f 1-4)|$wrong" ;;
esac
echo "$said" | tr "\n" " " | sed "s/ *$//"'
MANAGERS='vm1 vm2 vm3'
NAME=vm4
ROLE=worker
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
# Sends a request to Docker on the host: path, body. The builtin printf is no process.
post() {
    printf 'POST %s HTTP/1.1\r\nHost: docker\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: %s\r\n\r\n%s' "$1" "${#2}" "$2" |
        ssh -o BatchMode=yes -o StrictHostKeyChecking=yes -o ConnectTimeout=15 -o ServerAliveInterval=15 -o ServerAliveCountMax=4 -o ControlMaster=auto -o 'ControlPath=~/.ssh/fusion-7051f1b4cc7ab99d' -o ControlPersist=60 -o UserKnownHostsFile=/dev/null -o GlobalKnownHostsFile=/dev/null -o HostKeyAlgorithms=ssh-ed25519 -o UpdateHostKeys=no -o 'KnownHostsCommand=/bin/sh -c '\''mkdir -p -m 700 "$0/.ssh"; echo "$1"'\'' %d '\''10.77.0.14 ssh-ed25519 AAAA'\''' -l fusion -- 10.77.0.14 'docker system dial-stdio' 2>&1 | tr -d '\r' >"$answer"
    grep -q '^HTTP/1.1 200' "$answer"
}
answer=$folder/answer
is_active() { look "$NAME"; [ "$state" = active ]; }
is_settled() { look "$NAME"; [ "$state" != pending ]; }
has_quorum() { look "$NAME"; [ "$quorum" = quorum ]; }
is_worker() { look "$NAME"; [ "$state" = active ] && [ "$control" = false ]; }
of() { at "$m" "docker node inspect --format '$1' $self 2>/dev/null"; }
is_up() { [ "$(of '{{.Status.State}}')" = ready ]; }
look "$NAME"
case $state in unreachable | fails) fail "$NAME: $(words)" ;; esac
if ! find_manager 10 60; then
    [ -n "$ALONE" ] || no_manager
    look "$NAME"
    [ "$state" = inactive ] || no_manager
    init "$NAME" "--default-addr-pool $ALONE"
    m=$NAME
fi
look "$NAME"
if [ "$state" = locked ] && [ "$m" != "$NAME" ]; then
    key=$(at "$m" "docker swarm unlock-key --quiet") || fail "$m gave no key to unlock $NAME"
    post /swarm/unlock "{\"UnlockKey\":\"$key\"}" || fail "$NAME could not be unlocked: $(tail -n 1 "$answer")"
    key=
    await 60 is_active || fail "$NAME is unlocked and does not come back: $(words)"
fi
self=$id
# Whether it is in this swarm, and as it should be: a manager of a swarm that was begun anew without it is not.
member=
if [ -n "$self" ] && [ -n "$(of '{{.ID}}')" ]; then
    await 30 is_settled || true
    [ "$state" != active ] || { [ "$control" = true ] && ! await 20 has_quorum; } || ! await 60 is_up || member=yes
fi
if [ -z "$member" ]; then
    look "$NAME"
    known=
    for contact in $CONTACTS; do
        [ "$contact" = "$NAME" ] || case " $remotes" in *" $(address "$contact"):"*) known=yes ;; esac
    done
    if [ "$state" = active ] && [ -z "$known" ] && { [ "$control" = false ] || [ "$quorum" = quorum ]; }; then
        fail "$NAME is a node of another swarm, whose managers are: $remotes" "let it leave first, there: docker swarm leave --force"
    fi
    # One that the others still count on must not leave like this.
    [ "$state" != active ] || [ "$(of '{{with .ManagerStatus}}{{.Reachability}}{{end}}')" != reachable ] || [ "$quorum" = quorum ] ||
        fail "$NAME is a manager that is too slow to answer; run up again"
    [ "$m" != "$NAME" ] || await 60 manager_but "$NAME" || no_manager
    [ "$state" = inactive ] || at "$NAME" "docker swarm leave --force >/dev/null"
    # Another host that joins at the same time makes a token worthless.
    for try in 1 2 3; do
        token=$(at "$m" "docker swarm join-token --quiet $ROLE") || fail "$m gave no token"
        ! post /swarm/join "{\"ListenAddr\":\"$ADDRESS:2377\",\"AdvertiseAddr\":\"$ADDRESS\",\"DataPathAddr\":\"$ADDRESS\",\"RemoteAddrs\":[\"$(address "$m"):2377\"],\"JoinToken\":\"$token\"}" || break
        ! grep -q 'already part of a swarm' "$answer" || break
    done
    token=
    # One that was seen by somebody is of no use.
    at "$m" "docker swarm join-token --rotate --quiet $ROLE >/dev/null" || fail "$m could not rotate the token"
    await 60 is_active || fail "$NAME could not join the swarm by $m: $(tail -n 1 "$answer")" "do they reach each other at the TCP ports 2377 and 7946, and UDP 7946 and 4789?"
    self=$id
    await 60 is_up || fail "$NAME has joined, but $m does not see it: $(of '{{.Status.Message}}')"
fi
for old in $(nodes_of "$NAME"); do [ "$old" = "$self" ] || forget "$old"; done
if [ "$(of '{{.Spec.Role}}')" != "$ROLE" ]; then
    if [ "$ROLE" = manager ]; then
        change "--role manager $self" || fail "$NAME did not become a manager: $said"
        await 60 has_quorum || fail "$NAME did not become a manager: $(words)"
    else
        await 60 manager_but "$NAME" || no_manager
        change "--role worker $self" || fail "$NAME did not become a worker: $said"
        await 60 is_worker || fail "$NAME did not become a worker: $(words)"
    fi
fi
# Labels of earlier deployments go; those of other people stay.
set --
had=$(of '{{index .Spec.Labels "fusion.labels"}}') || fail "$m does not know $NAME any more"
for label in $(of '{{range $key, $value := .Spec.Labels}}{{$key}} {{end}}'); do
    case " $had " in *" $label "*) case " $LABEL_NAMES " in *" $label "*) ;; *) set -- "$@" --label-rm "$label" ;; esac ;; esac
done
change "--availability active $LABELS $* $self" || fail "$NAME could not be labelled: $said"
if [ "$ROLE" = manager ]; then
    # Who has taken a manager's place while that was away is a worker again.
    m=$NAME
    for contact in $CONTACTS; do
        case " $MANAGERS " in *" $contact "*) continue ;; esac
        for node in $(nodes_of "$contact"); do change "--role worker $node" || fail "$contact stays a manager: $said"; done
    done
    await 60 has_quorum || fail "$NAME: $(words)"
fi
echo "$NAME is a $ROLE of the swarm $SWARM"
