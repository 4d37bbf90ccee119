/** Seconds of the processor that this process has taken since `start`: what else the machine does is not counted. */
export function secondsOf(start: NodeJS.CpuUsage): number {
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1e6;
}
