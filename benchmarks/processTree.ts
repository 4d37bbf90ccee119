import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

/** What a program and all that it started have taken. */
export interface Taken {
    seconds: number;
    cpuSeconds: number;
    /** The most memory that they had at once, in MB (10^6 bytes): what processes share is counted once. */
    peakMb: number;
    /** The most processes at once. */
    processes: number;
}

/** Milliseconds between two looks at the processes. */
const STEP = 100;
/** Linux counts a process's time in these, whatever the kernel's own clock. */
const TICKS_A_SECOND = 100;

/**
 * Measures what this process starts while `work` lasts, and what that starts. A process that lives for less than a tenth of a
 * second may be missed.
 */
export async function measured(work: () => Promise<void>): Promise<Taken> {
    const cpu = new Map<string, number>();
    let peak = 0;
    let processes = 0;
    let over = false;
    const look = () => {
        const pids = descendants(process.pid);
        for (const pid of pids) {
            const ticks = ticksOf(pid);
            if (ticks !== undefined) cpu.set(pid, ticks);
        }
        peak = Math.max(
            peak,
            pids.reduce((sum, pid) => sum + memoryOf(pid), 0),
        );
        processes = Math.max(processes, pids.length);
    };
    const start = performance.now();
    const working = work().finally(() => {
        over = true;
    });
    while (!over) {
        look();
        await Promise.race([working, pause(STEP)]);
    }
    await working;
    const ticks = [...cpu.values()].reduce((sum, one) => sum + one, 0);
    const seconds = (performance.now() - start) / 1000;
    return { seconds, cpuSeconds: ticks / TICKS_A_SECOND, peakMb: peak / 1e6, processes };
}

function descendants(root: number): string[] {
    const children = new Map<string, string[]>();
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
        const parent = statOf(pid)?.[1];
        if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), pid]);
    }
    const below = (pid: string): string[] => (children.get(pid) ?? []).flatMap((child) => [child, ...below(child)]);
    return below(String(root));
}

/** The fields behind the program's name: state, parent and so on. */
function statOf(pid: string): string[] | undefined {
    const text = read(`/proc/${pid}/stat`);
    return text?.slice(text.lastIndexOf(")") + 2).split(" ");
}

/** User and system time. */
function ticksOf(pid: string): number | undefined {
    const stat = statOf(pid);
    return stat === undefined ? undefined : Number(stat[11]) + Number(stat[12]);
}

function memoryOf(pid: string): number {
    const kib = /^Pss:\s+(\d+) kB/m.exec(read(`/proc/${pid}/smaps_rollup`) ?? "")?.[1];
    return Number(kib ?? 0) * 1024;
}

function read(file: string): string | undefined {
    try {
        return readFileSync(file, "utf8");
    } catch {
        // It has ended.
        return undefined;
    }
}
