import { randomBytes } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { run } from "../run";
import type { OciImage } from "./httpd-image";

/** On the loopback of every lab's namespace, so it is there before any libvirt network; guests reach it by their gateway. */
export const REGISTRY_ADDRESS = "10.255.255.254";
export const REGISTRY_PORT = 5000;
export const REGISTRY = `${REGISTRY_ADDRESS}:${REGISTRY_PORT}`;

/** A registry that speaks plain HTTP. */
export interface Registry {
    /** Address and port: the first part of its images' names. */
    host: string;
    /** The only ones that it answers. @default it answers everyone */
    account?: { user: string; password: string };
}

const config = (storage: string, host: string): string => `version: 0.1
log: { level: warn, accesslog: { disabled: true } }
storage:
  filesystem: { rootdirectory: ${JSON.stringify(storage)} }
  delete: { enabled: true }
http: { addr: "${host}" }
`;

/** Writes what `docker-registry serve` reads. @returns that file */
export async function writeRegistryConfig(dir: string, registry: Registry = { host: REGISTRY }): Promise<string> {
    const { host, account } = registry;
    const name = account === undefined ? "registry" : "private-registry";
    const storage = join(dir, name);
    await mkdir(storage, { recursive: true });
    let text = config(storage, host);
    if (account !== undefined) {
        const users = join(dir, `${name}.htpasswd`);
        await writeFile(users, `${account.user}:${await bcrypt(account.password)}\n`);
        text += `auth:\n  htpasswd: { realm: lab, path: ${JSON.stringify(users)} }\n`;
    }
    const file = join(dir, `${name}.yml`);
    await writeFile(file, text);
    return file;
}

/** The one kind of hash that the registry takes. The C library makes it, and Perl is part of every Debian. */
async function bcrypt(password: string): Promise<string> {
    const salt = `$2b$05$${randomBytes(16).toString("hex").slice(0, 22)}`;
    return (await run("perl", ["-e", "print crypt($ARGV[0], $ARGV[1])", password, salt])).stdout;
}

/**
 * Puts an image into a registry and returns its reference by digest.
 *
 * @param wrap argv prefix to run a program in the lab's namespace
 * @throws Error when the registry does not answer within 30 seconds
 */
export async function pushImage(
    wrap: readonly string[],
    name: string,
    image: OciImage,
    { tag = "latest", registry = { host: REGISTRY } }: { tag?: string; registry?: Registry } = {},
): Promise<string> {
    const [ip = "ip", ...inside] = wrap;
    const { host, account } = registry;
    const copy = ["skopeo", "--insecure-policy", "copy", "--quiet", "--preserve-digests", "--dest-tls-verify=false"];
    if (account !== undefined) {
        copy.push("--dest-creds", `${account.user}:${account.password}`);
    }
    const end = Date.now() + 30_000;
    for (let delay = 100; ; delay = Math.min(delay * 1.5, 2000)) {
        try {
            await run(ip, [...inside, ...copy, `oci:${image.layout}`, `docker://${host}/${name}:${tag}`]);
            return `${host}/${name}@${image.digest}`;
        } catch (error) {
            if (Date.now() > end) {
                throw error;
            }
            await pause(delay);
        }
    }
}
