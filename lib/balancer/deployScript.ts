import { script } from "../shell";
import { containerSupervision, containers, programSupervision, stepSupervision, takeover } from "./containerScripts";
import { type HaproxyInstall, installHaproxy, installKeepalived, installSocat } from "./installScripts";
import { allMissing, noneFound } from "./missingServers";
import { type BalancerPlace, ifOwn, LOGIN_FILE, makeDirectory, own, placeVariables, shellBase } from "./places";
import { supervision } from "./supervision";

interface Deployed {
    backends: readonly string[];
    found?: readonly string[];
    inTurn?: readonly string[];
    install?: HaproxyInstall | undefined;
    image?: string | undefined;
}

/**
 * The script, run on the balancer's machine with the new configuration in standard input, that brings it into effect: it
 * is checked by that machine's HAProxy, put in place in one step, loaded without losing a connection, and proven to be the
 * one that runs. Any failure before that leaves the old configuration serving. It ends when the new servers answer HAProxy's
 * checks and no process of the old configuration is left, so that the old servers may then be stopped.
 *
 * @param hardStopAfterSeconds how long an old process may live; as in the configuration
 * @param backends those whose new servers must answer
 * @param found those of which one server must answer: where the others are not, nothing runs
 * @param inTurn those of which each server is taken out of service before its container stops, and put back by a command of
 * its own; see `drainScript`
 * @param install HAProxy and socat are installed where they are missing; undefined: they are there
 * @param image HAProxy runs in a container of this image; undefined: it is a program of the machine
 * @param serversUpSeconds how long new servers have to answer
 */
export function deployScript(
    place: BalancerPlace,
    hardStopAfterSeconds: number,
    { backends, found = [], inTurn = [], install, image }: Deployed,
    serversUpSeconds = 60,
): string {
    const installs =
        (image === undefined ? installHaproxy : installSocat) + (install?.keepalived ? installKeepalived : "");
    const given = String.raw`${install === undefined ? "" : installs}
prepare() { ${install === undefined ? ":" : `install_haproxy${install.keepalived ? "; install_keepalived" : ""}`}; }
new_config() { take; cat >"$config.new"; }
take() {${own}
}
# Replicas that have no command of their own any more are put back by nobody else.
release() {
    [ -e "$DIR/out" ] || return 0
    awk -v in_turn=" $IN_TURN " '
        /^[a-z]/ { backend = $1 == "backend" ? $2 : "" }
        backend != "" && $1 == "server" && !index(in_turn, " " backend " ") { print $3 }' "$config.new" >"$DIR/servers.back"
    grep -vxF -f "$DIR/servers.back" "$DIR/out" >"$DIR/out.new" || true
    mv "$DIR/out.new" "$DIR/out"
}
tell_turns() {
    for backend in $IN_TURN; do echo "$backend"; done >"$DIR/in-turn"
    [ -s "$DIR/in-turn" ] || rm -f "$DIR/in-turn"
}
# Certificates that the configuration names no more.
clean() {
    for file in "$DIR"/secret/*.pem "$DIR"/acme/*.pem; do
        grep -qF -- "$file" "$config" || rm -f "$file"
    done
}
renewals() { [ ! -e "$DIR/acme/renew" ] || sh "$DIR/acme/renew" schedule 9<&-; }
`;
    const seconds = { HARD_STOP: hardStopAfterSeconds, SERVERS_UP: serversUpSeconds };
    const names = {
        ...{ ...placeVariables(place), BACKENDS: backends.join(" "), IN_TURN: inTurn.join(" ") },
        ...(found.length > 0 && { FOUND: found.join(" ") }),
    };
    const program: Record<string, string> =
        image === undefined ? { HAPROXY_VERSION: install?.version ?? "" } : { IMAGE: image };
    const supervised = supervision + takeover + (image === undefined ? programSupervision : containerSupervision);
    return deployment({ ...names, ...program, ...seconds }, given + supervised);
}

