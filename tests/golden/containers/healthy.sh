set -eu
pids=
(printf '%s' 'pids=
(sh -c '\''set -eu
ADDRESS=10.77.0.11
CONTAINER=web-0-0123
KIND=http
PORT=20000
REPLICA=web-0
TIMEOUT=300
URI='\''\'\'''\''/it'\''\'\'''\''\'\''\'\'''\'''\''\'\'''\''s?a=1&b'\''\'\'''\''
VM=vm1
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
            wget --no-proxy --quiet --tries=1 --timeout=5 --max-redirect=0 --output-document=/dev/null "http://$ADDRESS:$PORT$URI" 2>&1
        else
            python3 -c '\''\'\'''\''import sys, http.client
try:
    c = http.client.HTTPConnection(sys.argv[1], int(sys.argv[2]), timeout=5)
    c.request("GET", sys.argv[3])
    s = c.getresponse().status
except Exception as e: sys.exit(str(e))
if s // 100 != 2: sys.exit("status %d" % s)'\''\'\'''\'' "$ADDRESS" "$PORT" "$URI" 2>&1
        fi ;;
    tcp)
        if command -v nc >/dev/null; then
            nc -z -w 5 "$ADDRESS" "$PORT" 2>&1
        else
            python3 -c '\''\'\'''\''import sys, socket
try: socket.create_connection((sys.argv[1], int(sys.argv[2])), 5)
except Exception as e: sys.exit(str(e))'\''\'\'''\'' "$ADDRESS" "$PORT" 2>&1
        fi ;;
    esac
}
start=$(date +%s)
until answer=$(ask); do
    if [ $(($(date +%s) - start)) -ge "$TIMEOUT" ]; then
        echo "$REPLICA is not healthy on $VM after $TIMEOUT s: asked $KIND $ADDRESS:$PORT$URI, answer: $answer"
        echo "last lines of $CONTAINER:"
        docker logs --tail 20 "$CONTAINER" 2>&1
        exit 1
    fi
    sleep 1
done
echo "$REPLICA is healthy on $VM"
'\'') & pids="$pids $!"
(sh -c '\''set -eu
ADDRESS='\''\'\'''\'''\''\'\'''\''
CONTAINER=web-2-0123
KIND=running
PORT='\''\'\'''\'''\''\'\'''\''
REPLICA=web-2
TIMEOUT=300
URI='\''\'\'''\'''\''\'\'''\''
VM=vm1
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
            wget --no-proxy --quiet --tries=1 --timeout=5 --max-redirect=0 --output-document=/dev/null "http://$ADDRESS:$PORT$URI" 2>&1
        else
            python3 -c '\''\'\'''\''import sys, http.client
try:
    c = http.client.HTTPConnection(sys.argv[1], int(sys.argv[2]), timeout=5)
    c.request("GET", sys.argv[3])
    s = c.getresponse().status
except Exception as e: sys.exit(str(e))
if s // 100 != 2: sys.exit("status %d" % s)'\''\'\'''\'' "$ADDRESS" "$PORT" "$URI" 2>&1
        fi ;;
    tcp)
        if command -v nc >/dev/null; then
            nc -z -w 5 "$ADDRESS" "$PORT" 2>&1
        else
            python3 -c '\''\'\'''\''import sys, socket
try: socket.create_connection((sys.argv[1], int(sys.argv[2])), 5)
except Exception as e: sys.exit(str(e))'\''\'\'''\'' "$ADDRESS" "$PORT" 2>&1
        fi ;;
    esac
}
start=$(date +%s)
until answer=$(ask); do
    if [ $(($(date +%s) - start)) -ge "$TIMEOUT" ]; then
        echo "$REPLICA is not healthy on $VM after $TIMEOUT s: asked $KIND $ADDRESS:$PORT$URI, answer: $answer"
        echo "last lines of $CONTAINER:"
        docker logs --tail 20 "$CONTAINER" 2>&1
        exit 1
    fi
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
CONTAINER=web-1-0123
KIND=tcp
PORT=20000
REPLICA=web-1
TIMEOUT=300
URI=/
VM=vm2
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
            wget --no-proxy --quiet --tries=1 --timeout=5 --max-redirect=0 --output-document=/dev/null "http://$ADDRESS:$PORT$URI" 2>&1
        else
            python3 -c '\''\'\'''\''import sys, http.client
try:
    c = http.client.HTTPConnection(sys.argv[1], int(sys.argv[2]), timeout=5)
    c.request("GET", sys.argv[3])
    s = c.getresponse().status
except Exception as e: sys.exit(str(e))
if s // 100 != 2: sys.exit("status %d" % s)'\''\'\'''\'' "$ADDRESS" "$PORT" "$URI" 2>&1
        fi ;;
    tcp)
        if command -v nc >/dev/null; then
            nc -z -w 5 "$ADDRESS" "$PORT" 2>&1
        else
            python3 -c '\''\'\'''\''import sys, socket
try: socket.create_connection((sys.argv[1], int(sys.argv[2])), 5)
except Exception as e: sys.exit(str(e))'\''\'\'''\'' "$ADDRESS" "$PORT" 2>&1
        fi ;;
    esac
}
start=$(date +%s)
until answer=$(ask); do
    if [ $(($(date +%s) - start)) -ge "$TIMEOUT" ]; then
        echo "$REPLICA is not healthy on $VM after $TIMEOUT s: asked $KIND $ADDRESS:$PORT$URI, answer: $answer"
        echo "last lines of $CONTAINER:"
        docker logs --tail 20 "$CONTAINER" 2>&1
        exit 1
    fi
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
