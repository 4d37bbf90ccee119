import { execFileSync } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { mkdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";

/** A private key that has been put where ssh finds it. */
export interface KeptKey {
    /** The path as ssh reads it, the same text for every operator. */
    file: string;
    /** The public half: `ssh-ed25519 AAAA...`, without a comment. */
    publicKey: string;
}

/**
 * Makes the operator's own `~/.ssh`, as ssh itself finds it: it does not ask $HOME. Shared connections are there, without which
 * ssh gives up; where a host key is pinned, ssh is told to make it.
 */
export function makeSshFolder(): string {
    const folder = join(userInfo().homedir, ".ssh");
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return folder;
}

const kept = new Map<string, KeptKey>();

/**
 * Writes a private key into a file of the operator's, readable for the operator alone: ssh, which the docker provider starts,
 * takes keys from files and agents only. The file is named by the key's hash, which tells nothing about the key.
 *
 * @param folder the operator's own `~/.ssh`
 * @throws Error that does not show the key, when ssh would not take it
 */
export function keepPrivateKey(key: string, folder: string = makeSshFolder()): KeptKey {
    const text = `${key.replaceAll("\r\n", "\n").trim()}\n`;
    const name = `fusion-${createHash("sha256").update(text).digest("hex").slice(0, 16)}.key`;
    const path = join(folder, name);
    const known = kept.get(path);
    if (known !== undefined && isPrivate(path)) {
        return known;
    }
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const partial = `${path}.${randomUUID()}`;
    try {
        writeFileSync(partial, text, { mode: 0o600, flag: "wx" });
        const publicKey = publicHalf(partial);
        renameSync(partial, path);
        const made = { file: `~/.ssh/${name}`, publicKey };
        kept.set(path, made);
        return made;
    } finally {
        rmSync(partial, { force: true });
    }
}

/** Whether the file is there and nobody else's to read; ssh takes no other. */
function isPrivate(file: string): boolean {
    const found = statSync(file, { throwIfNoEntry: false });
    return found !== undefined && (found.mode & 0o077) === 0;
}

function publicHalf(file: string): string {
    try {
        const text = execFileSync("ssh-keygen", ["-y", "-P", "", "-f", file], {
            encoding: "utf8",
            stdio: ["ignore", "pipe", "ignore"],
        });
        return text.trim().split(" ").slice(0, 2).join(" ");
    } catch {
        throw new Error(
            "is no private key that ssh takes without a passphrase; give the whole text of a file such as ~/.ssh/id_ed25519",
        );
    }
}
