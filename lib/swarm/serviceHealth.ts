import type { ContainerSetSpec } from "../containers/containerSetSpec";
import { checkedPort } from "../containers/healthSpec";
import { script } from "../shell";
import { goDuration } from "./goDuration";

/** A health check as a service has it: in its containers, as long as they run. */
export interface ServiceHealth {
    tests: string[];
    interval: string;
    timeout: string;
    startPeriod: string;
    retries: number;
}

/** Asks with what the image has, and works there. Its answer is what `docker inspect` shows of the check. */
const http = String.raw`
if command -v curl >/dev/null; then
    status=$(curl --noproxy '*' --silent --show-error --max-time 5 --output /dev/null --write-out '%{http_code}' "http://127.0.0.1:$PORT$URI" 2>&1) || { echo "$status"; exit 1; }
    case $status in 2??) exit 0 ;; *) echo "status $status"; exit 1 ;; esac
fi
if command -v wget >/dev/null; then
    code=0
    no_proxy='*' wget -q -T 5 -O /dev/null "http://127.0.0.1:$PORT$URI" 2>&1 || code=$?
    [ "$code" -ne 0 ] || exit 0
    # Of busybox, linked statically, it may crash.
    [ "$code" -gt 128 ] || { echo "no answer with a status of 2xx"; exit 1; }
fi
if command -v nc >/dev/null; then
    said=$(printf 'GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n' "$URI" | nc -w 5 127.0.0.1 "$PORT" 2>&1 | head -n 1)
    case $said in HTTP/1.?\ 2*) exit 0 ;; *) echo "$said"; exit 1 ;; esac
fi
if command -v bash >/dev/null; then
    said=$(bash -c 'exec 3<>"/dev/tcp/127.0.0.1/$0" && printf "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n" "$1" >&3 && read -r -t 5 line <&3 && echo "$line"' "$PORT" "$URI" 2>&1) || { echo "no answer: $said"; exit 1; }
    case $said in HTTP/1.?\ 2*) exit 0 ;; *) echo "$said"; exit 1 ;; esac
fi
echo "the image has no curl, wget, nc or bash to ask with; give healthCheck.tcp or healthCheck.command"
exit 1
`;

/** Looks for a socket that listens (state 0A): a connection to it is accepted by the kernel. */
const tcp = String.raw`
while read -r _ own peer state rest; do
    case $state,$own in 0A,*:$HEX) exit 0 ;; esac
done <<END
$(cat /proc/net/tcp /proc/net/tcp6 2>/dev/null)
END
echo "nothing listens on port $PORT"
exit 1
`;

/** Checks in a row that a container which has answered once may miss. */
const RETRIES = 3;

/**
 * A set's health check in the words of a service. A new container has its start period and the timeout to answer, as on plain
 * hosts; one that has answered and does so no more is ended after three checks, and another one started.
 *
 * @param intervalSeconds between two checks; a balancer in front looks by itself
 * @returns undefined for a set without one: a task then serves as soon as it runs, or when the image's own check says so
 */
export function serviceHealth(
    spec: Pick<ContainerSetSpec, "healthCheck" | "ports">,
    intervalSeconds: number,
): ServiceHealth | undefined {
    const { healthCheck: check } = spec;
    const port = checkedPort(spec);
    if (check === undefined || (check.command === undefined && port === undefined)) return undefined;
    const { startPeriodSeconds = 0, timeoutSeconds = 300 } = check;
    return {
        tests: check.command ? ["CMD", ...check.command] : ["CMD-SHELL", asked(check.http, port ?? 0)],
        interval: goDuration(intervalSeconds),
        timeout: goDuration(check.command ? 30 : 10),
        startPeriod: goDuration(startPeriodSeconds + timeoutSeconds),
        retries: RETRIES,
    };
}

const asked = (check: { path?: string } | undefined, port: number): string =>
    check === undefined
        ? script({ PORT: port, HEX: port.toString(16).toUpperCase().padStart(4, "0") }, tcp)
        : script({ PORT: port, URI: check.path ?? "/" }, http);
