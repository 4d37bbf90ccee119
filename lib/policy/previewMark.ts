import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const DAY_MS = 86_400_000;

/**
 * A note of the preview of an `up` for the update that follows it: that the change has been judged. Both have a policy pack's process of
 * their own, below the same process of Pulumi.
 */
export async function leaveMark(stack: string): Promise<void> {
    const [folder, name] = [ownFolder(), await markOf(stack)];
    if (folder === undefined || name === undefined) return;
    for (const file of readdirSync(folder)) {
        const path = join(folder, file);
        const age = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
        if (age > DAY_MS) rmSync(path, { force: true });
    }
    writeFileSync(join(folder, name), "");
}

/** Whether the preview of this `up` has been judged: not with `--skip-preview`, nor where processes cannot be told apart. */
export async function takeMark(stack: string): Promise<boolean> {
    const [folder, name] = [ownFolder(), await markOf(stack)];
    if (folder === undefined || name === undefined) return false;
    const path = join(folder, name);
    const isThere = statSync(path, { throwIfNoEntry: false }) !== undefined;
    rmSync(path, { force: true });
    return isThere;
}

/** A folder that nobody else can write to; undefined where there can be none. */
function ownFolder(): string | undefined {
    const { uid } = userInfo();
    const folder = join(tmpdir(), `fusion-policy-${uid}`);
    try {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        const stat = lstatSync(folder);
        return stat.isDirectory() && (uid < 0 || (stat.uid === uid && (stat.mode & 0o077) === 0)) ? folder : undefined;
    } catch {
        return undefined;
    }
}

async function markOf(stack: string): Promise<string | undefined> {
    const pulumi = await parentOf(process.ppid);
    if (pulumi === undefined) return undefined;
    return createHash("sha256").update(`${stack}\n${pulumi}`).digest("hex").slice(0, 32);
}

/** The parent of a process by its number and when it began; undefined where that cannot be told. */
async function parentOf(child: number): Promise<string | undefined> {
    try {
        if (process.platform === "linux") {
            const parent = fieldsOf(child)[1];
            return `${parent} ${fieldsOf(Number(parent))[19]}`;
        }
        if (process.platform === "win32") return undefined;
        const ask = async (what: string, pid: string) =>
            (await promisify(execFile)("ps", ["-o", `${what}=`, "-p", pid])).stdout.trim();
        const parent = await ask("ppid", String(child));
        return `${parent} ${await ask("lstart", parent)}`;
    } catch {
        return undefined;
    }
}

/** proc(5): the fields behind the name, which may have spaces and brackets itself. */
function fieldsOf(pid: number): string[] {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
}
