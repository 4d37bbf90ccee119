import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { lstat, readdir, readFile, readlink } from "node:fs/promises";
import { join } from "node:path";
import dockerignore from "@balena/dockerignore";

/** The part of a folder that an image is built from. */
export interface BuildContext {
    /** 64 hexadecimal digits, the same for the same names, modes and contents. */
    hash: string;
    /** Paths in the folder that have all of it and nothing else: folders of which all is in, and single files. Sorted. */
    entries: string[];
}

/** The rights that Git and a usual umask leave alone: those of the owner, and to read and execute for the others. */
const MODE = 0o755;

/**
 * Looks through a context's folder as `docker build` does: without what its `.dockerignore` names, or the one beside the
 * Dockerfile (`Dockerfile.dockerignore`), but always with the Dockerfile.
 *
 * @throws Error when a file cannot be read, or has a name that `tar` would not take from a list
 */
export async function readContext(context: string, dockerfile: string): Promise<BuildContext> {
    const own = await textOf(join(context, `${dockerfile}.dockerignore`));
    const rules = own ?? (await textOf(join(context, ".dockerignore"))) ?? "";
    const ignore = dockerignore({ ignorecase: false }).add(rules);
    const hash = createHash("sha256");
    const isIn = (path: string) => path === dockerfile || !ignore.ignores(path);
    // Below an ignored folder something may be named again, and so may the Dockerfile be there.
    const mayHold = (folder: string) => /^\s*!/m.test(rules) || dockerfile.startsWith(`${folder}/`);

    /** The entries below a folder, and whether they are all that it has. */
    const walk = async (folder: string): Promise<{ entries: string[]; whole: boolean }> => {
        const entries: string[] = [];
        let whole = true;
        for (const name of (await readdir(join(context, folder))).sort()) {
            const path = folder === "" ? name : `${folder}/${name}`;
            const file = await lstat(join(context, path));
            const included = isIn(path);
            if (!included && !(file.isDirectory() && mayHold(path))) {
                whole = false;
                continue;
            }
            if (/[\n\r\\]/.test(path)) {
                throw new Error(
                    `${JSON.stringify(path)} has a line break or a backslash in its name; rename it, or name it in .dockerignore`,
                );
            }
            const mode = (file.mode & MODE).toString(8);
            if (file.isDirectory()) {
                if (included) hash.update(JSON.stringify(["folder", path, mode]));
                const below = await walk(path);
                const all = included && below.whole;
                entries.push(...(all ? [path] : below.entries));
                whole = whole && all;
            } else if (file.isSymbolicLink()) {
                hash.update(JSON.stringify(["link", path, await readlink(join(context, path))]));
                entries.push(path);
            } else if (file.isFile()) {
                hash.update(JSON.stringify(["file", path, mode, file.size]));
                for await (const chunk of createReadStream(join(context, path))) {
                    hash.update(chunk);
                }
                entries.push(path);
            } else {
                whole = false;
            }
        }
        return { entries, whole };
    };

    const { entries } = await walk("");
    return { hash: hash.digest("hex"), entries };
}

const textOf = (path: string): Promise<string | undefined> => readFile(path, "utf8").catch(() => undefined);
