import { asRoot } from "../asRoot";
import { script } from "../shell";
import { type DockerArgs, type DockerSpec, daemonJson, dockerDaemon } from "../vm/dockerSpec";
import { installBody, installVariables } from "../vm/installDocker";

/** Before the installation, so that Docker starts with its configuration. */
const configure = String.raw`
stop() { echo "$HOST: $*" >&2; exit 1; }
# Two container sets may ask for Docker on the same machine at once.
exec 9>/run/fusion-docker.lock
flock -w 1800 9 || stop "another installation of Docker has not ended within 30 minutes"
file=/etc/docker/daemon.json
# What this wrote last, which it may write over; somebody else's file stays.
own=/var/lib/fusion/daemon.json
changed=
if [ -n "$DAEMON" ]; then
    if [ -e "$file" ] && [ "$(cat "$file")" != "$DAEMON" ] && [ "$(cat "$file")" != "$(cat "$own" 2>/dev/null)" ]; then
        stop "$file has something else than docker.daemon says, and was not written by this; merge the two by hand and give the result, or leave docker.daemon out"
    fi
    mkdir -p /etc/docker /var/lib/fusion
    if [ ! -e "$file" ] || [ "$(cat "$file")" != "$DAEMON" ]; then
        changed=1
        printf '%s\n' "$DAEMON" >"$file.fusion"
        mv "$file.fusion" "$file"
    fi
    printf '%s\n' "$DAEMON" >"$own"
fi`;

const check = String.raw`
if [ -n "$changed" ]; then
    systemctl reload docker
    echo "Docker on $HOST has read its new configuration; what it reads only when it starts waits for its next start"
fi
again docker info >/dev/null 2>&1 || stop "Docker does not answer: $(docker info 2>&1 | tail -n 1); see journalctl -u docker there"
user=$SUDO_USER
if [ -n "$user" ] && ! sudo -n -u "$user" docker info >/dev/null 2>&1; then
    usermod -aG docker "$user"
    sudo -n -u "$user" docker info >/dev/null 2>&1 || stop "$user may not use Docker, even in the group docker"
fi
echo "Docker answers on $HOST"`;

/**
 * The script, run by root on a machine that exists already: installs Docker where there is none, by the same text as in a
 * virtual machine, and lets the user who logs in use it. A second run changes nothing.
 */
export function hostDockerScript(host: string, docker: DockerSpec, args: DockerArgs): string {
    const daemon = dockerDaemon(args);
    return script(
        { ...installVariables(docker), HOST: host, DAEMON: daemon === undefined ? "" : daemonJson(daemon).trimEnd() },
        `SUDO_USER=\${SUDO_USER:-}${configure}\n${installBody}${check}`,
    );
}

/** The shell text for a machine's ssh that runs the script from standard input as root. */
export const rootShell = asRoot("exec sh -s", "Docker cannot be installed");
