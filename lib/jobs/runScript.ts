import { createHash } from "node:crypto";
import { privateFolder } from "../images/dockerConfig";
import { commandLine, quote, script } from "../shell";
import { type SshTarget, scriptOn, sshCommand } from "../ssh";

/** A job on its host. */
export interface JobRun {
    job: string;
    /** As {@link stackName} has it: several stacks may have a job of that name on the host. */
    stack: string;
    version: string;
    /** Name of the host, for messages. */
    vm: string;
    image: string;
    /** Instead of the image's own, unless it is empty. */
    command: readonly string[];
    /** Further options of `docker create`. */
    options: readonly string[];
    timeoutSeconds: number;
}

/** What a job is given that may be secret. */
export interface JobData {
    env: Readonly<Record<string, string>>;
    files: readonly { file: string; content: string; permissions: string }[];
}

/** What of a job runs: what says in the state, and in the last line of a run's output, that it has run. */
export const versionOf = ({ job, version }: Pick<JobRun, "job" | "version">): string => `${job}-${version}`;

/** The name of a version's container, another one in each stack. */
export const containerOf = ({ job, stack, version }: Pick<JobRun, "job" | "stack" | "version">): string =>
    `${job}-${version}-${createHash("sha256").update(stack).digest("hex").slice(0, 8)}`;

const base64 = (text: string): string => Buffer.from(text).toString("base64");

/**
 * Standard input of {@link runScript}, a line an entry: `env - - BASE64` Docker's env file, `exports - - BASE64` shell text with
 * what does not go into such a file, `file PATH MODE BASE64`. Before them may be `ran - -`: this version is what has run last.
 */
export function jobData({ env, files }: JobData): string {
    const sorted = Object.entries(env).sort(([a], [b]) => (a < b ? -1 : 1));
    const isOneLine = ([, value]: [string, string]) => !/[\r\n]/.test(value);
    const lines = sorted.filter(isOneLine).map(([name, value]) => `${name}=${value}\n`);
    const exports = sorted
        .filter((entry) => !isOneLine(entry))
        .map(([name, value]) => `export ${name}=${quote(value)}\nset -- --env ${name} "$@"\n`);
    return [
        `env - - ${base64(lines.join(""))}\n`,
        `exports - - ${base64(exports.join(""))}\n`,
        ...files.map(({ file, content, permissions }) => `file ${file} ${permissions} ${base64(content)}\n`),
    ].join("");
}

/** Shell text: lists the containers of a job. `JOB` and `STACK` are set before. */
const listContainers =
    'ours() { docker ps --all --filter "label=fusion.job=$JOB" --filter "label=fusion.stack=$STACK" "$@"; }';

const body = String.raw`${privateFolder}
${listContainers}
fail() { echo "$JOB failed on $VM: $*" >&2; exit 1; }
files=
while read -r kind name mode content; do
    if [ "$kind" != file ]; then
        printf %s "$content" | base64 -d >"$private/$kind"
        continue
    fi
    mkdir -p "$private/files$(dirname "$name")"
    printf %s "$content" | base64 -d >"$private/files$name"
    chmod "$mode" "$private/files$name"
    files="$files .$name"
done
content=
inspect() { docker inspect --format "$2" "$1" 2>/dev/null; }
runs() { case $(inspect "$1" '{{.State.Status}}') in running | paused | restarting) ;; *) return 1 ;; esac; }
# The exit code of a container that has come to its end by itself.
ended() { inspect "$1" '{{if eq .State.Status "exited"}}{{.State.ExitCode}}{{end}}' || true; }
remove() { for one; do docker rm --force --volumes "$one" >/dev/null 2>&1 || true; done; }
# Waits for a container's end, up to the limit that it was made with. Sets code; late where it had to be stopped.
await() {
    [ -n "$ONCE" ] || docker logs --follow "$1" 2>&1 &
    left=$(($(inspect "$1" '{{index .Config.Labels "fusion.until"}}') - $(date +%s)))
    # For "timeout" 0 is no limit.
    [ "$left" -gt 0 ] || left=1
    late=
    code=$(timeout "$left" docker wait "$1" 2>&1) || {
        [ $? = 124 ] || fail "docker wait $1: $code"
        late=yes
        docker stop --time 10 "$1" >/dev/null 2>&1 || true
    }
    wait
}
# Without NUL, which can be in no variable, as the next run is given them.
last_lines() { [ -z "$ONCE" ] || docker logs --tail 20 "$1" 2>&1 | tail -c 8000 | tr -d '\000'; }
# Tells how the job went, and ends the script. What is told to nobody, since the connection is lost, ends it before the
# container is removed: the next deployment finds it.
finish() {
    why=
    # Docker learns of the kernel's reason apart from the end, and at times after it: then 137 is all that it knows.
    [ "$code" = 0 ] || why="exit code $code$(inspect "$CONTAINER" '{{if .State.OOMKilled}}, since{{else if and .HostConfig.Memory (eq .State.ExitCode 137)}}, most likely since{{end}}' | sed 's/since$/& it took more memory than resources.limits.memoryMiB/')"
    [ -z "$late" ] || why="it did not end within $TIMEOUT s and was stopped"
    if [ -n "$why" ]; then
        echo "$JOB failed on $VM: $why; its last lines:" >&2
        last_lines "$CONTAINER" >&2
        remove "$CONTAINER"
        exit 1
    fi
    # On a line of its own, however the job's last line ends.
    said=$(last_lines "$CONTAINER")
    [ -z "$said" ] || printf '%s\n' "$said"
    echo "$JOB-$VERSION has run"
    remove $stay "$CONTAINER"
    exit 0
}
# Two versions of a job never run at once. One that has come to its end since then makes this one due again, and stays until
# this one has run: the next deployment must know it as well.
stay=
for old in $(ours --format '{{.Names}}' | grep -vxF -e "$CONTAINER"); do
    code=$(ended "$old")
    if runs "$old"; then
        echo "$old still runs on $VM, from an earlier deployment: waiting for its end"
        await "$old"
    fi
    if [ "$code" != 0 ]; then
        remove "$old"
        continue
    fi
    rm -f "$private/ran"
    stay="$stay $old"
done
if runs "$CONTAINER"; then
    echo "$CONTAINER runs on $VM already: waiting for its end"
    await "$CONTAINER"
    finish
fi
late=
code=$(ended "$CONTAINER")
# It has come to its end since its deployment was interrupted.
if [ -n "$ONCE" ] && [ "$code" = 0 ]; then finish; fi
remove "$CONTAINER"
if [ -e "$private/ran" ] && [ -z "$code" ]; then
    echo "$JOB-$VERSION has run"
    exit 0
fi
set -- --name "$CONTAINER" --label "fusion.job=$JOB" --label "fusion.stack=$STACK" \
    --label "fusion.version=$VERSION" --label "fusion.until=$(($(date +%s) + TIMEOUT))" \
    --env-file "$private/env" --env "FUSION_HOST=$VM" --env "FUSION_JOB=$JOB" "$@"
# In a shell of its own: what the job has for DOCKER_HOST, say, is not meant for anything here.
said=$(. "$private/exports" && exec docker create "$@" 2>&1) || fail "docker create: $said"
if [ -n "$files" ]; then
    # Without the folders above them, whose modes stay; paths have no blanks.
    said=$(tar -C "$private/files" --owner=0 --group=0 -cf - $files | docker cp - "$CONTAINER:/" 2>&1) ||
        { remove "$CONTAINER"; fail "docker cp: $said"; }
fi
said=$(docker start "$CONTAINER" 2>&1) || { remove "$CONTAINER"; fail "docker start: $said"; }
await "$CONTAINER"
finish`;

