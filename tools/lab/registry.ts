import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { run } from "../run";
import type { OciImage } from "./httpd-image";

/** On the loopback of every lab's namespace, so it is there before any libvirt network; guests reach it by their gateway. */
export const REGISTRY_ADDRESS = "10.255.255.254";
export const REGISTRY_PORT = 5000;
export const REGISTRY = `${REGISTRY_ADDRESS}:${REGISTRY_PORT}`;

const config = (storage: string): string => `version: 0.1
log: { level: warn, accesslog: { disabled: true } }
storage:
  filesystem: { rootdirectory: ${JSON.stringify(storage)} }
  delete: { enabled: true }
http: { addr: "${REGISTRY}" }
`;

export async function writeRegistryConfig(dir: string): Promise<void> {
    const storage = join(dir, "registry");
    await mkdir(storage, { recursive: true });
    await writeFile(join(dir, "registry.yml"), config(storage));
}

/**
 * Puts an image into the lab's registry and returns its reference by digest.
 *
 * @param wrap argv prefix to run a program in the lab's namespace
 * @throws Error when the registry does not answer within 30 seconds
 */
export async function pushImage(wrap: readonly string[], name: string, image: OciImage): Promise<string> {
    const [ip = "ip", ...inside] = wrap;
    const target = `docker://${REGISTRY}/${name}`;
    const copy = ["skopeo", "--insecure-policy", "copy", "--quiet", "--preserve-digests", "--dest-tls-verify=false"];
    const end = Date.now() + 30_000;
    for (let delay = 100; ; delay = Math.min(delay * 1.5, 2000)) {
        try {
            await run(ip, [...inside, ...copy, `oci:${image.layout}`, `${target}:latest`]);
            return `${REGISTRY}/${name}@${image.digest}`;
        } catch (error) {
            if (Date.now() > end) {
                throw error;
            }
            await pause(delay);
        }
    }
}
