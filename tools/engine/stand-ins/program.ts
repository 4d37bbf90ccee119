import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { RunRequest } from "@pulumi/pulumi/proto/language_pb";

// The SDK ends a program with this code when it has already shown the error.
const ERROR_WAS_SHOWN = 32;

const running = new Set<ChildProcess>();

/** Ends the programs that still run; the engine asks for it when it is interrupted. */
export function endPrograms(): void {
    for (const child of running) {
        child.kill("SIGTERM");
    }
}

/** Runs the program with the run-time of its own `@pulumi/pulumi`. */
export async function runProgram(request: RunRequest, engine: string): Promise<{ error: string; bail: boolean }> {
    const directory = request.getInfo()?.getProgramDirectory() ?? request.getPwd();
    let runtime: string;
    try {
        runtime = createRequire(join(directory, "package.json")).resolve("@pulumi/pulumi/cmd/run");
    } catch {
        const error = `@pulumi/pulumi is not installed in ${directory}. Run \`npm install\` there.`;
        return { error, bail: false };
    }
    const code = await execute([runtime, ...programArguments(request, directory, engine)], environment(request));
    if (code === 0) {
        return { error: "", bail: false };
    }
    return code === ERROR_WAS_SHOWN
        ? { error: "", bail: true }
        : { error: `Program exited with non-zero exit code: ${code}`, bail: false };
}

/** The arguments of `@pulumi/pulumi/cmd/run`. */
export function programArguments(request: RunRequest, directory: string, engine: string): string[] {
    const info = request.getInfo();
    const options = {
        monitor: request.getMonitorAddress(),
        engine,
        organization: request.getOrganization(),
        project: request.getProject(),
        "root-directory": info?.getRootDirectory(),
        stack: request.getStack(),
        pwd: directory,
        parallel: String(request.getParallel()),
    };
    return [
        ...Object.entries(options).flatMap(([name, value]) => (value ? [`--${name}`, value] : [])),
        ...(request.getDryrun() ? ["--dry-run"] : []),
        info?.getEntryPoint() || ".",
        ...request.getArgsList(),
    ];
}

function environment(request: RunRequest): NodeJS.ProcessEnv {
    const options = request.getInfo()?.getOptions()?.toJavaScript() ?? {};
    // The SDK knows keys as project:config:name.
    const config = request
        .getConfigMap()
        .toArray()
        .map(([key, value]) => [key.replace(/^([^:]+):(?:config:)?/, "$1:config:"), value]);
    return {
        ...process.env,
        PULUMI_CONFIG: JSON.stringify(Object.fromEntries(config)),
        PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
        ...(options.typescript === false ? {} : { PULUMI_NODEJS_TYPESCRIPT: "true" }),
        ...(typeof options.tsconfig === "string" ? { PULUMI_NODEJS_TSCONFIG_PATH: options.tsconfig } : {}),
    };
}

function execute(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
    return new Promise((resolve) => {
        // Not inherited: Node.js may make its own standard output non-blocking, and ours is the same pipe.
        const child = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "pipe"] });
        running.add(child);
        child.stdout.on("data", (chunk) => process.stdout.write(chunk));
        child.stderr.on("data", (chunk) => process.stderr.write(chunk));
        child.on("error", (error) => {
            console.error(error.message);
            resolve(1);
        });
        child.on("close", (code) => {
            running.delete(child);
            resolve(code ?? 1);
        });
    });
}
