import { commandLine, script } from "../shell";
import { type SshTarget, scriptOn } from "../ssh";
import { takeDockerConfig } from "./dockerConfig";

/** An image to be built on a host and pushed. */
export interface HostBuild {
    /** With the tag that stands for all that follows. */
    image: string;
    /** Name of the host, for messages. */
    vm: string;
    /** The context's folder on the operator's machine. */
    context: string;
    dockerfile: string;
    args: Readonly<Record<string, string>>;
    target: string | undefined;
    platform: string | undefined;
}

/** Lines of the build that an error shows. */
const LINES = 40;

const look = String.raw`${takeDockerConfig}
! docker pull --quiet "$IMAGE" >/dev/null 2>&1 || echo there`;

const build = String.raw`${takeDockerConfig}
log=$private/log
if ! docker build "$@" --tag "$IMAGE" - >"$log" 2>&1; then
    echo "$VM: docker build has failed; its last lines:" >&2
    tail -n ${LINES} "$log" >&2
    exit 1
fi
if ! docker push "$IMAGE" >"$log" 2>&1; then
    stop "docker push $IMAGE has failed: $(tail -n 3 "$log")"
fi
echo "$IMAGE was built on $VM and pushed"`;

/**
 * The shell command, run on the operator's machine, that builds an image on a host and pushes it, unless its registry has
 * it. Standard input: a line with {@link dockerConfig}, or an empty one, then the context's entries, one a line.
 */
export function buildCommand(ssh: SshTarget, { image, vm, context, ...given }: HostBuild): string {
    const options = [
        `--file=${given.dockerfile}`,
        ...Object.entries(given.args)
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([name, value]) => `--build-arg=${name}=${value}`),
        ...(given.target === undefined ? [] : [`--target=${given.target}`]),
        ...(given.platform === undefined ? [] : [`--platform=${given.platform}`]),
    ];
    // Docker 20.10 knows --platform only with BuildKit, which newer versions have anyway.
    const buildKit = given.platform === undefined ? "" : "export DOCKER_BUILDKIT=1\n";
    const onHost = script({ IMAGE: image, VM: vm }, `${buildKit}set -- ${commandLine(options)}\n${build}`);
    // A Mac's tar adds files of its own otherwise.
    const body = String.raw`
IFS= read -r auth
there=$(printf '%s\n' "$auth" | ${scriptOn(ssh, script({ IMAGE: image, VM: vm }, look))})
if [ -n "$there" ]; then
    echo "$IMAGE is in its registry already"
    exit
fi
# As a file first: a context of which something is missing must not be built.
private=$(mktemp -d)
trap 'rm -rf "$private"' EXIT
COPYFILE_DISABLE=1 tar -cf "$private/context.tar" -C "$CONTEXT" -T -
{ printf '%s\n' "$auth"; cat "$private/context.tar"; } | ${scriptOn(ssh, onHost)}`;
    return script({ IMAGE: image, CONTEXT: context }, body);
}
