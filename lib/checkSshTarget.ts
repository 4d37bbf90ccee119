import { type Faults, show } from "./faults";
import { isRecord } from "./isRecord";
import type { Shape } from "./shape";
import type { SshTarget } from "./ssh";

/** The fields of an {@link SshTarget}; a test compares them with its interface. */
export const sshShape: { [name: string]: Shape } = {
    ...{
        address: "text",
        user: "text",
        port: "number",
        privateKeyFile: "text",
        hostKey: "text",
        knownHostsFile: "text",
    },
};
sshShape.jump = sshShape;

/** Checks how a machine is reached; what is wrong goes to `faults`, with paths from `path` on. */
export function checkSshTarget(path: string, target: SshTarget, faults: Faults): void {
    if (!isRecord(target)) {
        faults.add(path, `must be an object, got ${show(target)}; give one such as { address: "gate.example.org" }`);
        return;
    }
    if (!/^[A-Za-z0-9_.:%][A-Za-z0-9_.:%-]*$/.test(target.address ?? "")) {
        faults.add(
            `${path}.address`,
            `is neither an IP address nor a host name: ${show(target.address)}; give one such as "gate.example.org"`,
        );
    }
    checkLogin(path, target, faults);
}

/** The same for everything but the address. */
export function checkLogin(path: string, target: Omit<SshTarget, "address">, faults: Faults): void {
    const { user, port, hostKey, privateKeyFile, knownHostsFile, jump } = target;
    if (user !== undefined && !/^[^\s'"\\:-][^\s'"\\:]*$/.test(user)) {
        faults.add(`${path}.user`, `is no name of a user: ${show(user)}; give one such as "root"`);
    }
    if (port !== undefined) {
        faults.port(`${path}.port`, port);
    }
    if (hostKey !== undefined && !/^ssh-ed25519 [A-Za-z0-9+/=]+$/.test(hostKey)) {
        faults.add(
            `${path}.hostKey`,
            `is no ed25519 host key: ${show(hostKey)}; give the first two words of /etc/ssh/ssh_host_ed25519_key.pub there, "ssh-ed25519 AAAA..."`,
        );
    }
    for (const [name, file] of Object.entries({ privateKeyFile, knownHostsFile })) {
        if (file !== undefined) {
            faults.line(`${path}.${name}`, file, "the path of a file");
        }
    }
    if (jump !== undefined) {
        checkSshTarget(`${path}.jump`, jump, faults);
    }
}
