import { script } from "../shell";
import { type SshTarget, scriptOn } from "../ssh";
import { takeDockerConfig } from "./dockerConfig";
import { type ImageSpec, LOADED } from "./imageSpec";

/** An image on one host. */
export interface HostImage extends ImageSpec {
    /** What the containers' `image` is. */
    image: string;
    /** Name of the host, for messages. */
    vm: string;
    /** The file in `~/.fusion/images` that says which images have been used. */
    list: string;
    /** Whether the name is one that the library alone gives, to what it loads and builds. */
    own: boolean;
    /** The containers that are to be made of it, where they get ports that nobody else has; undefined: they get none. */
    to?: ContainersToBe;
}

export interface ContainersToBe {
    names: readonly string[];
    ports: readonly number[];
    /** Their labels. */
    set: string;
    stack: string;
}

/** Says whether the host has the image, for the wanted platform. */
const isThere = String.raw`
is_there() {
    found=$(docker image inspect --format '{{.Os}}/{{.Architecture}}' "$IMAGE" 2>/dev/null) || return 1
    case $PLATFORM/ in / | "$found"/*) ;; *) return 1 ;; esac
}`;

const pull = String.raw`
fetch() { docker pull --quiet $option "$IMAGE" >/dev/null || stop "docker pull $IMAGE has failed"; }
if ! is_there; then
    [ "$PULL" != never ] ||
        stop "$IMAGE is not there, and pull is \"never\"; bring it there with \"docker load\" or \"docker pull\", or set pull to \"missing\""
    case $IMAGE in ${LOADED}*)
        stop "$IMAGE is not there, and is of another archive than image names now; copy it from a host that has it (\"docker save\", \"docker load\"), or give that archive as image, without rollback" ;;
    esac
    fetch
    brought=yes
else
    case $PULL/$IMAGE in always/${LOADED}*) ;; always/*) fetch ;; esac
fi
echo "$IMAGE is on $VM"`;

/**
 * Writes down that the set uses the image, and removes those that it has not used for longer than the grace, if no container
 * uses them, and no other set has got them within a day, whose containers may be about to be made. The time of an image is
 * when another took its place. What was on the host before any set has `brought` it is somebody else's: it is marked as long as
 * it is used, and never removed.
 */
const remember = String.raw`
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
    [ -n "$brought" ] || cat "$lists"/* | cut -d ' ' -f 2- | grep -qxF -e "$IMAGE" || mark=" not-ours"
    last=$(tail -n 1 "$lists/$LIST" | cut -d ' ' -f 2)
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
remember || echo "$VM: $lists/$LIST could not be written, so old images stay" >&2`;

/** Eight versions of a replica have a port each; what the first of eight that failed has left is in the way of the ninth. */
const clearPorts = String.raw`
for port in $PORTS; do
    for found in $(docker ps --filter "label=fusion.stack=$STACK" --filter "label=fusion.set=$SET" --filter "publish=$port" --filter "publish=$port/udp" --format '{{.Names}}'); do
        case " $CONTAINERS " in *" $found "*) ;; *)
            docker rm --force "$found" >/dev/null && echo "$found, which a failed deployment has left on port $port of $VM, was removed" >&2 ;;
        esac
    done
done`;

const load = String.raw`
said=$(docker load --quiet 2>&1) || stop "docker load: $said"
# Where Docker keeps its images in containerd, the image's ID is another digest.
docker tag "sha256:$DIGEST" "$IMAGE" 2>/dev/null || {
    name=$(printf '%s\n' "$said" | sed -n 's/^Loaded image\( ID\)\{0,1\}: //p' | tail -n 1)
    docker tag "$name" "$IMAGE" || stop "docker load has loaded something else: $said"
}
echo "$IMAGE was loaded on $VM"`;

function variables({ image, vm, list, keepSeconds, own, to }: HostImage) {
    return {
        ...{ IMAGE: image, VM: vm, LIST: list, KEEP: keepSeconds, brought: own ? "yes" : "" },
        ...(to && { PORTS: to.ports.join(" "), CONTAINERS: to.names.join(" "), SET: to.set, STACK: to.stack }),
    };
}

/** What is done once the image is there. */
const finish = ({ to }: HostImage): string => (to === undefined ? remember : remember + clearPorts);

/**
 * The shell command, run on the operator's machine, that makes a host have an image of a registry. It takes
 * {@link dockerConfig} in standard input, or nothing.
 */
export function pullCommand(ssh: SshTarget, on: HostImage): string {
    const { pull: PULL, platform = "" } = on;
    const option = platform === "" ? "" : `--platform=${platform}`;
    const body = [takeDockerConfig, isThere, pull, finish(on)].join("\n");
    return scriptOn(ssh, script({ ...variables(on), PULL, PLATFORM: platform, option }, body));
}

/** An archive that a host is given. */
export interface ArchiveOnHost {
    /** Path of the file on the operator's machine. */
    file: string;
    digest: string;
    gzip: boolean;
    /** In base64. */
    prefix: string;
}

/** The shell command, run on the operator's machine, that makes a host have the image of an archive. */
export function loadCommand(ssh: SshTarget, on: HostImage, archive: ArchiveOnHost): string {
    const { image, vm } = on;
    const look = script({ IMAGE: image }, `docker image inspect "$IMAGE" >/dev/null 2>&1 || echo absent`);
    const stop = `stop() { echo "$VM: $*" >&2; exit 1; }`;
    const loading = script({ IMAGE: image, VM: vm, DIGEST: archive.digest }, `${stop}${load}`);
    const body = String.raw`
absent=$(${scriptOn(ssh, look)} </dev/null)
if [ -n "$absent" ]; then
    [ -r "$FILE" ] || { echo "$FILE is not there" >&2; exit 1; }
    { printf %s "$PREFIX" | base64 -d; ${archive.gzip ? "gzip -dc <" : "cat "}"$FILE"; } | ${scriptOn(ssh, loading)}
fi
${scriptOn(ssh, script(variables(on), finish(on)))} </dev/null`;
    return script({ FILE: archive.file, PREFIX: archive.prefix }, body);
}
