set -eu
pids=
(printf '%s' 'pids=
(sh -c '\''set -eu
ADDRESS=10.77.0.11
ASKED='\''\'\'''\''10.77.0.11:20000/it'\''\'\'''\''\'\''\'\'''\'''\''\'\'''\''s?a=1&b'\''\'\'''\''
CONTAINER=web-0-0123
KIND=http
PORT=20000
REPLICA=web-0
START_PERIOD=0
TIMEOUT=300
URI='\''\'\'''\''/it'\''\'\'''\''\'\''\'\'''\'''\''\'\'''\''s?a=1&b'\''\'\'''\''
VM=vm1
WORDS='\''\'\'''\'''\''\'\'''\''
ask() {
    running=$(docker inspect --format '\''\'\'''\''{{.State.Running}}'\''\'\'''\'' "$CONTAINER" 2>&1) || { echo "$running"; return 1; }
    [ "$running" = true ] || { echo "the container does not run"; return 1; }
    case $KIND in
    http)
        # The host may have a proxy for other networks, which does not lead to it.
        if command -v curl >/dev/null; then
            status=$(curl --noproxy '\''\'\'''\''*'\''\'\'''\'' --silent --show-error --max-time 5 --output /dev/null --write-out '\''\'\'''\''%{http_code}'\''\'\'''\'' "http://$ADDRESS:$PORT$URI" 2>&1) ||
                { echo "$status"; return 1; }
            case $status in 2??) ;; *) echo "status $status"; return 1 ;; esac
        elif command -v wget >/dev/null; then
            # Quiet it would not even say what is wrong.
            wget --no-proxy --no-verbose --tries=1 --timeout=5 --max-redirect=0 --output-document=/dev/null "http://$ADDRESS:$PORT$URI" 2>&1
        else
            python3 -c '\''\'\'''\''import sys, http.client
try:
    c = http.client.HTTPConnection(sys.argv[1], int(sys.argv[2]), timeout=5)
    c.request("GET", sys.argv[3])
    s = c.getresponse().status
except Exception as e: sys.exit(str(e))
if s // 100 != 2: sys.exit("status %d" % s)'\''\'\'''\'' "$ADDRESS" "$PORT" "$URI" 2>&1
        fi ;;
    command)
        # Shell text of our own; the words in it are quoted.
        eval "set -- $WORDS"
        answer=$(timeout 30 docker exec "$CONTAINER" "$@" 2>&1) || { code=$?; echo "code $code $answer" | tail -c 300; return 1; } ;;
    tcp)
        if command -v nc >/dev/null; then
            # Quiet it would not say what is wrong.
            nc -vz -w 5 "$ADDRESS" "$PORT" 2>&1
        else
            python3 -c '\''\'\'''\''import sys, socket
try: socket.create_connection((sys.argv[1], int(sys.argv[2])), 5)
except Exception as e: sys.exit(str(e))'\''\'\'''\'' "$ADDRESS" "$PORT" 2>&1
        fi ;;
    esac
}
fail() {
    echo "$REPLICA is not healthy on $VM $1: asked $KIND $ASKED, answer: $answer"
    echo "last lines of $CONTAINER:"
    docker logs --tail 20 "$CONTAINER" 2>&1
    exit 1
}
start=$(date +%s)
forgiven=0
until answer=$(ask); do
    passed=$(($(date +%s) - start))
    [ "$passed" -lt $((START_PERIOD + TIMEOUT)) ] || fail "after $passed s"
    # Docker starts it again and again, which does not make it better.
    ends=$(docker inspect --format '\''\'\'''\''{{.RestartCount}}'\''\'\'''\'' "$CONTAINER" 2>/dev/null) || ends=0
    [ "$passed" -ge "$START_PERIOD" ] || forgiven=$ends
    [ $((ends - forgiven)) -lt 3 ] || fail "after its start: it has ended $((ends - forgiven)) times"
    sleep 1
