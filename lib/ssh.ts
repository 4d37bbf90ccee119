import { createHash } from "node:crypto";
import { commandLine, quote } from "./shell";

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

/** Seconds that a connection stays open for the next client after its last one: it bridges the steps of one deployment. */
const KEEP_SECONDS = 60;

/** Makes the folder of the shared connections, where ssh gives up without it, then tells the host key that is pinned. */
const tellHostKey = `mkdir -p -m 700 "$0/.ssh"; echo "$1"`;

/**
 * The options that `ssh` takes before the destination. A host key that is given is handed to ssh in the command line
 * (`KnownHostsCommand`, OpenSSH 8.5 and later), so that no file has to be there on the machine that runs `pulumi`.
 *
 * All clients of one target share one connection: the first one leaves a process in the background that holds it. The text
 * is the same for every operator, because the state of the docker providers has it.
 */
export function sshOptions(target: SshTarget): string[] {
    const options = [
        "BatchMode=yes",
        "StrictHostKeyChecking=yes",
        "ConnectTimeout=15",
        // A connection to a machine that is gone ends after a minute, and its clients try anew by themselves.
        "ServerAliveInterval=15",
        "ServerAliveCountMax=4",
        "ControlMaster=auto",
        `ControlPath=${sharedConnection(target)}`,
        `ControlPersist=${KEEP_SECONDS}`,
    ];
    if (target.hostKey !== undefined) {
        const host =
            target.port === undefined || target.port === 22 ? target.address : `[${target.address}]:${target.port}`;
        options.push(
            "UserKnownHostsFile=/dev/null",
            "GlobalKnownHostsFile=/dev/null",
            "HostKeyAlgorithms=ssh-ed25519",
            "UpdateHostKeys=no",
            `KnownHostsCommand=/bin/sh -c '${tellHostKey}' %d '${host} ${target.hostKey}'`,
        );
    } else if (target.knownHostsFile !== undefined) {
        options.push(`UserKnownHostsFile=${target.knownHostsFile}`);
    }
    if (target.privateKeyFile !== undefined) {
        options.push(`IdentityFile=${target.privateKeyFile}`, "IdentitiesOnly=yes");
    }
    if (target.jump !== undefined) {
        // The outer ssh reads percent signs before the inner one sees them.
        const inner = sshWords(target.jump).map((word) => word.replaceAll("%", "%%"));
        options.push(`ProxyCommand=${commandLine([...inner.slice(0, -2), "-W", "%h:%p", ...inner.slice(-2)])}`);
    }
    return options.flatMap((option) => ["-o", option]);
}

/**
 * The socket of the shared connection. Its name says everything that makes a connection another one, the pinned key too: a
 * machine at the same address in another network, or made anew, is another machine. It is short, because a socket's path
 * has room for 107 characters.
 */
function sharedConnection(target: SshTarget): string {
    return `~/.ssh/fusion-${createHash("sha256")
        .update(JSON.stringify(identity(target)))
        .digest("hex")
        .slice(0, 16)}`;
}

function identity({ address, user, port, privateKeyFile, hostKey, knownHostsFile, jump }: SshTarget): unknown[] {
    return [address, user, port ?? 22, privateKeyFile, hostKey, knownHostsFile, jump && identity(jump)];
}

/** The words of an ssh command to the target, which ends in `--` and the destination. */
function sshWords(target: SshTarget): string[] {
    const port = target.port === undefined ? [] : ["-p", String(target.port)];
    const user = target.user === undefined ? [] : ["-l", target.user];
    return ["ssh", ...sshOptions(target), ...port, ...user, "--", target.address];
}

/** The shell command that runs `remote` (shell text) on the target, standard input passed on. */
export function sshCommand(target: SshTarget, remote: string): string {
    return commandLine([...sshWords(target), remote]);
}

/**
 * Like {@link sshCommand}; where that fails because of the machine in front of the target, it says so on standard output,
 * since ssh hides what is said on the way as soon as a connection is shared.
 */
export function tellingSshCommand(target: SshTarget, remote: string): string {
    const ask = sshCommand(target, remote);
    const { jump } = target;
    if (jump === undefined) {
        return ask;
    }
    return `{ ${ask} || { why=$(${sshCommand(jump, "true")} 2>&1) || echo ${quote(`${jump.address}, which leads to it:`)} "$why"; }; }`;
}

/**
 * The command by which the next client makes a connection of its own, if there is a shared one.
 *
 * @param how `exit` ends those that are open, which lead to a machine that is no more; `stop` lets them end by themselves
 */
export function forgetConnection(target: SshTarget, how: "exit" | "stop" = "exit"): string {
    const words = sshWords(target);
    return `${commandLine([...words.slice(0, -2), "-O", how, ...words.slice(-2)])} >/dev/null 2>&1 || true`;
}

/** The command that runs shell text on this machine (`undefined`) or on a target; the text itself comes in `stdin`. */
export function shellOn(target: SshTarget | undefined): string {
    return target === undefined ? "sh -s" : sshCommand(target, "sh -s");
}

/** Like {@link shellOn}, the script in the command itself: for a deletion, which gets no standard input of its own. */
export function scriptOn(target: SshTarget | undefined, text: string): string {
    return target === undefined ? commandLine(["sh", "-c", text]) : sshCommand(target, commandLine(["sh", "-c", text]));
}
