import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";

/** What a lab could leave behind on a machine, with a name that says what each thing is. */
export function machineState(): Set<string> {
    const lines = (text: string) => text.split("\n").filter((line) => line !== "");
    const mounts = lines(readFileSync("/proc/self/mountinfo", "utf8")).map((line) => `mount ${line.split(" ")[4]}`);
    const links = lines(execFileSync("ip", ["-o", "link"], { encoding: "utf8" })).map(
        (line) => `interface ${line.split(": ")[1]}`,
    );
    const namespaces = existsSync("/run/netns") ? readdirSync("/run/netns").map((name) => `namespace ${name}`) : [];
    const run = readdirSync("/run").map((name) => `file /run/${name}`);
    return new Set([...mounts, ...links, ...namespaces, ...run]);
}

/** What is there now and was not there before. Other work on the machine, named by `ignore`, does not count. */
export function added(before: ReadonlySet<string>, ignore: RegExp = /^$/): string[] {
    return [...machineState()].filter((item) => !before.has(item) && !ignore.test(item)).sort();
}

/** The processes that were started with `text` in an argument or in their environment. */
export function processesWith(text: string): string[] {
    return readdirSync("/proc")
        .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
        .map((pid) => {
            try {
                const read = (file: string) => readFileSync(`/proc/${pid}/${file}`, "utf8").replaceAll("\0", " ");
                return { command: read("cmdline"), environment: read("environ") };
            } catch {
                return { command: "", environment: "" };
            }
        })
        .filter(({ command, environment }) => command.includes(text) || environment.includes(text))
        .map(({ command }) => command);
}