done
echo "$REPLICA is healthy on $VM"
'\'') & pids="$pids $!"
(sh -c '\''set -eu
ADDRESS='\''\'\'''\'''\''\'\'''\''
ASKED='\''\'\'''\''whether it runs'\''\'\'''\''
CONTAINER=web-2-0123
KIND=running
PORT='\''\'\'''\'''\''\'\'''\''
REPLICA=web-2
START_PERIOD=0
TIMEOUT=300
URI='\''\'\'''\'''\''\'\'''\''
VM=vm1
WORDS='\''\'\'''\'''\''\'\'''\''
ask() {
    running=$(docker inspect --format '\''\'\'''\''{{.State.Running}}'\''\'\'''\'' "$CONTAINER" 2>&1) || { echo "$running"; return 1; }
    [ "$running" = true ] || { echo "the container does not run"; return 1; }
    case $KIND in
    http)
        # The host may have a proxy for other networks, which does not lead to it.
        if command -v curl >/dev/null; then
            status=$(curl --noproxy '\''\'\'''\''*'\''\'\'''\'' --silent --show-error --max-time 5 --output /dev/null --write-out '\''\'\'''\''%{http_code}'\''\'\'''\'' "http://$ADDRESS:$PORT$URI" 2>&1) ||
                { echo "$status"; return 1; }
            case $status in 2??) ;; *) echo "status $status"; return 1 ;; esac
        elif command -v wget >/dev/null; then
            # Quiet it would not even say what is wrong.
            wget --no-proxy --no-verbose --tries=1 --timeout=5 --max-redirect=0 --output-document=/dev/null "http://$ADDRESS:$PORT$URI" 2>&1
        else
            python3 -c '\''\'\'''\''import sys, http.client
try:
    c = http.client.HTTPConnection(sys.argv[1], int(sys.argv[2]), timeout=5)
    c.request("GET", sys.argv[3])
    s = c.getresponse().status
except Exception as e: sys.exit(str(e))
if s // 100 != 2: sys.exit("status %d" % s)'\''\'\'''\'' "$ADDRESS" "$PORT" "$URI" 2>&1
        fi ;;
    command)
        # Shell text of our own; the words in it are quoted.
        eval "set -- $WORDS"
        answer=$(timeout 30 docker exec "$CONTAINER" "$@" 2>&1) || { code=$?; echo "code $code $answer" | tail -c 300; return 1; } ;;
    tcp)
        if command -v nc >/dev/null; then
            # Quiet it would not say what is wrong.
            nc -vz -w 5 "$ADDRESS" "$PORT" 2>&1
        else
            python3 -c '\''\'\'''\''import sys, socket
try: socket.create_connection((sys.argv[1], int(sys.argv[2])), 5)
except Exception as e: sys.exit(str(e))'\''\'\'''\'' "$ADDRESS" "$PORT" 2>&1
        fi ;;
    esac
}
fail() {
    echo "$REPLICA is not healthy on $VM $1: asked $KIND $ASKED, answer: $answer"
    echo "last lines of $CONTAINER:"
    docker logs --tail 20 "$CONTAINER" 2>&1
    exit 1
}
start=$(date +%s)
forgiven=0
until answer=$(ask); do
    passed=$(($(date +%s) - start))
    [ "$passed" -lt $((START_PERIOD + TIMEOUT)) ] || fail "after $passed s"
    # Docker starts it again and again, which does not make it better.
    ends=$(docker inspect --format '\''\'\'''\''{{.RestartCount}}'\''\'\'''\'' "$CONTAINER" 2>/dev/null) || ends=0
    [ "$passed" -ge "$START_PERIOD" ] || forgiven=$ends
    [ $((ends - forgiven)) -lt 3 ] || fail "after its start: it has ended $((ends - forgiven)) times"
    sleep 1
