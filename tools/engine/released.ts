import { createHash } from "node:crypto";
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { locked } from "../lab/lock";
import { step } from "../progress";
import { run } from "../run";
import { engineCache } from "./goBuild";
import { versions } from "./versions";

/** Milliseconds in which the first answer must come: without a network it is not worth waiting. */
const PROBE_TIMEOUT = 4000;

/** Where releases are; a mirror of them is named by FUSION_PULUMI_RELEASES. */
const releases = (): string =>
    process.env.FUSION_PULUMI_RELEASES ?? "https://github.com/pulumi/pulumi/releases/download";

const url = (file: string): string => `${releases()}/v${versions.pulumi}/${file}`;

const archive = (): string =>
    `pulumi-v${versions.pulumi}-${process.platform === "win32" ? "windows" : process.platform}-${process.arch}.tar.gz`;

const folder = (): string => join(engineCache, `released-${versions.pulumi}-${process.platform}-${process.arch}`);

/** Whether the released Pulumi is in the cache. */
export const isDownloaded = (): boolean => existsSync(folder());

/** Whether releases can be downloaded, decided within a few seconds. */
export async function canDownload(): Promise<boolean> {
    try {
        const response = await fetch(url("SHA512SUMS"), {
            method: "HEAD",
            signal: AbortSignal.timeout(PROBE_TIMEOUT),
        });
        return response.ok;
    } catch {
        return false;
    }
}

/**
 * Downloads the released Pulumi, checks it and unpacks it. Returns the folder of its programs.
 *
 * @throws Error when it cannot be downloaded or is not what its checksum says
 */
export async function ensureReleased(): Promise<string> {
    await locked(
        "engine-release",
        () => console.error("Another process downloads Pulumi; waiting for it."),
        async () => {
            if (!isDownloaded()) {
                await step(`downloading Pulumi ${versions.pulumi}`, () => download());
            }
        },
    );
    return join(folder(), "pulumi");
}

async function download(): Promise<void> {
    const [sums, bytes] = await Promise.all([get("SHA512SUMS"), get(archive())]);
    const expected = checksumOf(archive(), sums.toString("utf8"));
    const actual = createHash("sha512").update(bytes).digest("hex");
    if (actual !== expected) {
        throw new Error(
            `${url(archive())} has the checksum ${actual}, but SHA512SUMS says ${expected ?? "nothing of it"}`,
        );
    }
    const partial = `${folder()}.partial`;
    rmSync(partial, { recursive: true, force: true });
    mkdirSync(partial, { recursive: true });
    const file = join(partial, archive());
    writeFileSync(file, bytes);
    await run("tar", ["-xzf", file, "-C", partial]);
    rmSync(file);
    renameSync(partial, folder());
}

/** The checksum of a file in a list of `CHECKSUM  FILE` lines. */
export function checksumOf(file: string, sums: string): string | undefined {
    const line = sums.split("\n").find((text) => text.trim().replace(/^.*[\s*/]/, "") === file);
    return line?.trim().split(/\s+/)[0]?.toLowerCase();
}

async function get(file: string): Promise<Buffer> {
    const failed = (reason: string) => new Error(`Pulumi cannot be downloaded: ${url(file)}: ${reason}`);
    let response: Response;
    try {
        response = await fetch(url(file));
    } catch (error) {
        // What fetch throws says no more than that it failed; the reason is in its cause.
        throw failed(error instanceof Error ? String(error.cause ?? error.message) : String(error));
    }
    if (!response.ok) {
        throw failed(`${response.status} ${response.statusText}`);
    }
    return Buffer.from(await response.arrayBuffer());
}
