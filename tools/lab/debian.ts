import { existsSync, readFileSync } from "node:fs";
import { run } from "../run";

const KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";

/** The machine's own Debian release, such as `bookworm`, or `undefined` on another system. */
export function debianRelease(osRelease = readOsRelease()): string | undefined {
    const field = (name: string) => new RegExp(`^${name}="?([^"\\n]*)"?$`, "m").exec(osRelease)?.[1];
    return field("ID") === "debian" ? field("VERSION_CODENAME") : undefined;
}

/** @throws Error on another system than Debian */
export function requireDebian(): string {
    const release = debianRelease();
    if (release === undefined) {
        throw new Error(
            "The lab's images are built from the machine's own Debian archive, and this machine is not Debian.",
        );
    }
    return release;
}

function readOsRelease(): string {
    return existsSync("/etc/os-release") ? readFileSync("/etc/os-release", "utf8") : "";
}

/**
 * The lines of a sources.list with Debian's archives as this machine's own apt is configured to reach them, so that a
 * mirror or a proxy that works for the machine works for what is built on it.
 *
 * @throws Error when apt knows no Debian archive of that release
 */
export async function aptSources(release: string): Promise<string[]> {
    const { stdout } = await run("apt-get", [
        "indextargets",
        "--format",
        "$(ORIGIN)\t$(CODENAME)\t$(REPO_URI)\t$(COMPONENT)",
        "Created-By: Packages",
    ]);
    const lines = sourcesFrom(stdout, release, existsSync(KEYRING) ? KEYRING : undefined);
    if (!lines.some((line) => line.includes(` ${release} `))) {
        throw new Error(
            `apt has no package lists of Debian ${release} on this machine: add Debian's archive to /etc/apt/sources.list ` +
                "and run apt-get update.",
        );
    }
    return lines;
}

/** Pure part of `aptSources`: `targets` are lines of origin, code name, repository address and component. */
export function sourcesFrom(targets: string, release: string, keyring?: string): string[] {
    const option = keyring === undefined ? "" : `[signed-by=${keyring}] `;
    const lines = targets
        .split("\n")
        .map((line) => line.split("\t"))
        .filter(([origin, codename]) => origin === "Debian" && new RegExp(`^${release}(-|$)`).test(codename ?? ""))
        .filter(([, , , component]) => component === "main")
        .map(([, codename, uri, component]) => `deb ${option}${uri} ${codename} ${component}`);
    return [...new Set(lines)].sort();
}

/** Lines of `aptSources` with the same archives' directories of another release, which are signed and named alike. */
export const sourcesOf = (release: string, lines: readonly string[], own: string): string[] =>
    lines.map((line) => line.replace(new RegExp(` ${own}(?=[ -])`), ` ${release}`));

/** What this machine's apt needs to reach its archives (proxies, certificates, retries), as lines of an apt.conf. */
export async function aptOptions(): Promise<string[]> {
    const { stdout } = await run("apt-config", ["dump", "--no-empty", "--format", '%F "%v";%n']);
    return stdout
        .split("\n")
        .filter((line) => line.startsWith("Acquire::"))
        .filter((line) => !/^Acquire::(IndexTargets|Changelogs|CompressionTypes|cdrom)::/.test(line));
}
