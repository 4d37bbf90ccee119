import { existsSync, mkdirSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { run } from "../run";
import { ensureBuilt } from "./builtHome";
import { engineCache } from "./goBuild";
import { canDownload, ensureReleased, isDownloaded } from "./released";
import { chooseOrigin, type Origin, versions } from "./versions";

/** A Pulumi engine that is ready to use. */
export interface Engine {
    /** The environment to run `pulumi` in: this process's own, with PATH and PULUMI_HOME set. */
    env: NodeJS.ProcessEnv;
    origin: Origin;
    version: string;
}

let engine: Promise<Engine> | undefined;

/**
 * Gets Pulumi and the plugins of the library: the user's own Pulumi where there is one, else the released one, else a build
 * from Go modules. All that it makes is kept in the cache outside the checkout, and the user's own PULUMI_HOME is left alone.
 * FUSION_ENGINE (`installed`, `released` or `built`) asks for one of the three.
 *
 * @throws Error that names what is missing and how to get it
 */
export function ensureEngine(): Promise<Engine> {
    engine ??= findEngine();
    return engine;
}

async function findEngine(): Promise<Engine> {
    const forced = process.env.FUSION_ENGINE;
    const installed = await installedVersion();
    const releases = forced !== "built" && (isDownloaded() || (await canDownload()));
    const origin = chooseOrigin({ forced, installed, releases });
    switch (origin) {
        case "installed":
            // Without a network its plugins cannot be downloaded either, and come from the build.
            return releases
                ? prepared(origin, installed ?? "", { home: ownHome() })
                : prepared(origin, installed ?? "", { home: (await ensureBuilt(false)).home, closed: true });
        case "released":
            return prepared(origin, versions.pulumi, { bin: await ensureReleased(), home: ownHome() });
        case "built": {
            const built = await ensureBuilt(true);
            return prepared(origin, versions.pulumi, { ...built, closed: true });
        }
    }
}

/** The version of the `pulumi` on the PATH, if there is one. One of ours, in a shell made ready for it, does not count. */
async function installedVersion(): Promise<string | undefined> {
    const path = (process.env.PATH ?? "").split(delimiter);
    const found = path.map((folder) => join(folder, "pulumi")).find((file) => existsSync(file));
    if (found === undefined || found.startsWith(engineCache)) {
        return undefined;
    }
    try {
        const env = { ...process.env, PULUMI_HOME: ownHome(), PULUMI_SKIP_UPDATE_CHECK: "true" };
        return (await run(found, ["version"], { env, timeout: 10_000 })).stdout.trim().replace(/^v/, "");
    } catch {
        return undefined;
    }
}

/** The PULUMI_HOME for a Pulumi that downloads its plugins itself. */
function ownHome(): string {
    const home = join(engineCache, "home");
    mkdirSync(home, { recursive: true });
    return home;
}

interface Parts {
    /** The folder of the programs; none for an installed Pulumi. */
    bin?: string;
    home: string;
    /** Whether nothing can be downloaded. */
    closed?: boolean;
}

function prepared(origin: Origin, version: string, { bin, home, closed }: Parts): Engine {
    const detail = {
        installed: "the one on the PATH",
        released: "the released one",
        built: "built from Go modules, with stand-ins for its Node.js language host and the command plugin",
    };
    const plugins =
        origin === "installed" && closed ? ", its plugins built, with a stand-in for the command plugin" : "";
    console.error(`Pulumi ${version}: ${detail[origin]}${plugins}`);
    const path = [bin, dirname(process.execPath), process.env.PATH].filter((part) => part !== undefined);
    return {
        env: {
            ...process.env,
            PATH: path.join(delimiter),
            PULUMI_HOME: home,
            PULUMI_SKIP_UPDATE_CHECK: "true",
            ...(closed ? { PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true" } : {}),
        },
        origin,
        version,
    };
}
