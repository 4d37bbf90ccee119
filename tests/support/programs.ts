import { execFileSync } from "node:child_process";
import { ensurePackages, missing } from "../../tools/lab/packages";

/** Makes sure of programs that a test runs for real; the lab's packages bring them where they are missing. */
export async function needPrograms(...names: string[]): Promise<void> {
    const wanted = names.map((file) => ({ file, package: file }));
    const sbin = `${process.env.PATH}:/usr/local/sbin:/usr/sbin:/sbin`;
    if (missing(wanted, sbin).length > 0) {
        await ensurePackages();
    }
    process.env.PATH = sbin;
    const still = missing(wanted, sbin).map(({ file }) => file);
    if (still.length > 0) {
        throw new Error(
            `this test runs ${still.join(", ")}, which is missing on this machine and not in tools/lab/packages.ts`,
        );
    }
}

/** Whether a program is there. */
export function hasProgram(name: string): boolean {
    try {
        execFileSync("sh", ["-c", `command -v ${name}`], { stdio: "ignore" });
        return true;
    } catch {
        return false;
    }
}
