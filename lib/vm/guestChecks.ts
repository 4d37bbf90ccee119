import { type Faults, show } from "../faults";
import { isText } from "../isText";
import { authorizedKeys } from "./authorizedKeys";
import type { GuestArgs, GuestUser } from "./guestSpec";

type Item<Key extends keyof GuestArgs> = NonNullable<GuestArgs[Key]> extends readonly (infer One)[] ? One : never;

const NAME = /^[a-z_][a-z0-9_-]{0,31}$/;
const PATH = /^(\/[^/\s\p{Cc}]+)+$/u;

/** Files that the library writes itself, and the argument that says what is in them. */
const OWN_FILES: Readonly<Record<string, string>> = {
    "/etc/docker/daemon.json": "docker.daemon",
    "/etc/ssh/sshd_config.d/10-fusion.conf": "another file in that folder",
    "/etc/sysctl.d/95-fusion.conf": "sysctl",
    "/etc/fstab": "cloudInit.mounts",
};

/** Checks the further users, and gives them with their defaults. */
export function checkUsers(path: string, users: readonly Item<"users">[], own: string, faults: Faults): GuestUser[] {
    const taken = new Set(["root", own]);
    return users.map((user, index) => {
        const at = `${path}[${index}]`;
        const { name, groups = [], sudo = false, shell = "/bin/bash" } = user;
        if (!isText(name, NAME) || taken.has(name)) {
            const why = taken.has(name) ? "is there already" : "is no user that can be made";
            faults.add(`${at}.name`, `${why}: ${show(name)}; give another name such as "alice"`);
        }
        taken.add(name);
        for (const [i, group] of groups.entries()) {
            if (!isText(group, NAME)) {
                faults.add(`${at}.groups[${i}]`, `is no name of a group: ${show(group)}; give one such as "docker"`);
            }
        }
        if (typeof sudo !== "boolean") {
            faults.add(`${at}.sudo`, `must be true or false, got ${show(sudo)}; give rules for sudo in files`);
        }
        if (!isText(shell, PATH)) {
            faults.add(`${at}.shell`, `is no absolute path: ${show(shell)}; give one such as "/bin/bash"`);
        }
        const keys = user.authorizedKeys ?? [];
        const checked = keys.length === 0 ? [] : authorizedKeys(at, { authorizedKeys: keys }, faults);
        return { name, groups, sudo, shell, authorizedKeys: checked };
    });
}

export function checkTimezone(path: string, timezone: string, faults: Faults): void {
    if (!isText(timezone, /^[A-Za-z0-9_+-]+(\/[A-Za-z0-9_+-]+)*$/)) {
        faults.add(path, `is no time zone: ${show(timezone)}; give a name such as "Europe/Berlin" or "Etc/UTC"`);
    }
}

export function checkPackage(path: string, name: string, faults: Faults): void {
    if (!isText(name, /^[A-Za-z0-9][A-Za-z0-9+._:-]*(=[A-Za-z0-9.+:~-]+)?$/)) {
        faults.add(path, `is no package: ${show(name)}; give its name, or NAME=VERSION`);
    }
}

/** @param before the files given before this one */
export function checkFile(path: string, file: Item<"files">, before: readonly Item<"files">[], faults: Faults): void {
    const own = OWN_FILES[file.path];
    if (typeof file.path !== "string" || !PATH.test(file.path) || /\/\.\.?(\/|$)/.test(file.path)) {
        faults.add(`${path}.path`, `is no absolute path of a file: ${show(file.path)}; give one such as "/etc/motd"`);
    } else if (own !== undefined) {
        faults.add(`${path}.path`, `is a file that the library writes: ${show(file.path)}; use ${own}`);
    } else if (before.some((other) => other.path === file.path)) {
        faults.add(`${path}.path`, `is written by another entry already: ${show(file.path)}; write it once`);
    }
    if (file.content === undefined || file.content === null) {
        faults.add(`${path}.content`, 'is missing; give the text of the file, "" for an empty one');
    }
    if (file.permissions !== undefined && !isText(file.permissions, /^[0-7]{3,4}$/)) {
        faults.add(
            `${path}.permissions`,
            `must be octal digits in a text, got ${show(file.permissions)}; give "0600" for example`,
        );
    }
    if (file.owner !== undefined && !isText(file.owner, /^[a-z_][a-z0-9_-]*(:[a-z_][a-z0-9_-]*)?$/)) {
        faults.add(`${path}.owner`, `is no user or USER:GROUP: ${show(file.owner)}; give one such as "root:adm"`);
    }
}

export function checkCommand(path: string, command: string | readonly string[], faults: Faults): void {
    const words: readonly unknown[] = Array.isArray(command) ? command : [command];
    const isWord = (word: unknown, index: number) =>
        typeof word === "string" && !word.includes("\0") && (index > 0 || word.trim() !== "");
    if (words.length === 0 || !words.every(isWord)) {
        faults.add(path, `is no command: ${show(command)}; give a text for sh, or a program and its words as a list`);
    }
}

export function checkSysctl(path: string, sysctl: Readonly<Record<string, string | number>>, faults: Faults): void {
    for (const [key, value] of Object.entries(sysctl)) {
        if (!/^[a-z0-9_]+([./][A-Za-z0-9_*:-]+)+$/.test(key)) {
            faults.add(path, `has no name of a kernel parameter: ${show(key)}; give one such as "vm.swappiness"`);
        }
        if (typeof value !== "number" || !Number.isFinite(value)) {
            faults.line(`${path}.${key}`, value, "a number or a text");
        }
    }
}
