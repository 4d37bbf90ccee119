import type { MachineChange } from "./machineFacts";
import type { MachineSight } from "./machineMemory";

/** What a preview says of a machine that is to change, in words; undefined where there is nothing to say. */
export function tellChange(
    name: string,
    change: MachineChange,
    sight: MachineSight,
    kept: { dataDisks: readonly string[]; shutdownSeconds: number; seed: boolean },
): string | undefined {
    const lines = headlines(name, change, sight, kept);
    if (kept.seed) {
        lines.push(`${name}: the guest's configuration has changed and is left as it is (onUserDataChange: "ignore").`);
    }
    for (const { argument, before, after, effect } of change.reasons) {
        lines.push(`  ${argument}: ${shown(before)} -> ${shown(after)} (${effect})`);
    }
    return lines.length > 0 ? lines.join("\n") : undefined;
}

/** What becomes of the machine and of what is on it. */
function headlines(
    name: string,
    { effect }: MachineChange,
    { known, domain, diskGone }: MachineSight,
    { dataDisks, shutdownSeconds }: { dataDisks: readonly string[]; shutdownSeconds: number },
): string[] {
    const serves = !known || (!diskGone && domain !== "gone" && domain !== "stopped");
    const why = !known || serves ? "" : diskGone ? " Its disk is gone from the hypervisor." : " It does not run now.";
    const how = serves ? ` ${interruption(shutdownSeconds)}` : why;
    if (effect === "new disk") {
        return [
            `${name} is made anew: a new disk of the system, and its containers again.${how}`,
            dataDisks.length > 0
                ? `Kept with their data: ${dataDisks.join(", ")}. Lost: all else that is on the machine.`
                : "Lost: all that is on the machine; it has no data disk.",
        ];
    }
    if (known && domain === "gone") {
        return [`${name} is put back: its domain is gone from the hypervisor; its disk is there, with its containers.`];
    }
    if (effect === "restart") {
        return [`${name} is restarted with its disks and containers as they are.${how}`];
    }
    if (known && domain === "stopped") {
        return [`${name} stands still and is started again, with its disks and containers as they are.`];
    }
    return effect === "in place" ? [`${name} is changed while it runs; nothing is interrupted.`] : [];
}

const interruption = (seconds: number): string =>
    `It is taken out of its balancers first, then shut down (at most ${seconds} s), one machine at a time.`;

/** A value as it fits into a line: checksums by their beginning. */
function shown(value: string): string {
    const text = /^[0-9a-f]{64}$/.test(value) ? `${value.slice(0, 12)}...` : value;
    return text === "" ? "none" : text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** How urgently a machine is changed: 2 where it does not serve now, 1 where its change interrupts it, 0 else. */
export function urgencyOf(change: MachineChange, sight: MachineSight): number {
    const serves = !sight.known || sight.domain === "running" || sight.domain === "not seen";
    const interrupted = change.effect === "restart" || change.effect === "new disk";
    return serves ? (interrupted ? 1 : 0) : 2;
}

/** What is refused of a change, since it would lose data; path to reason. */
export function refusals(
    name: string,
    before: { diskGiB: number; dataDisks: Readonly<Record<string, number>> },
    after: { diskGiB: number; dataDisks: readonly { name: string; sizeGiB: number }[] },
    madeAnew: boolean,
): { path: string; reason: string }[] {
    const found: { path: string; reason: string }[] = [];
    const smaller = (path: string, was: number | undefined, is: number, remedy: string) => {
        if (was !== undefined && is < was) {
            found.push({ path, reason: `would shrink a disk from ${was} to ${is} GiB, which destroys it; ${remedy}` });
        }
    };
    if (!madeAnew) {
        smaller(
            `${name}.diskGiB`,
            before.diskGiB,
            after.diskGiB,
            `keep ${before.diskGiB}, or have the machine made anew with lost: true`,
        );
    }
    for (const [index, { name: disk, sizeGiB }] of after.dataDisks.entries()) {
        const was = before.dataDisks[disk];
        smaller(
            `${name}.dataDisks[${index}].sizeGiB`,
            was,
            sizeGiB,
            `keep ${was}, or move the data to a disk of another name`,
        );
    }
    return found;
}