/**
 * The script, run on the balancer's machine, that brings one step of a rollout into effect: servers of a backend are found at
 * other addresses, all else stays as it runs. Servers that the configuration lacks are left to the next {@link deployScript}.
 * Standard input has a line a server: NAME ADDRESS:PORT CHECKPORT.
 */
export function stepScript(place: BalancerPlace, backend: string, hardStopAfterSeconds: number): string {
    const edited = String.raw`${stepSupervision}
! in_container || check_docker
[ -S "$DIR/admin.sock" ] && master >/dev/null || { echo "no balancer runs in $DIR on $(uname -n)"; exit 0; }
new_config() {
    awk -v backend="$BACKEND" '
        FNR == NR { at[$1] = $2; check[$1] = $3; next }
        { sub(/ disabled # out$/, "") }
        /^[a-z]/ { inside = ($1 == "backend" && $2 == backend) }
        inside && $1 == "server" && ($2 in at) {
            name = $2; $3 = at[name]
            for (i = 4; i < NF; i++) if ($i == "port") { $i = ""; $(i + 1) = "" }
            gsub(/ +/, " "); sub(/ $/, "")
            port = at[name]; sub(/.*:/, "", port)
            $0 = "    " $0 (check[name] == port ? "" : " port " check[name])
        }
        { print }' - "$config" >"$config.step"
    hash=$(grep -v '^ *description ' "$config.step" | sha256sum | cut -c 1-16)
    sed "s/^\( *description \"fusion-\)[^\"]*\"/\1$hash\"/" "$config.step" >"$config.new"
    rm -f "$config.step"
}
# Certificates of the next configuration may be there already.
clean() { :; }
release() { :; }
tell_turns() { :; }
renewals() { :; }
# It may have gone while this waited for another deployment.
prepare() { master >/dev/null || { echo "no balancer runs in $DIR on $(uname -n)"; exit 0; }; }
`;
    const seconds = { HARD_STOP: hardStopAfterSeconds, SERVERS_UP: 60 };
    return deployment({ ...placeVariables(place), BACKEND: backend, BACKENDS: backend, ...seconds }, edited);
}

