import { commandLine } from "./shell";

/**
 * The command that runs shell text as root: at once where the user is root, else by sudo, which must want no password. Standard
 * input is passed on.
 *
 * @param what what cannot be done without, for the error: "a schedule needs root"
 */
export function asRoot(text: string, what: string): string {
    const become = String.raw`[ "$(id -u)" != 0 ] || exec sh -c "$0"
sudo -n true 2>/dev/null || {
    echo "$1: sudo asks $(id -un) for a password on $(uname -n); let it not (NOPASSWD), or log in as root" >&2
    exit 1
}
exec sudo -n sh -c "$0"`;
    return commandLine(["sh", "-c", become, text, what]);
}
