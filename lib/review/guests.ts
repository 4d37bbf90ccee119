import { Faults } from "../faults";
import { FusionInputError } from "../inputError";
import { isRecord } from "../isRecord";
import { type GuestArgs, guestSpec } from "../vm/guestSpec";
import { renderCloudInit } from "../vm/renderCloudInit";
import { yaml } from "../vm/yaml";
import type { Change, Changes } from "./changes";
import { maskValue, SECRET } from "./mask";
import { VM } from "./placements";
import type { ShownState } from "./readPreview";
import type { GuestReview, MachineReview } from "./types";
import { unifiedDiff } from "./unifiedDiff";

const GUEST = ["users", "timezone", "packages", "files", "commands", "sysctl", "proxy", "docker", "cloudInit"] as const;

/** Stands for the machine's name, so that machines with the same difference are one: nothing that a text has. */
const NAME = "fusion-name-of-the-machine";
const asWord = (name: string): RegExp => new RegExp(`(?<![\\w-])${name.replace(/[.]/g, "\\.")}(?![\\w-])`, "g");

/**
 * What cloud-init is told otherwise, machines with the same difference as one. The text itself is a secret, as it holds the machine's key:
 * it is made again from the machine's arguments, whose secrets the engine has masked, without the texts of files.
 */
export function guestsOf(changes: Changes, machines: readonly MachineReview[]): GuestReview[] {
    const found = new Map<string, { machines: string[]; policy: string; diff: string }>();
    for (const vm of changes.ofType(VM)) {
        if (vm.old === undefined || vm.new === undefined || vm.operation === "same") continue;
        const diff = unifiedDiff(guestText(vm.old), guestText(vm.new)).replaceAll(asWord(vm.name), NAME);
        const files = contentsDiffer(vm) ? "# The text of a file changes too; it is not shown.\n" : "";
        if (diff === "" && files === "") continue;
        const policy = policyOf(
            vm,
            machines.find(({ name }) => name === vm.name),
        );
        const key = `${policy}\n${files}${diff}`;
        const entry = found.get(key) ?? { machines: [], policy, diff: `${files}${diff}` };
        entry.machines.push(vm.name);
        found.set(key, entry);
    }
    return [...found.values()].map((one) => {
        const [only, ...more] = one.machines;
        return { ...one, diff: one.diff.replaceAll(NAME, more.length > 0 ? "NAME" : (only ?? "NAME")) };
    });
}

function guestText({ inputs }: ShownState): string {
    const given = Object.fromEntries(GUEST.flatMap((key) => (inputs[key] === undefined ? [] : [[key, inputs[key]]])));
    const args = maskValue({ ...given, ...(given.files !== undefined && { files: withoutContents(given.files) }) });
    const ssh = isRecord(inputs.ssh) ? inputs.ssh : {};
    const keys: unknown[] = Array.isArray(ssh.authorizedKeys) ? ssh.authorizedKeys : [];
    const user = typeof ssh.user === "string" ? ssh.user : "fusion";
    try {
        if (!isGuest(args)) return yaml(args);
        const guest = guestSpec("", args, { user, address: "" }, new Faults());
        const files = guest.files.map((file) => ({
            ...file,
            content: typeof file.content === "string" ? file.content : SECRET,
        }));
        return renderCloudInit({
            ...guest,
            files,
            name: NAME,
            user,
            network: {
                mac: "52:54:00:00:00:00",
                address: "192.0.2.1",
                prefix: 24,
                gateway: "192.0.2.254",
                nameservers: [],
            },
            authorizedKeys: keys.filter((key): key is string => typeof key === "string"),
            hostKey: { publicKey: "(the machine's public key)", privateKey: SECRET },
        }).userData;
    } catch (error) {
        // Arguments that this version would refuse: they are shown as they are given.
        if (!(error instanceof FusionInputError || error instanceof TypeError)) throw error;
        return yaml(args);
    }
}

/** Wrong kinds of values make {@link guestText} show the arguments as they are. */
function isGuest(args: unknown): args is GuestArgs {
    const lists = ["users", "packages", "files", "commands"];
    return isRecord(args) && lists.every((key) => args[key] === undefined || Array.isArray(args[key]));
}

const withoutContents = (files: unknown): unknown =>
    Array.isArray(files) ? files.map((file) => (isRecord(file) ? { ...file, content: "(not shown)" } : file)) : [];

function contentsDiffer({ old, new: fresh }: Change): boolean {
    const contents = (state: ShownState | undefined) => {
        const files: unknown[] = Array.isArray(state?.inputs.files) ? state.inputs.files : [];
        return new Map(files.filter(isRecord).map(({ path, content }) => [path, content]));
    };
    const [was, is] = [contents(old), contents(fresh)];
    return [...is].some(([path, content]) => was.has(path) && was.get(path) !== content);
}

function policyOf({ new: state }: Change, machine: MachineReview | undefined): string {
    if (state?.inputs.onUserDataChange === "ignore") {
        return 'onUserDataChange: "ignore": the machine is left as it is until it is made anew for another reason';
    }
    const effect = machine?.effect === "made anew" ? "the machine is made anew" : "a machine that is made anew gets it";
    return `onUserDataChange: "replace": ${effect}`;
}