/** @param source shell text that defines `new_config`, which writes the new configuration, and the other functions of the callers above */
export function deployment(variables: Record<string, string | number>, source: string): string {
    const missing = variables.FOUND === undefined ? allMissing : noneFound;
    return script(
        variables,
        shellBase +
            containers +
            source +
            missing +
            String.raw`
ask_master() { echo "$1" | socat -t 5 - "UNIX-CONNECT:$DIR/master.sock" 2>/dev/null; }
running() { ask "show info" | sed -n 's/^[Dd]escription: //p'; }
# Runs its arguments with a growing pause until they succeed, at the most for the seconds in $1.
await() {
    end=$(($(date +%s) + $1)); shift; pause=0.05
    until "$@"; do
        [ "$(date +%s)" -lt "$end" ] || return 1
        sleep $pause; case $pause in 0.05) pause=0.2 ;; 0.2) pause=0.5 ;; esac
    done
}
# What has never served is not left behind, and its directory is nobody's.
disown() { [ -e "$DIR/secret" ] || [ -e "$DIR/acme" ] || rm -f "$DIR/owner"; }
leave_nothing() {
    disable_haproxy
    rm -f "$config" "$config".* "$DIR"/*.sock "$DIR"/servers.* "$DIR/check.log" "$DIR/start.log"
    disown
}
${makeDirectory}
lock
prepare
recover
for program in haproxy socat; do
    command -v $program >/dev/null || fail "$program is missing on $(uname -n); install the package $program, or give the balancer haproxy: { install: true }"
done
new_config
release
mark "$config.new"
stamp() { sed "s/^\( *description \"fusion-[^\"]*\)\"/\1$1\"/" "$config.new" >"$config.step" && mv "$config.step" "$config.new"; }
# HAProxy reads the login with its configuration: with another one the same configuration is another.
login=$DIR/secret/${LOGIN_FILE}
if grep -qF -- "$login" "$config.new" && [ -e "$login" ]; then
    stamp .$(stat -c %Y-%i "$login")
fi
# So it is with certificates that an authority has renewed: their files keep their names.
renewed=$(for file in "$DIR"/acme/*.pem; do ! grep -qF -- "$file" "$config.new" || stat -c %n-%Y-%i "$file"; done)
[ -z "$renewed" ] || stamp ".$(echo "$renewed" | sha256sum | cut -c 1-8)"
# So it is with another program.
[ -z "\${HAPROXY_VERSION:-}" ] || stamp ".$HAPROXY_VERSION"
[ -z "\${RUN:-}" ] || stamp ".$RUN"
want=$(sed -n 's/^ *description "\(fusion-[^"]*\)"$/\1/p' "$config.new")
[ -n "$want" ] || fail "the configuration names no hash of itself: it was cut short; run again"
haproxy -dW -c -f "$config.new" >"$DIR/check.log" 2>&1 || {
    cat "$DIR/check.log" >&2
    [ -e "$config" ] || disown
    fail "HAProxy refuses the new configuration ($config.new); the old one serves on"
}
# ADDRESS:PORT of what it listens on.
binds() { sed -n 's/^ *bind \([^ ]*:[0-9][0-9]*\).*/\1/p' "$1" 2>/dev/null | sort -u; }
# Whether another program listens where that would: on the address, on all, or, where it is for all, on any.
in_use() {
    ss -Hltnp "sport = :\${1##*:}" | awk -v wanted="\${1%:*}" -v own=" $own " '
        function all(address) { return address == "*" || address == "0.0.0.0" || address == "[::]" }
        { address = $4; sub(/:[0-9]+$/, "", address); sub(/%.*/, "", address) }
        { for (rest = $0; match(rest, /pid=[0-9]+/); rest = substr(rest, RSTART + RLENGTH)) if (index(own, " " substr(rest, RSTART + 4, RLENGTH - 4) " ")) next }
        all(wanted) || all(address) || address == wanted { found = 1 }
        END { exit !found }'
}
# BACKEND/SERVER ADDRESS:PORT of those that are waited for.
servers() {
    awk -v wanted=" $BACKENDS " '
        /^[a-z]/ { backend = $1 == "backend" && index(wanted, " " $2 " ") ? $2 : "" }
        backend != "" && $1 == "server" && !/ disabled # out$/ { print backend "/" $2, $3 }' "$1" 2>/dev/null | sort
}
if pid=$(master); then
    # What is there already is from a deployment that was cut off: the last configuration that was proven to serve.
    [ -e "$config.old" ] || { cp -p "$config" "$config.tmp" && mv "$config.tmp" "$config.old"; }
    # It does not answer while it reloads.
    own_processes() {
        own=$(if in_container; then family $(masters); else ask_master "show proc" | awk '$1 ~ /^[0-9]+$/ { print $1 }'; fi | tr '\n' ' ')
        [ -n "$own" ]
    }
    await 8 own_processes || own=$pid
    for bind in $(binds "$config.new"); do
        if command -v ss >/dev/null && in_use "$bind"; then
            fail "port \${bind##*:} is in use on $(uname -n) already, where $bind would listen; stop what uses it (ss -ltnp), or listen on another; the old configuration serves on"
        fi
    done
else
    pid= ; : >"$config.old"
fi
fresh=; [ -e "$config" ] || fresh=1
servers "$config.old" >"$DIR/servers.old"
servers "$config.new" | comm -13 "$DIR/servers.old" - >"$DIR/servers.new"
mv "$config.new" "$config"
enable_haproxy
is_running() { [ "$(running)" = "$want" ]; }
if [ -z "$pid" ]; then
    rm -f "$DIR/admin.sock" "$DIR/master.sock"
    start_master >"$DIR/start.log" 2>&1 || {
        cat "$DIR/start.log" >&2
        [ -z "$fresh" ] || leave_nothing
        fail "HAProxy does not start on $(uname -n)"
    }
    await 15 is_running || fail "HAProxy started on $(uname -n), but does not answer at $DIR/admin.sock"
elif is_replaced; then
    replace_master
elif ! is_running; then
    # HAProxy 2.6 loses a reload that follows another at once, so it is asked again.
    for attempt in 1 2 3 4; do
        kill -USR2 "$pid"
        await 8 is_running && break
    done
    is_running || {
        ask_master "show proc" >&2
        mv "$config.old" "$config"
        mark "$config"
        fail "HAProxy on $(uname -n) did not take the new configuration; the old one serves on"
    }
fi
retire_others "$(master)"
# In "show stat": 1 is the backend, 2 the server, 18 its status, 37 what the last check found, 74 its address.
is_up() { ask "show stat" | awk -F, '$2 != "BACKEND" && $2 != "FRONTEND" && $18 == "UP" && $37 ~ /^L[467]OK/ { print $1 "/" $2, $74 }' | sort >"$DIR/servers.up"
    [ -z "$(missing)" ]; }
await $SERVERS_UP is_up || {
    missing=$(missing | tr '\n' ';')
    if [ -s "$config.old" ]; then
        mv "$config.old" "$config"
        # It may have been proven with servers out that are back.
        mark "$config"
        kill -USR2 "$pid"
        fail "HAProxy on $(uname -n) cannot reach these servers: $missing the old configuration serves on"
    fi
    # What has never served is not left behind.
    if [ -n "$fresh" ]; then
        stop_master "$(master)"
        leave_nothing
    fi
    fail "HAProxy on $(uname -n) cannot reach these servers: $missing"
}
tell_turns
renewals
no_old_worker() {
    ! ask_master "show proc" | sed '1,/^# old workers/d;/^# programs/,$d' | grep -q worker && [ -z "$(others "$(master)")" ]
}
if await $((HARD_STOP + 10)) no_old_worker; then
    clean
else
    echo "an old HAProxy process is still there after $((HARD_STOP + 10)) s" >&2
fi
forget_others "$(master)"
# Nobody waits for what is out of service and behind this balancer no more.
if [ -e "$DIR/out" ]; then
    awk '/^[a-z]/ { inside = $1 == "backend" } inside && $1 == "server" { print $3; sub(/:[0-9]+$/, "", $3); print $3 }' "$config" |
        grep -xF -f - "$DIR/out" >"$DIR/servers.out" || true
    if [ -s "$DIR/servers.out" ]; then mv "$DIR/servers.out" "$DIR/out"; else rm -f "$DIR/out"; fi
fi
rm -f "$config.old" "$DIR"/servers.* "$DIR/check.log" "$DIR/start.log"
echo "\${want%%.*} runs"
`.replaceAll("\\$", "$"),
    );
}

/** The script that stops the balancer and removes its directory, but for secret files: other commands', which may be made before. */
export function removeBalancerScript(place: BalancerPlace): string {
    return script(
        placeVariables(place),
        `${ifOwn}
${shellBase}${containers}${supervision}` +
            String.raw`
[ ! -d "$DIR" ] || lock
if pid=$(master); then
    stop_master "$pid"
    for _ in $(seq 100); do
        [ -d "/proc/$pid" ] || break
        sleep 0.1
    done
    [ ! -d "/proc/$pid" ] || fail "HAProxy ($pid) does not end"
fi
disable_haproxy
drop_containers
rm -f "$config" "$config".* "$DIR/haproxy.pid" "$DIR"/*.sock* "$DIR"/servers.* "$DIR/check.log" "$DIR/start.log" "$DIR/takeover" "$DIR/out" "$DIR/in-turn"
[ -e "$DIR/secret" ] || [ -e "$DIR/acme" ] || rm -f "$DIR/owner"
rmdir "$DIR" 2>/dev/null || true
`,
    );
}
