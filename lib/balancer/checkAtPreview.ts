import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { FusionContainerSet } from "../containers/FusionContainerSet";
import { Faults, show } from "../faults";
import { ArgumentError } from "../program";
import type { BalancerSpec } from "./balancerSpec";
import type { FusionBalancerArgs } from "./FusionBalancer";

/**
 * Has HAProxy itself check a configuration in a preview, where it is at hand here: what it refuses is told with the line. In a
 * deployment the balancer's machine does that.
 *
 * @returns the text
 * @throws ArgumentError naming every line that HAProxy does not take
 */
export async function checkAtPreview(
    { name }: Pick<BalancerSpec, "name">,
    args: FusionBalancerArgs,
    text: string,
): Promise<string> {
    if (pulumi.runtime.isDryRun() && (await isSameKind(args.haproxy))) {
        const faults = new Faults();
        tellComplaints(name, args, text, await complaints(text), faults);
        if (faults.size > 0) {
            throw new ArgumentError(faults);
        }
    }
    return text;
}

/** Whether HAProxy here takes what that of the balancer does, as far as it is known which that is. */
async function isSameKind({ image, version }: NonNullable<FusionBalancerArgs["haproxy"]> = {}): Promise<boolean> {
    const wanted = version ?? image;
    if (wanted === undefined) {
        return true;
    }
    const line = (text: string, before: string) => new RegExp(`${before}(\\d+\\.\\d+)`).exec(text)?.[1];
    const here = await new Promise<string>((resolve) =>
        execFile("haproxy", ["-v"], { timeout: 20_000 }, (_, stdout) => resolve(String(stdout))),
    );
    const asked = version === undefined ? line(wanted.replace(/@.*$/, ""), ":") : line(wanted, "^(?:\\d+:)?");
    return asked !== undefined && asked === line(here, "version ");
}

/** What HAProxy here says of a configuration; nothing where there is none. */
async function complaints(text: string): Promise<string> {
    const directory = await mkdtemp(join(tmpdir(), "fusion-"));
    try {
        const file = join(directory, "haproxy.cfg");
        await writeFile(file, withoutElsewhere(text), { mode: 0o600 });
        return await new Promise((resolve) =>
            execFile("haproxy", ["-dW", "-c", "-f", file], { timeout: 20_000 }, (_, _out, stderr) => resolve(stderr)),
        );
    } finally {
        await rm(directory, { recursive: true });
    }
}

/** The text, line for line, without what the library says of users and files on the balancer's machine. */
const withoutElsewhere = (text: string): string =>
    text
        .replace(/^ {4}((user|group|chroot|stats socket) |http-request auth realm fusion ).*$/gm, "")
        .replace(/^( {4}bind \S+) ssl crt .*$/gm, "$1");

/** What HAProxy says of users and files in the user's own lines, and of host names that are known elsewhere. */
const elsewhere =
    /no such file|error opening|could not resolve address|Failed to initialize server|(unable|failed|fails|cannot|can't|could not|couldn't) (to )?(open|load|stat|read|find (user|group) id)/i;
const summaries = /^(Error\(s\) found in|Fatal errors found in|Some warnings were found)/;

/** Tells what HAProxy says, each with its line and, where that is one of the user's own, its argument. */
export function tellComplaints(
    name: string,
    args: FusionBalancerArgs,
    text: string,
    answer: string,
    faults: Faults,
): void {
    const lines = text.split("\n");
    for (const [, said = ""] of answer.matchAll(/^\[(?:ALERT|WARNING)\]\s+\(\d+\) : (?:config : )?(.*)$/gm)) {
        if (elsewhere.test(said) || summaries.test(said)) {
            continue;
        }
        const [, number, reason = said] = /^(?:parsing )?\[[^\]]*:(\d+)\]\s*:\s*(.*)$/.exec(said) ?? [];
        const at = Number(number ?? 0) - 1;
        const line = lines[at]?.trim();
        const what = line === undefined ? "its configuration" : show(line);
        const own = line === undefined ? undefined : ownLine(args, lines.slice(0, at + 1), line);
        faults.add(
            own === undefined ? name : `${name}.${own}`,
            `HAProxy does not take ${what}: ${reason.replace(/[\s.]+$/, "")}; correct it`,
        );
    }
}

/** The argument that the last of some lines was given by. */
function ownLine({ backends, lines = {} }: FusionBalancerArgs, above: readonly string[], line: string) {
    const [section = "", title = ""] = (above.findLast((one) => /^[a-z]/.test(one)) ?? "").split(" ");
    const own = backends.findIndex((one) => !(one instanceof FusionContainerSet) && nameOf(one) === title);
    const one = backends[own];
    const [path, given] =
        section === "backend"
            ? [`backends[${own}].lines`, one instanceof FusionContainerSet ? undefined : one?.lines]
            : section === "global" || section === "defaults" || section === "frontend"
              ? [`lines.${section}`, lines[section]]
              : [];
    const index = given?.indexOf(line) ?? -1;
    return index < 0 ? undefined : `${path}[${index}]`;
}

const nameOf = ({ set, name }: Exclude<FusionBalancerArgs["backends"][number], FusionContainerSet>) =>
    set?.spec.name ?? name;
