import { commandLine } from "./shell";

/** How a machine is reached over ssh. All of it is known before the machine exists. */
export interface SshTarget {
    /** IP address or host name. */
    address: string;
    /** @default the user that the operator's ssh configuration gives */
    user?: string;
    /** @default 22 */
    port?: number;
    /** Path of a private key on the operator's machine. @default the operator's agent and default keys */
    privateKeyFile?: string;
    /** The machine's public host key, `ssh-ed25519 AAAA...`: no other is accepted. */
    hostKey?: string;
    /** A known-hosts file on the operator's machine, used where `hostKey` is not given. @default the operator's own */
    knownHostsFile?: string;
    /** The machine through which this one is reached: a hypervisor, for the machines in its private network. */
    jump?: SshTarget;
}

/**
 * The options that `ssh` takes before the destination. A host key that is given is handed to ssh in the command line
 * (`KnownHostsCommand`, OpenSSH 8.5 and later), so that no file has to be there on the machine that runs `pulumi`.
 */
export function sshOptions(target: SshTarget): string[] {
    const options = [
        "BatchMode=yes",
        "StrictHostKeyChecking=yes",
        "ConnectTimeout=15",
        "ServerAliveInterval=15",
        "ServerAliveCountMax=4",
    ];
    if (target.hostKey !== undefined) {
        const host =
            target.port === undefined || target.port === 22 ? target.address : `[${target.address}]:${target.port}`;
        options.push(
            "UserKnownHostsFile=/dev/null",
            "GlobalKnownHostsFile=/dev/null",
            "HostKeyAlgorithms=ssh-ed25519",
            "UpdateHostKeys=no",
            `KnownHostsCommand=/usr/bin/env echo ${host} ${target.hostKey}`,
        );
    } else if (target.knownHostsFile !== undefined) {
        options.push(`UserKnownHostsFile=${target.knownHostsFile}`);
    }
    if (target.privateKeyFile !== undefined) {
        options.push(`IdentityFile=${target.privateKeyFile}`, "IdentitiesOnly=yes");
    }
    if (target.jump !== undefined) {
        options.push(`ProxyCommand=${commandLine(sshWords(target.jump, ["-W", "%h:%p"]))}`);
    }
    return options.flatMap((option) => ["-o", option]);
}

/** The words of an ssh command to the target, `more` options before the destination. */
function sshWords(target: SshTarget, more: readonly string[] = []): string[] {
    const port = target.port === undefined ? [] : ["-p", String(target.port)];
    const user = target.user === undefined ? [] : ["-l", target.user];
    return ["ssh", ...sshOptions(target), ...more, ...port, ...user, "--", target.address];
}

/** The shell command that runs `remote` (shell text) on the target, standard input passed on. */
export function sshCommand(target: SshTarget, remote: string): string {
    return commandLine([...sshWords(target), remote]);
}

/** The command that runs shell text on this machine (`undefined`) or on a target; the text itself comes in `stdin`. */
export function shellOn(target: SshTarget | undefined): string {
    return target === undefined ? "sh -s" : sshCommand(target, "sh -s");
}

/** Like {@link shellOn}, the script in the command itself: for a deletion, which gets no standard input of its own. */
export function scriptOn(target: SshTarget | undefined, text: string): string {
    return target === undefined ? commandLine(["sh", "-c", text]) : sshCommand(target, commandLine(["sh", "-c", text]));
}
