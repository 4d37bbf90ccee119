import type { Credentials } from "./askRegistry";

/** Where Docker's configuration has the credentials of Docker Hub. */
const DOCKER_HUB = "https://index.docker.io/v1/";

/** Docker's `config.json`, on one line, with the credentials for a registry. */
export function dockerConfig(registry: string, { username, password }: Credentials): string {
    const auth = Buffer.from(`${username}:${password}`).toString("base64");
    return JSON.stringify({ auths: { [registry === "docker.io" ? DOCKER_HUB : registry]: { auth } } });
}

/**
 * Shell text for a host: makes `$private`, a folder that nobody else may read, in memory where the host has such a place. It
 * goes with the script however that ends.
 */
export const privateFolder = `
stop() { echo "$VM: $*" >&2; exit 1; }
private=$(umask 077; for base in "\${XDG_RUNTIME_DIR:-}" /dev/shm "\${TMPDIR:-/tmp}"; do
    [ -w "$base" ] && mktemp -d "$base/fusion-XXXXXX" 2>/dev/null && break
done) || stop "there is no place for a temporary folder"
trap 'rm -rf "$private"' EXIT
trap 'exit 1' HUP INT TERM PIPE`;

/**
 * Shell text for a host: takes the first line of standard input for Docker's configuration, unless it is empty. It is kept
 * in {@link privateFolder}. What follows in standard input is left there.
 */
export const takeDockerConfig = `${privateFolder}
auth=
IFS= read -r auth || true
if [ -n "$auth" ]; then
    (umask 077; printf '%s\\n' "$auth" >"$private/config.json")
    export DOCKER_CONFIG="$private"
fi
auth=`;
