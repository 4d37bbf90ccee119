import { existsSync, readFileSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../run";

const folder = (dir: string): string => join(dir, "sshd");

/** Where the lab's ssh key is, for its guests and for the hypervisor itself. */
export const sshKeyFile = (dir: string): string => join(dir, "id_ed25519");

/** A known-hosts file with the lab's host key, under whatever address it is reached. */
export const knownHostsFile = (dir: string): string => join(folder(dir), "known_hosts");

const config = (
    dir: string,
): string => `# Reached by the machine's other namespaces alone: no other network leads into this one.
Port 22
HostKey ${join(folder(dir), "host")}
AuthorizedKeysFile ${sshKeyFile(dir)}.pub
AuthenticationMethods publickey
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
# The lab's folder is root's, wherever it is.
StrictModes no
PidFile none
`;

/** Makes the keys that are not there yet, and what the lab's sshd reads. */
export async function writeSshdConfig(dir: string): Promise<void> {
    await mkdir(folder(dir), { recursive: true, mode: 0o700 });
    for (const key of [sshKeyFile(dir), join(folder(dir), "host")]) {
        if (!existsSync(`${key}.pub`)) {
            await rm(key, { force: true });
            await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "fusion-lab", "-f", key]);
        }
    }
    await writeFile(knownHostsFile(dir), `* ${hostKeyOf(dir)}\n`);
    await writeFile(join(folder(dir), "config"), config(dir));
}

/** The public host key, `ssh-ed25519 AAAA...`. */
export function hostKeyOf(dir: string): string {
    return readFileSync(join(folder(dir), "host.pub"), "utf8")
        .split(" ")
        .slice(0, 2)
        .join(" ");
}
