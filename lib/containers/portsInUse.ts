import { askMachine } from "../askMachine";
import type { DockerHostSpec } from "../dockerHost";
import { type HeldPorts, slotOf } from "./assignPorts";

/** Seconds that a host has to say it; one that does not is taken for having nothing but what is known of it. */
const SECONDS = 5;

/** Sockets as the kernel has them, and what Docker publishes without a process of its own. */
const script =
    "cat /proc/net/tcp /proc/net/tcp6 /proc/net/udp /proc/net/udp6 2>/dev/null; docker ps --format '{{.Ports}}' 2>/dev/null; true";

/** Slots that something on a machine holds, whoever it is. */
type SlotsInUse = Pick<HeldPorts, "vm" | "slots">;

/** Replaced in tests with hosts that are not there. */
export const portSurvey = { ask };

/** Asks the machines that exist already which of the ports for containers are in use there. */
async function ask(hosts: readonly DockerHostSpec[]): Promise<SlotsInUse[]> {
    return await Promise.all(
        hosts.map(async ({ name, ssh }) => {
            const { stdout } = ssh === undefined ? { stdout: "" } : await askMachine(ssh, script, SECONDS);
            return { vm: name, slots: slotsIn(stdout) };
        }),
    );
}

/** The slots of the ports that a host's answer names. */
export function slotsIn(answer: string): number[] {
    // State 0A is that of TCP which listens, 07 of UDP without a peer; addresses and ports are hexadecimal.
    const sockets = [...answer.matchAll(/^ *\d+: [0-9A-F]+:([0-9A-F]{4}) [0-9A-F]+:[0-9A-F]{4} (?:0A|07) /gm)];
    // Docker writes neighbours as a range.
    const published = [...answer.matchAll(/:(\d+)(?:-(\d+))?->/g)];
    const ports = [
        ...sockets.map(([, port]) => Number.parseInt(port ?? "", 16)),
        ...published.flatMap(([, first, last = first]) => rangeOf(Number(first), Number(last))),
    ];
    const slots = ports.map(slotOf).filter((slot) => slot !== undefined);
    return [...new Set(slots)].sort((a, b) => a - b);
}

const rangeOf = (first: number, last: number): number[] =>
    Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