done
echo "$REPLICA is healthy on $VM"
'\'') & pids="$pids $!"
failed=0
for pid in $pids; do wait "$pid" || failed=1; done
exit $failed' | ssh -o BatchMode=yes -o StrictHostKeyChecking=yes -o ConnectTimeout=15 -o ServerAliveInterval=15 -o ServerAliveCountMax=4 -o ControlMaster=auto -o 'ControlPath=~/.ssh/fusion-76175d57550cf71b' -o ControlPersist=60 -l fusion -- 10.77.0.11 'sh -s' 2>&1) & pids="$pids $!"
(printf '%s' 'pids=
(sh -c '\''set -eu
ADDRESS=10.77.0.12
ASKED=10.77.0.12:20000/
CONTAINER=web-1-0123
KIND=tcp
PORT=20000
REPLICA=web-1
START_PERIOD=0
TIMEOUT=300
URI=/
VM=vm2
WORDS='\''\'\'''\'''\''\'\'''\''
ask() {
    running=$(docker inspect --format '\''\'\'''\''{{.State.Running}}'\''\'\'''\'' "$CONTAINER" 2>&1) || { echo "$running"; return 1; }
    [ "$running" = true ] || { echo "the container does not run"; return 1; }
    case $KIND in
    http)
        # The host may have a proxy for other networks, which does not lead to it.
        if command -v curl >/dev/null; then
            status=$(curl --noproxy '\''\'\'''\''*'\''\'\'''\'' --silent --show-error --max-time 5 --output /dev/null --write-out '\''\'\'''\''%{http_code}'\''\'\'''\'' "http://$ADDRESS:$PORT$URI" 2>&1) ||
                { echo "$status"; return 1; }
            case $status in 2??) ;; *) echo "status $status"; return 1 ;; esac
        elif command -v wget >/dev/null; then
            # Quiet it would not even say what is wrong.
            wget --no-proxy --no-verbose --tries=1 --timeout=5 --max-redirect=0 --output-document=/dev/null "http://$ADDRESS:$PORT$URI" 2>&1
        else
            python3 -c '\''\'\'''\''import sys, http.client
try:
    c = http.client.HTTPConnection(sys.argv[1], int(sys.argv[2]), timeout=5)
    c.request("GET", sys.argv[3])
    s = c.getresponse().status
except Exception as e: sys.exit(str(e))
if s // 100 != 2: sys.exit("status %d" % s)'\''\'\'''\'' "$ADDRESS" "$PORT" "$URI" 2>&1
        fi ;;
    command)
        # Shell text of our own; the words in it are quoted.
        eval "set -- $WORDS"
        answer=$(timeout 30 docker exec "$CONTAINER" "$@" 2>&1) || { code=$?; echo "code $code $answer" | tail -c 300; return 1; } ;;
    tcp)
        if command -v nc >/dev/null; then
            # Quiet it would not say what is wrong.
            nc -vz -w 5 "$ADDRESS" "$PORT" 2>&1
        else
            python3 -c '\''\'\'''\''import sys, socket
try: socket.create_connection((sys.argv[1], int(sys.argv[2])), 5)
except Exception as e: sys.exit(str(e))'\''\'\'''\'' "$ADDRESS" "$PORT" 2>&1
        fi ;;
    esac
}
fail() {
    echo "$REPLICA is not healthy on $VM $1: asked $KIND $ASKED, answer: $answer"
    echo "last lines of $CONTAINER:"
    docker logs --tail 20 "$CONTAINER" 2>&1
    exit 1
}
start=$(date +%s)
forgiven=0
until answer=$(ask); do
    passed=$(($(date +%s) - start))
    [ "$passed" -lt $((START_PERIOD + TIMEOUT)) ] || fail "after $passed s"
    # Docker starts it again and again, which does not make it better.
    ends=$(docker inspect --format '\''\'\'''\''{{.RestartCount}}'\''\'\'''\'' "$CONTAINER" 2>/dev/null) || ends=0
    [ "$passed" -ge "$START_PERIOD" ] || forgiven=$ends
    [ $((ends - forgiven)) -lt 3 ] || fail "after its start: it has ended $((ends - forgiven)) times"
    sleep 1
done
echo "$REPLICA is healthy on $VM"
'\'') & pids="$pids $!"
failed=0
for pid in $pids; do wait "$pid" || failed=1; done
exit $failed' | ssh -o BatchMode=yes -o StrictHostKeyChecking=yes -o ConnectTimeout=15 -o ServerAliveInterval=15 -o ServerAliveCountMax=4 -o ControlMaster=auto -o 'ControlPath=~/.ssh/fusion-1720fcb5879e1ede' -o ControlPersist=60 -l fusion -- 10.77.0.12 'sh -s' 2>&1) & pids="$pids $!"
failed=0
for pid in $pids; do wait "$pid" || failed=1; done
exit $failed
