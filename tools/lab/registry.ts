import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

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
