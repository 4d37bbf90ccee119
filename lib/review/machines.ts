import { isRecord } from "../isRecord";
import { type MachineFacts, machineChange, readFacts } from "../vm/machineFacts";
import type { Change, Changes } from "./changes";
import { maskLines, maskText } from "./mask";
import { VM } from "./placements";
import type { MachineEffect, MachineReview } from "./types";

const COMMAND = "command:local:Command";
const VOLUME = "libvirt:index/volume:Volume";
const DOMAIN = "libvirt:index/domain:Domain";
/** What a machine has to shut down and to be ready where its arguments say nothing else, in seconds. */
const SECONDS = { shutdownSeconds: 90, readyTimeoutSeconds: 900 };

/** The machines that change. @param said what each component has said, by URN */
export function machinesOf(changes: Changes, said: ReadonlyMap<string, readonly string[]>): MachineReview[] {
    return changes
        .components(VM)
        .flatMap((vm) => {
            const words = said.get(vm.urn) ?? [];
            const reasons = reasonsOf(changes, vm);
            const effect = effectOf(changes, vm, reasons.effect);
            if (effect === undefined) return [];
            const away = effect === "made anew" || effect === "restarted";
            return [
                {
                    name: vm.name,
                    effect,
                    reasons: reasons.told,
                    minutes: away ? minutesOf(vm) : 0,
                    words: maskLines(words),
                },
            ];
        })
        .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** What the machine is and is to be, as its command has it in the state. */
function reasonsOf(changes: Changes, vm: Change): { effect: string | undefined; told: string[] } {
    const command = changes.childrenOf(vm.urn).find(({ type, name }) => type === COMMAND && name === vm.name);
    const [before, after] = [factsIn(command?.old?.inputs.stdin), factsIn(command?.new?.inputs.stdin)];
    if (before === undefined || after === undefined) return { effect: undefined, told: [] };
    const { effect, reasons } = machineChange(before, after);
    const told = reasons
        // What a weaker change would do alone is of no interest.
        .filter((one) => one.effect === effect)
        .map(({ argument, before: was, after: is }) =>
            was === undefined || is === undefined ? argument : `${argument}: ${short(was)} → ${short(is)}`,
        );
    return { effect, told };
}

function factsIn(text: unknown): MachineFacts | undefined {
    try {
        return readFacts(text);
    } catch {
        // A script of another version, or one that was cut.
        return undefined;
    }
}

function effectOf(changes: Changes, vm: Change, told: string | undefined): MachineEffect | undefined {
    if (vm.operation === "create") return "added";
    if (vm.operation === "delete") return "removed";
    const children = changes.childrenOf(vm.urn);
    const replaced = (type: string) =>
        children.some(
            (one) => one.type === type && one.name === vm.name && ["replace", "create"].includes(one.operation),
        );
    if (replaced(VOLUME) || told === "new disk") return "made anew";
    if (replaced(DOMAIN) || told === "restart") return "restarted";
    return told !== undefined ? "changed in place" : undefined;
}

function minutesOf({ new: state }: Change): number {
    const given = isRecord(state?.inputs) ? state.inputs : {};
    const seconds = Object.entries(SECONDS).map(([key, standard]) => {
        const value = given[key];
        return typeof value === "number" ? value : standard;
    });
    return Math.ceil(seconds.reduce((sum, one) => sum + one, 0) / 60);
}

/** A value as it fits into a line: checksums by their beginning. */
function short(value: string): string {
    const text = /^[0-9a-f]{64}$/.test(value) ? value.slice(0, 12) : maskText(value);
    return text === "" ? "none" : text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
