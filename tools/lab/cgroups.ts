import { existsSync, readdirSync } from "node:fs";
import { rmdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

const ROOT = "/sys/fs/cgroup";

/** The folders of a control group: one in each hierarchy of version 1, one in all under version 2. */
export function cgroupFolders(group: string): string[] {
    const hierarchies = readdirSync(ROOT, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    return [ROOT, ...hierarchies.map(({ name }) => join(ROOT, name))]
        .map((hierarchy) => join(hierarchy, group))
        .filter((folder) => existsSync(folder));
}

/**
 * Removes a control group and those in it, whose processes are ending.
 *
 * @throws Error when it is still in use after 10 seconds
 */
export async function removeCgroup(group: string): Promise<void> {
    const end = Date.now() + 10_000;
    for (let delay = 10; ; delay = Math.min(delay * 2, 500)) {
        try {
            for (const folder of cgroupFolders(group)) {
                await removeFolder(folder);
            }
            return;
        } catch (error) {
            if (Date.now() > end) {
                throw error;
            }
            await pause(delay);
        }
    }
}

async function removeFolder(folder: string): Promise<void> {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
        if (entry.isDirectory()) {
            await removeFolder(join(folder, entry.name));
        }
    }
    await rmdir(folder);
}
