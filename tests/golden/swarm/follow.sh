REMOTE='set -eu
BEGIN=60
LIMIT=600
MORE='\''[2]'\''
SERVICE=web
SOON=20
WANTED=9f6ff36e-1-2
at() { docker service inspect --format '\''{{with .Spec.Labels}}{{index . "fusion.version"}}-{{index . "fusion.turn"}}-{{index . "fusion.attempt"}}{{end}} {{with .UpdateStatus}}{{.State}}{{else}}none{{end}} {{.Version.Index}}'\'' "$SERVICE" 2>/dev/null || echo "- none -"; }
nodes=$(docker node ls --quiet 2>/dev/null) || exit 1
names=$(docker node inspect --format '\''{{.ID}} {{or (index .Spec.Labels "fusion.host") .Description.Hostname}}'\'' $nodes 2>/dev/null) || exit 1
leaving() { docker service ps --no-trunc --format '\''{{.ID}}|{{.DesiredState}}|{{.CurrentState}}'\'' "$SERVICE" 2>/dev/null | awk -F '\''|'\'' '\''($2 == "Shutdown" || $2 == "Remove") && $3 ~ /^Running/ { print $1 }'\''; }
turns() {
    docker inspect --type task --format '\''{{.NodeID}}{{range .Spec.ContainerSpec.Env}}{{if eq (printf "%.12s" .) "FUSION_TURN="}} {{slice . 12}}{{end}}{{end}}'\'' "$@" 2>/dev/null |
        awk -v names="$(printf '\''%s'\'' "$names" | tr '\''\n'\'' '\'' '\'')" '\''
            BEGIN { n = split(names, word); for (i = 1; i < n; i += 2) host[word[i]] = word[i + 1] }
            $1 in host && NF == 2 { print host[$1], $2 }'\''
}
first=$(at) soon=$(($(date +%s) + SOON))
# Where its version stays, what it is about to be changed to is not to be seen yet.
case $first in "$WANTED "*) ;; *) first= ;; esac
begin=$(($(date +%s) + BEGIN)) end=$(($(date +%s) + LIMIT)) calm=0 round=0 before=
while [ "$(date +%s)" -lt "$end" ] && [ "$calm" -lt 3 ]; do
    # So that this ends where nobody listens.
    echo
    stopping=$(leaving)
    if [ -n "$stopping" ]; then
        [ "$stopping" = "$before" ] || said=$(turns $stopping)
        before=$stopping calm=0
        printf '\''%s\n'\'' "$said"
    # Two seconds are all that there is for it.
    elif round=$((round + 1)) && [ $((round % 5)) -eq 1 ]; then
        case $(at) in
        "$WANTED updating "* | *" rollback_started "*) begin=0 calm=0 ;;
        "$first") [ "$(date +%s)" -lt "$soon" ] || calm=3 ;;
        "$WANTED none "*) begin=0 calm=$((calm + 1)) ;;
        "$WANTED "*) calm=3 ;;
        *) [ "$begin" -gt 0 ] && [ "$(date +%s)" -lt "$begin" ] || calm=3 ;;
        esac
    fi
    sleep 0.2
done
'
printf '%s' "$REMOTE" | ssh -o BatchMode=yes -o StrictHostKeyChecking=yes -o ConnectTimeout=15 -o ServerAliveInterval=15 -o ServerAliveCountMax=4 -o ControlMaster=auto -o 'ControlPath=~/.ssh/fusion-76175d57550cf71b' -o ControlPersist=60 -l fusion -- 10.77.0.11 'sh -s' && exit 0
printf '%s' "$REMOTE" | ssh -o BatchMode=yes -o StrictHostKeyChecking=yes -o ConnectTimeout=15 -o ServerAliveInterval=15 -o ServerAliveCountMax=4 -o ControlMaster=auto -o 'ControlPath=~/.ssh/fusion-3e05265e119388fd' -o ControlPersist=60 -- 10.77.0.12 'sh -s' && exit 0
exit 0
