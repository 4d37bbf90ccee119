import { privateFolder } from "../images/dockerConfig";
import { commandLine, quote, script } from "../shell";
import { type SshTarget, scriptOn, sshCommand } from "../ssh";

/** A job on its host. */
export interface JobRun {
    job: string;
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

/** The name of a job's container, which is also what says that it has run. */
export const containerOf = ({ job, version }: Pick<JobRun, "job" | "version">): string => `${job}-${version}`;

const base64 = (text: string): string => Buffer.from(text).toString("base64");

/**
 * Standard input of {@link runScript}, a line an entry: `env - - BASE64` Docker's env file, `exports - - BASE64` shell text with
 * what does not go into such a file, `file PATH MODE BASE64`.
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

const body = String.raw`${privateFolder}
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
remove() { docker rm --force --volumes "$1" >/dev/null 2>&1 || true; }
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
last_lines() { [ -z "$ONCE" ] || docker logs --tail 20 "$1" 2>&1 | tail -c 8000; }
# Tells how the job went, and ends the script. What is told to nobody, since the connection is lost, ends it before the
# container is removed: the next deployment finds it.
finish() {
    why=
    [ "$code" = 0 ] || why="exit code $code$(inspect "$CONTAINER" '{{if .State.OOMKilled}}, since it took more memory than resources.limits.memoryMiB{{end}}')"
    [ -z "$late" ] || why="it did not end within $TIMEOUT s and was stopped"
    if [ -n "$why" ]; then
        echo "$JOB failed on $VM: $why; its last lines:" >&2
        last_lines "$CONTAINER" >&2
        remove "$CONTAINER"
        exit 1
    fi
    last_lines "$CONTAINER"
    echo "$CONTAINER has run"
    remove "$CONTAINER"
    exit 0
}
# Two versions of a job never run at once.
for old in $(docker ps --all --filter "label=fusion.job=$JOB" --format '{{.Names}}' | grep -vxF -e "$CONTAINER"); do
    if runs "$old"; then
        echo "$old still runs on $VM, from an earlier deployment: waiting for its end"
        await "$old"
    fi
    remove "$old"
done
if runs "$CONTAINER"; then
    echo "$CONTAINER runs on $VM already: waiting for its end"
    await "$CONTAINER"
    finish
fi
late=
code=$(inspect "$CONTAINER" '{{if eq .State.Status "exited"}}{{.State.ExitCode}}{{end}}') || code=
# It has come to its end since its deployment was interrupted.
if [ -n "$ONCE" ] && [ "$code" = 0 ]; then finish; fi
remove "$CONTAINER"
set -- --name "$CONTAINER" --label "fusion.job=$JOB" --label "fusion.version=$VERSION" \
    --label "fusion.until=$(($(date +%s) + TIMEOUT))" \
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
 * version first. Run on a schedule (`once` false), it shows all lines as they come.
 */
export function runScript(run: JobRun, once: boolean): string {
    const { job, version, vm, image, command, options, timeoutSeconds } = run;
    return script(
        {
            JOB: job,
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
 * The script, run on the operator's machine, that runs a job once and does nothing where its last run, whose output Pulumi
 * gives to it, was of the same version: another limit or host is no reason to run again.
 */
export function runOnceScript(ssh: SshTarget, run: JobRun): string {
    return script(
        { JOB: run.job, VM: run.vm, DONE: `${containerOf(run)} has run` },
        `
last=\${PULUMI_COMMAND_STDOUT:-}
if [ "$(printf '%s\\n' "$last" | tail -n 1)" = "$DONE" ]; then
    printf '%s\\n' "$last"
    exit
fi
code=0
${scriptOn(ssh, runScript(run, true))} || code=$?
[ "$code" != 255 ] ||
    echo "$JOB failed on $VM: no connection, or it was lost; if the job runs there, the next deployment waits for it" >&2
exit "$code"`,
    );
}

/** Ends and removes what is there of a job's containers. `JOB` is set before. */
export const removeContainers = String.raw`
for left in $(docker ps --all --quiet --filter "label=fusion.job=$JOB" 2>/dev/null); do
    docker rm --force --volumes "$left" >/dev/null 2>&1 || true
done`;

/** The command, run on the operator's machine, that removes what a job without a schedule may have left on its host. */
export const forgetCommand = (ssh: SshTarget, { job, vm }: Pick<JobRun, "job" | "vm">): string =>
    removeCommand(ssh, vm, commandLine(["sh", "-c", script({ JOB: job }, removeContainers)]));

/**
 * The command, run on the operator's machine, that removes by shell text what a job has on its host. A host that is gone has
 * nothing left, so that one that cannot be reached is no error.
 */
export function removeCommand(ssh: SshTarget, vm: string, onHost: string): string {
    const unreachable = `${vm} cannot be reached; unless it is gone, a job is left there`;
    return `${sshCommand(ssh, onHost)} || { code=$?; [ $code = 255 ] || exit $code; echo ${quote(unreachable)}; }`;
}
