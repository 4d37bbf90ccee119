import { type Faults, show } from "../../faults";
import { isRecord } from "../../isRecord";

const hostKey = "the machine's ssh host key is made and pinned by the library";
const login = "logging in is by key and never as root; give users with authorizedKeys";
const hostname = "the machine is named by its component; name that otherwise";

/** Keys that the library's promises rest on, and what to do instead. */
const REFUSED: Readonly<Record<string, string>> = {
    hostname,
    fqdn: hostname,
    preserve_hostname: hostname,
    prefer_fqdn_over_hostname: hostname,
    create_hostname_file: hostname,
    ssh_keys: hostKey,
    ssh_deletekeys: hostKey,
    ssh_genkeytypes: hostKey,
    ssh_pwauth: login,
    disable_root: login,
    disable_root_opts: login,
    network: "the machine's addresses are fixed by its arguments; use these",
    merge_how: "lists are appended, objects merged; give what is to be the result",
    merge_type: "lists are appended, objects merged; give what is to be the result",
};

/** Keys under which the library itself has a list, behind which the user's goes. */
const LISTS = ["bootcmd", "packages", "runcmd", "users", "write_files"];

/** Checks a cloud-config of the user's own; what is wrong goes to `faults`. */
export function checkCloudInit(path: string, config: unknown, faults: Faults): void {
    if (!isRecord(config)) {
        faults.add(path, `must be an object, got ${show(config)}; give cloud-config's keys and values`);
        return;
    }
    for (const [key, value] of Object.entries(config)) {
        const remedy = REFUSED[key];
        if (remedy !== undefined) {
            faults.add(`${path}.${key}`, `cannot be set, got ${show(value)}: ${remedy}`);
        } else if (!isPlain(value)) {
            faults.add(
                `${path}.${key}`,
                "must be plain values (texts, numbers, booleans, null, lists, objects); give a secret or an output as a file's content",
            );
        } else if (LISTS.includes(key) && !Array.isArray(value)) {
            faults.add(`${path}.${key}`, `must be a list, got ${show(value)}; its items go behind the library's own`);
        } else if (key === "growpart" && !isRecord(value)) {
            faults.add(`${path}.${key}`, `must be an object, got ${show(value)}; give cloud-config's keys and values`);
        }
    }
}

/** Whether JSON can hold the value. An output of Pulumi is an object of a class, and none. */
function isPlain(value: unknown): boolean {
    if (Array.isArray(value)) {
        return value.every(isPlain);
    }
    if (isRecord(value)) {
        const prototype: unknown = Object.getPrototypeOf(value);
        return (prototype === Object.prototype || prototype === null) && Object.values(value).every(isPlain);
    }
    return value === null || ["string", "boolean"].includes(typeof value) || Number.isFinite(value);
}

/** The user's cloud-config in ours: lists are appended behind ours, objects merged, of all else the user's counts. */
export function mergeCloudInit(
    ours: Readonly<Record<string, unknown>>,
    theirs: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
    const merged = new Map(Object.entries(ours));
    for (const key of Object.keys(theirs).sort()) {
        merged.set(key, mergeValue(merged.get(key), theirs[key]));
    }
    return Object.fromEntries(merged);
}

function mergeValue(ours: unknown, theirs: unknown): unknown {
    if (Array.isArray(ours) && Array.isArray(theirs)) {
        return [...ours, ...theirs];
    }
    return isRecord(ours) && isRecord(theirs) ? mergeCloudInit(ours, theirs) : theirs;
}
