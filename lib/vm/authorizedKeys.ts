import { existsSync, readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { type Faults, show } from "../faults";

const publicKey = /^(ssh-(ed25519|rsa)|ecdsa-sha2-nistp\d+|sk-[a-z0-9@.-]+) [A-Za-z0-9+/=]+( .*)?$/;

/**
 * The public keys that may log in: those given, else the one beside the private key given, else all in `~/.ssh`.
 * Comments are left out: who made a key is no property of a machine.
 */
export function authorizedKeys(
    path: string,
    given: { authorizedKeys?: string[]; privateKeyFile?: string } | undefined,
    faults: Faults,
): string[] {
    const { privateKeyFile } = given ?? {};
    const keys = given?.authorizedKeys ?? readKeys(privateKeyFile);
    if (keys.length === 0 && given?.authorizedKeys === undefined && privateKeyFile !== undefined) {
        const half = publicHalf(privateKeyFile);
        faults.add(
            `${path}.privateKeyFile`,
            existsSync(inHome(privateKeyFile))
                ? `${show(privateKeyFile)} has no public key beside it: ${show(half)} is not there; write it with: ssh-keygen -y -f ${privateKeyFile} > ${half}; or give authorizedKeys`
                : `is not there: ${show(privateKeyFile)}, and no ${show(half)} beside it; correct the path, or make both with: ssh-keygen -t ed25519 -f ${privateKeyFile}`,
        );
    } else if (keys.length === 0) {
        faults.add(
            `${path}.authorizedKeys`,
            given?.authorizedKeys === undefined
                ? "has no key, and there is no public key in ~/.ssh; give one, or make one with: ssh-keygen -t ed25519"
                : "is empty, and nobody could log in; give a public key, or leave it out for those in ~/.ssh",
        );
    }
    for (const [index, key] of keys.entries()) {
        if (!publicKey.test(key)) {
            faults.add(
                `${path}.authorizedKeys[${index}]`,
                `is no public ssh key: ${show(key)}; give a line such as "ssh-ed25519 AAAA..."`,
            );
        }
    }
    return keys.map((key) => key.split(" ").slice(0, 2).join(" "));
}

const publicHalf = (privateKeyFile: string): string => `${privateKeyFile}.pub`;
const inHome = (path: string): string => path.replace(/^~(?=\/)/, homedir());

function readKeys(privateKeyFile: string | undefined): string[] {
    const dir = join(homedir(), ".ssh");
    const files =
        privateKeyFile !== undefined
            ? [inHome(publicHalf(privateKeyFile))]
            : existsSync(dir)
              ? readdirSync(dir)
                    .filter((name) => /^id_.*\.pub$/.test(name))
                    .map((name) => join(dir, name))
              : [];
    return files.filter((file) => existsSync(file)).map((file) => readFileSync(file, "utf8").trim());
}
