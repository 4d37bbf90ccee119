import { show } from "../faults";
import type { MachineChange, MachineFacts, Reason } from "./machineFacts";
import type { MachineSight } from "./machineMemory";

/** What is said beside the change itself. */
interface Circumstances {
    /** The data disks that the program has, with their sizes. */
    dataDisks: readonly string[];
    shutdownSeconds: number;
    /** Whether the seed stays as it was made, though the guest's configuration has changed. */
    seed: boolean;
    /** Whether the program says that the machine is lost. */
    lost: boolean;
}

const FOUND = ["lost", "its domain"];

/** What a preview says of a machine that is to change, in words; undefined where there is nothing to say. */
export function tellChange(
    name: string,
    change: MachineChange,
    sight: MachineSight,
    more: Circumstances,
): string | undefined {
    const lines = [...headlines(name, change, sight, more), ...deletions(change, more.dataDisks)];
    if (more.seed) {
        lines.push(`${name}: the guest's configuration has changed and is left as it is (onUserDataChange: "ignore").`);
    }
    for (const { argument, before, after, effect } of change.reasons) {
        // What was found on the hypervisor stands above in words.
        if (FOUND.includes(argument) && !(argument === "lost" && more.lost)) {
            continue;
        }
        const values = before === undefined || after === undefined ? "changed" : `${shown(before)} -> ${shown(after)}`;
        // What a weaker change would do alone is of no interest.
        lines.push(`  ${argument}: ${values}${effect === change.effect ? ` (${effect})` : ""}`);
    }
    return lines.length > 0 ? lines.join("\n") : undefined;
}

const isMove = ({ argument }: Reason): boolean => argument === "hypervisor";

/** What becomes of the machine and of what is on it. */
function headlines(
    name: string,
    { effect, reasons }: MachineChange,
    { known, domain, diskGone }: MachineSight,
    { dataDisks, shutdownSeconds, lost }: Circumstances,
): string[] {
    const serves = !known || (!diskGone && domain !== "gone" && domain !== "stopped");
    const why = !known || serves ? "" : diskGone ? " Its disk is gone from the hypervisor." : " It does not run now.";
    const called = lost && reasons.some(({ argument }) => argument === "lost");
    const how = called
        ? " The old one counts as lost, whatever is left of it."
        : serves
          ? ` ${interruption(shutdownSeconds)}`
          : why;
    if (effect === "new disk") {
        const kept = reasons.some(isMove) ? [] : dataDisks;
        return [
            `${name} is made anew: a new disk of the system, and its containers again.${how}`,
            kept.length > 0
                ? `Kept with their data: ${kept.join(", ")}. Lost: all else that is on the machine.`
                : `Lost: all that is on the machine${dataDisks.length > 0 ? "" : "; it has no data disk"}.`,
        ];
    }
    if (known && domain === "gone") {
        return [`${name} is put back: its domain is gone from the hypervisor; its disk is there, with its containers.`];
    }
    if (effect === "restart") {
        const what = reasons.some(({ argument, after }) => argument.startsWith(DATA) && after === "none")
            ? "with its other disks and containers as they are"
            : "with its disks and containers as they are";
        return [`${name} is restarted ${what}.${how}`];
    }
    if (known && domain === "stopped") {
        return [`${name} stands still and is started again, with its disks and containers as they are.`];
    }
    return effect === "in place" ? [`${name} is changed while it runs; nothing is interrupted.`] : [];
}

const DATA = "data disk ";

/** Data that is deleted: of disks that the program has no longer, and of those on the hypervisor that the machine leaves. */
function deletions({ reasons }: MachineChange, dataDisks: readonly string[]): string[] {
    const removed = reasons
        .filter(({ argument, after }) => argument.startsWith(DATA) && after === "none")
        .map(({ argument, before }) => `${argument.slice(DATA.length)} (${before})`);
    const left = reasons.some(isMove) ? dataDisks : [];
    const all = [...removed, ...left];
    return all.length > 0 ? [`DELETED with its data: ${all.join(", ")}. Pulumi refuses where it is protected.`] : [];
}

const interruption = (seconds: number): string =>
    `It is taken out of the balancers in front of it, if any, then shut down (at most ${seconds} s), one machine at a time.`;

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

/** What is refused of a change, since it would lose data, or cannot be done; path to reason. */
export function refusals(
    name: string,
    before: Pick<MachineFacts, "diskGiB" | "dataDisks" | "mounts">,
    after: { diskGiB: number; dataDisks: readonly { name: string; sizeGiB: number; filesystem: string }[] },
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
    for (const [index, { name: disk, sizeGiB, filesystem }] of after.dataDisks.entries()) {
        const was = before.dataDisks[disk];
        smaller(
            `${name}.dataDisks[${index}].sizeGiB`,
            was,
            sizeGiB,
            `keep ${was}, or move the data to a disk of another name`,
        );
        const made = before.mounts?.[disk]?.filesystem ?? filesystem;
        if (made !== filesystem) {
            found.push({
                path: `${name}.dataDisks[${index}].filesystem`,
                reason: `is "${made}" on the disk already, and only a blank disk is formatted, got ${show(filesystem)}; keep "${made}", or give a new disk of another name, copy the data, and remove this one`,
            });
        }
    }
    return found;
}
