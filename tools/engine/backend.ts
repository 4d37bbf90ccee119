import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/**
 * The settings that say where Pulumi keeps the state of a project: the user's own backend where there is one, by the
 * environment or by a `pulumi login`, else a folder of files inside the project, encrypted with a generated passphrase.
 *
 * @param projectDir the folder of Pulumi.yaml
 * @returns the settings to add to the environment
 */
export function backendEnv(projectDir: string, env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
    if (env.PULUMI_ACCESS_TOKEN && !env.PULUMI_BACKEND_URL) {
        return {};
    }
    const own = env.PULUMI_BACKEND_URL ? {} : loginEnv(env);
    const url = env.PULUMI_BACKEND_URL ?? own?.PULUMI_BACKEND_URL;
    // A service encrypts secrets itself; anything else is files, and needs a passphrase.
    const needsPassphrase = url === undefined || !/^https?:/.test(url);
    return {
        ...(own ?? { PULUMI_BACKEND_URL: fileBackend(projectDir) }),
        ...(needsPassphrase ? passphraseEnv(projectDir, env) : {}),
    };
}

/** The user's `pulumi login`. It is read here because the engine is given a PULUMI_HOME of its own. */
function loginEnv(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv | undefined {
    const home = env.PULUMI_HOME ?? join(env.HOME ?? homedir(), ".pulumi");
    const folder = env.PULUMI_CREDENTIALS_PATH ?? home;
    let credentials: { current?: string; accessTokens?: Record<string, string> };
    try {
        credentials = JSON.parse(readFileSync(join(folder, "credentials.json"), "utf8"));
    } catch {
        return undefined;
    }
    const { current, accessTokens } = credentials;
    if (!current) {
        return undefined;
    }
    const accessToken = accessTokens?.[current];
    return { PULUMI_BACKEND_URL: current, ...(accessToken ? { PULUMI_ACCESS_TOKEN: accessToken } : {}) };
}

function fileBackend(projectDir: string): string {
    const state = join(projectDir, ".fusion", "state");
    mkdirSync(state, { recursive: true });
    return `file://${state}`;
}

/** A passphrase file that only its owner can read, made once; nothing when the user has a passphrase. */
function passphraseEnv(projectDir: string, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
    if (env.PULUMI_CONFIG_PASSPHRASE !== undefined || env.PULUMI_CONFIG_PASSPHRASE_FILE) {
        return {};
    }
    const file = join(projectDir, ".fusion", "passphrase");
    if (!existsSync(file)) {
        mkdirSync(join(projectDir, ".fusion"), { recursive: true });
        writeFileSync(file, randomBytes(24).toString("base64url"), { mode: 0o600, flag: "wx" });
    }
    return { PULUMI_CONFIG_PASSPHRASE_FILE: file };
}
