import type { Answer } from "../askMachine";
import { commandLine } from "../shell";
import { sshCommand } from "../ssh";
import { type LibvirtConnection, needsSsh } from "./libvirtUri";
import type { Unreachable } from "./survey";

interface Hint {
    says: RegExp;
    hint: (connection: LibvirtConnection, where: string) => string;
}

const login = ({ ssh }: LibvirtConnection): string => (ssh === undefined ? "" : sshCommand(ssh, "true"));

/** What to do, by what the last words were; the first that fits counts. */
const HINTS: Hint[] = [
    {
        says: /host key verification failed|remote host identification has changed|no \S+ host key is known/i,
        hint: ({ ssh }) =>
            `its host key is not known here, or has changed: compare "ssh-keyscan ${ssh?.address ?? ""}" with the key on its console, and put it into ${ssh?.knownHostsFile ?? "~/.ssh/known_hosts"}`,
    },
    {
        says: /permission denied \(|too many authentication failures/i,
        hint: (connection) =>
            `log in there with a key and without a password: ${login(connection)} must succeed; name the key with ${needsSsh(connection.uri) ? '"ssh.privateKeyFile"' : '"keyfile" in the URI'}`,
    },
    {
        says: /could not resolve hostname|name or service not known/i,
        hint: ({ uri }) =>
            `correct the host's name in ${needsSsh(uri) ? '"ssh.address"' : "the URI"}, or give its address`,
    },
    {
        says: /no route to host|network is unreachable|connection timed out|operation timed out/i,
        hint: (_, where) => `look whether ${where} is up, and whether a firewall is in the way`,
    },
    {
        says: /ssh: connect to host .* connection refused/i,
        hint: (_, where) => `look whether sshd runs on ${where}, and at this port`,
    },
    {
        says: /virsh: (command )?not found/i,
        hint: (_, where) => `install libvirt on ${where}: apt-get install libvirt-daemon-system libvirt-clients`,
    },
    {
        says: /authentication (unavailable|failed)|failed to connect socket.*permission denied|access denied/i,
        hint: (_, where) =>
            `the user may not use libvirt on ${where}: sudo usermod --append --groups libvirt USER, then log in anew`,
    },
    {
        says: /failed to connect socket|no such file or directory|connection refused|cannot connect to/i,
        hint: ({ session, uri }, where) => {
            const start = session
                ? `start the user's libvirt on ${where}: virsh --connect qemu:///session uri`
                : `start libvirt on ${where}: systemctl start libvirtd`;
            return /[?&]socket=/.test(uri) ? `${start}; or correct "socket" in the URI` : start;
        },
    },
    {
        says: /no connection driver available|unsupported|unexpected .* URI/i,
        hint: (_, where) => `install libvirt's driver for QEMU on ${where}: apt-get install libvirt-daemon-driver-qemu`,
    },
    {
        says: /ssh: not found|spawn .* ENOENT/i,
        hint: () => "install ssh on this machine: apt-get install openssh-client",
    },
];

/** Why a hypervisor does not answer, in its own last words, and what to do about it. */
export function unreachable(connection: LibvirtConnection, answer: Answer): Unreachable {
    const where = connection.ssh?.address ?? "this machine";
    const words = answer.stderr
        .split("\n")
        .map((line) => line.trim())
        .filter((line) => line !== "" && !/^Warning: Permanently added/.test(line));
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out
    const shown = (words.at(-1) ?? "").replace(/[\u0000-\u001f\u007f-\u009f]/g, "");
    const last = shown.replace(/^error: /, "").replace(/\.$/, "");
    if (answer.late) {
        const hint = `look whether libvirt on ${where} answers: virsh --connect ${connection.localUri} list`;
        return { reachable: false, reason: `it has not answered for 20 seconds${last && ` (${last})`}`, hint };
    }
    const found = HINTS.find(({ says }) => says.test(answer.stderr));
    const check = commandLine(["virsh", "--connect", connection.localUri, "version"]);
    return {
        reachable: false,
        // ssh's own exit code: what is asked there ends with another.
        ...(answer.code === 255 && connection.ssh !== undefined && { overSsh: true }),
        reason: last || `it ended with exit code ${answer.code ?? "none"}`,
        hint: found?.hint(connection, where) ?? `run this on ${where} and see what it says: ${check}`,
    };
}
