/** Name of the file that says of which image HAProxy's container is; without it Docker is not asked. */
const MARK = "container";

/**
 * Shell text that finds HAProxy, whether it runs as a program of the machine or in a container, or for a while as two: one takes
 * over from the other when the image changes, or from the one kind to the other. The container is called $UNIT, the one that ends
 * $UNIT-old; what is not $OWNER's is not touched.
 */
export const containers = String.raw`
in_container() { [ -e "$DIR/${MARK}" ]; }
look() { docker container inspect --format "$1" "$2" 2>/dev/null; }
label() { look "{{index .Config.Labels \"fusion.$1\"}}" "$2"; }
container_master() {
    in_container && [ "$(label balancer "$1")" = "$OWNER" ] || return 1
    found=$(look '{{.State.Pid}}' "$1")
    tr '\0' ' ' <"/proc/$found/cmdline" 2>/dev/null | grep -qF -- "$config" && echo "$found"
}
masters() { program_master || true; container_master "$UNIT" || true; container_master "$UNIT-old" || true; }
others() { masters | grep -vx -- "$1" || true; }
# The processes in $@ with their children.
family() {
    sed -n 's/^\([0-9]*\) (.*) [A-Za-z] \([0-9]*\) .*/\1 \2/p' /proc/[0-9]*/stat 2>/dev/null |
        awk -v of=" $* " 'index(of, " " $1 " ") || index(of, " " $2 " ") { print $1 }'
}
check_docker() {
    command -v docker >/dev/null || fail "docker is missing on $(uname -n), and HAProxy runs in a container there; install Docker, or leave haproxy.image out"
    docker version >/dev/null 2>&1 || fail "Docker does not answer on $(uname -n): $(docker version 2>&1 | tail -n 1); start it, and run again"
}
check_owner() {
    owner=$(label balancer "$1") || return 0
    [ "$owner" = "$OWNER" ] || fail "there is a container $1 on $(uname -n), and it is not of the balancer $OWNER; remove or rename it"
}
drop() { [ "$(label balancer "$1")" != "$OWNER" ] || docker rm --force "$1" >/dev/null; }
# Without Docker there are none.
forget_docker() { ! command -v docker >/dev/null && rm -f "$DIR/${MARK}"; }
drop_containers() {
    in_container || return 0
    ! forget_docker || return 0
    check_docker
    drop "$UNIT"
    drop "$UNIT-old"
    rm -f "$DIR/${MARK}"
}`;

/**
 * Shell text by which one HAProxy takes over from another, which gives it the sockets that it listens on: no connection is lost,
 * not even one that nobody has accepted yet. The other then ends as an old process does after a reload.
 */
export const takeover = String.raw`
link() { rm -f "$DIR/$2"; ln "$DIR/$1" "$DIR/$2" 2>/dev/null || true; }
put_sockets_back() {
    for name in admin master; do
        [ ! -S "$DIR/old-$name.sock" ] || { link "old-$name.sock" "$name.sock"; rm -f "$DIR/old-$name.sock"; }
    done
}
# The new one may have what it runs at "show info" to itself, or share the socket with the other.
new_runs() { [ "$(ask_master "@1 show info" | sed -n 's/^[Dd]escription: //p')" = "$want" ]; }
replace_master() {
    link admin.sock old-admin.sock
    link master.sock old-master.sock
    if start_master -x "$DIR/old-admin.sock" >"$DIR/start.log" 2>&1 && await 15 new_runs; then
        [ -S "$DIR/admin.sock" ] || link old-admin.sock admin.sock
        pid=$(master)
        return
    fi
    cat "$DIR/start.log" >&2
    undo_start
    put_sockets_back
    mv "$config.old" "$config"
    mark "$config"
    fail "HAProxy does not start on $(uname -n) beside the one that runs; the old one serves on"
}
# What is not the process in $1 takes no more connections, and ends when it has finished those that it has.
retire_others() {
    in_container && [ -n "$1" ] || return 0
    for name in "$UNIT" "$UNIT-old"; do
        other=$(container_master "$name") && [ "$other" != "$1" ] || continue
        docker update --restart no "$name" >/dev/null
        kill -USR1 "$other" || true
    done
    other=$(program_master) && [ "$other" != "$1" ] || return 0
    ! supervised || systemctl disable --quiet "$UNIT" 2>/dev/null || true
    kill -USR1 "$other" || true
}
# They have had their time.
forget_others() {
    rm -f "$DIR/old-admin.sock" "$DIR/old-master.sock"
    in_container && [ -n "$1" ] || return 0
    for name in "$UNIT" "$UNIT-old"; do
        [ "$(container_master "$name")" = "$1" ] || drop "$name"
    done
    if [ "$(program_master)" = "$1" ]; then rm -f "$DIR/${MARK}"; else forget_program; fi
}
forget_program() {
    ! other=$(program_master) || kill -TERM "$other"
    rm -f "$DIR/haproxy.pid"
    drop_unit "$UNIT.service"
}`;