/**
 * The script, run on the job's host, of one run: makes the container, waits for its end within the limit, shows its last lines
 * and removes it. It fails as the job does. Standard input is {@link jobData}.
 *
 * A container of the same version that runs, from a deployment that was interrupted, is waited for instead, and one of another
 * version first. Where this version is what has run last, it is not run again unless another has come to its end meanwhile. Run
 * on a schedule (`once` false), it shows all lines as they come.
 */
export function runScript(run: JobRun, once: boolean): string {
    const { job, stack, version, vm, image, command, options, timeoutSeconds } = run;
    return script(
        {
            JOB: job,
            STACK: stack,
            VERSION: version,
            CONTAINER: containerOf(run),
            VM: vm,
            TIMEOUT: timeoutSeconds,
            ONCE: once ? "yes" : "",
        },
        `set -- ${commandLine([...options, image, ...command])}\n${body}`,
    );
}

/**
 * The script, run on the operator's machine, that runs a job once. Where its last run, whose output Pulumi gives to it, was of the
 * same version, another limit or host is no reason to run again, and the host is only rid of what interrupted runs have left.
 */
export function runOnceScript(ssh: SshTarget, run: JobRun): string {
    return script(
        { JOB: run.job, VM: run.vm, DONE: `${versionOf(run)} has run` },
        `
ran=
[ "$(printf '%s\\n' "\${PULUMI_COMMAND_STDOUT:-}" | tail -n 1)" != "$DONE" ] || ran="ran - -"
code=0
{ [ -z "$ran" ] || echo "$ran"; cat; } | ${scriptOn(ssh, runScript(run, true))} || code=$?
[ "$code" != 255 ] ||
    echo "$JOB failed on $VM: no connection, or it was lost; if the job runs there, the next deployment waits for it" >&2
exit "$code"`,
    );
}

/** A job on its host, as far as its containers are concerned. */
export type JobPlace = Pick<JobRun, "job" | "stack" | "vm">;

/** Ends and removes what is there of a job's containers. `JOB` and `STACK` are set before. */
export const removeContainers = String.raw`
${listContainers}
for left in $(ours --quiet 2>/dev/null); do
    docker rm --force --volumes "$left" >/dev/null 2>&1 || true
done`;

/** The command, run on the operator's machine, that removes what a job without a schedule may have left on its host. */
export const forgetCommand = (ssh: SshTarget, { job, stack, vm }: JobPlace): string =>
    removeCommand(ssh, vm, commandLine(["sh", "-c", script({ JOB: job, STACK: stack }, removeContainers)]));

/**
 * The command, run on the operator's machine, that removes by shell text what a job has on its host. A host that is gone has
 * nothing left, so that one that cannot be reached is no error.
 */
export function removeCommand(ssh: SshTarget, vm: string, onHost: string): string {
    const unreachable = `${vm} cannot be reached; unless it is gone, a job is left there`;
    return `${sshCommand(ssh, onHost)} || { code=$?; [ $code = 255 ] || exit $code; echo ${quote(unreachable)}; }`;
}