/** Shell text for a program of the machine that takes over from a container, where there is one. */
export const programSupervision = String.raw`
master() { program_master || container_master "$UNIT" || container_master "$UNIT-old"; }
is_replaced() { [ -z "$(program_master)" ]; }
undo_start() { ! pid=$(program_master) || stop_master "$pid"; disable_haproxy; }
recover() {
    in_container || return 0
    ! forget_docker || return 0
    check_docker
    # A deployment was cut off: the program had taken over, or the container had.
    ! pid=$(program_master) || retire_others "$pid"
}`;

/**
 * How a container is made. HAProxy begins as root, for the ports that it binds and the files that only root reads, with the
 * capabilities that takes: its workers become the user haproxy of the image, in an empty folder, and are sent signals. The directory
 * is mounted, since a file that is renamed into its place would not be seen.
 */
const options = [
    ...["--network host", "--userns host", "--user 0:0", "--workdir /", "--entrypoint haproxy"],
    ...["--read-only", "--tmpfs /var/lib/haproxy:ro,mode=555,size=4k"],
    "--cap-drop ALL",
    ...["NET_BIND_SERVICE", "SETUID", "SETGID", "SYS_CHROOT", "KILL"].map((name) => `--cap-add ${name}`),
    ...["--security-opt no-new-privileges", "--security-opt label=disable"],
    "--stop-signal SIGTERM",
].join(" ");

/** What the container that serves has besides; Docker starts it with the machine, and again after a crash. */
const service = "--restart unless-stopped --log-driver local";

/** Shell text that runs HAProxy in a container of $IMAGE, of Docker's by its name. */
export const containerSupervision = String.raw`
RUN=$(printf '%s\n' "$IMAGE" "${options} ${service}" | sha256sum | cut -c 1-12)
master() { container_master "$UNIT" || program_master || container_master "$UNIT-old"; }
haproxy() { docker run --rm ${options} --volume "$DIR:$DIR:ro" "$IMAGE" "$@" </dev/null; }
fetch() {
    docker image inspect "$IMAGE" >/dev/null 2>&1 || docker pull --quiet "$IMAGE" </dev/null >/dev/null ||
        fail "docker pull $IMAGE has failed on $(uname -n), see above"
}
# What a deployment that was cut off has left: of two the new one stays if it answers, else the old one.
recover() {
    check_docker
    check_owner "$UNIT"
    check_owner "$UNIT-old"
    fetch
    answers() { [ -n "$(ask_master "@1 show info")" ]; }
    # One that ends has been told not to be started again.
    stays() { [ "$(look '{{.HostConfig.RestartPolicy.Name}}' "$1")" = unless-stopped ]; }
    if pid=$(container_master "$UNIT") && stays "$UNIT" && await 5 answers; then
        retire_others "$pid"
    elif stays "$UNIT-old"; then
        drop "$UNIT"
        docker rename "$UNIT-old" "$UNIT"
        put_sockets_back
    elif container_master "$UNIT" >/dev/null && ! stays "$UNIT"; then
        # A program has taken over.
        drop "$UNIT-old"
        docker rename "$UNIT" "$UNIT-old"
    fi
}
is_replaced() { [ "$(container_master "$UNIT")" != "$pid" ] || [ "$(label run "$UNIT")" != "$RUN" ]; }
enable_haproxy() { :; }
start_master() {
    printf '%s\n' "$IMAGE" >"$DIR/${MARK}"
    if container_master "$UNIT" >/dev/null; then
        no_other() { ! container_master "$UNIT-old" >/dev/null; }
        await $((HARD_STOP + 10)) no_other || true
        drop "$UNIT-old"
        docker rename "$UNIT" "$UNIT-old"
    fi
    drop "$UNIT"
    docker run --detach --name "$UNIT" --label "fusion.balancer=$OWNER" --label "fusion.run=$RUN" ${options} ${service} \
        --volume "$DIR:$DIR" "$IMAGE" -W -db -S "$DIR/master.sock,mode,600" -f "$config" "$@" </dev/null >/dev/null || return 1
    has_ended() { [ "$(look '{{.RestartCount}} {{.State.Running}}' "$UNIT")" != "0 true" ]; }
    settled() { new_runs || has_ended; }
    await 15 settled && ! has_ended || { docker logs --tail 20 "$UNIT" 2>&1; drop "$UNIT"; return 1; }
}
undo_start() {
    drop "$UNIT"
    if container_master "$UNIT-old" >/dev/null; then docker rename "$UNIT-old" "$UNIT"; else rm -f "$DIR/${MARK}"; fi
}
stop_master() { drop_containers; }
disable_haproxy() { drop_containers; }`;

/** Shell text that defines `master` for HAProxy as it is, a program or a container; behind {@link containers}. */
export const anyMaster = String.raw`
master() { container_master "$UNIT" || program_master || container_master "$UNIT-old"; }`;

/** Shell text for a step of a rollout: HAProxy stays what it is, a program or a container. */
export const stepSupervision = String.raw`${anyMaster}
haproxy() {
    if in_container; then
        docker run --rm ${options} --volume "$DIR:$DIR:ro" "$(cat "$DIR/${MARK}")" "$@" </dev/null
    else
        command haproxy "$@"
    fi
}
recover() { ! in_container || RUN=$(label run "$UNIT" || true); }
is_replaced() { false; }
retire_others() { :; }
forget_others() { :; }
enable_haproxy() { :; }
disable_haproxy() { :; }`;
