import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { build } from "../../tools/build";
import { ensureEngine } from "../../tools/engine";
import { projectDir } from "../../tools/paths";
import { run } from "../../tools/run";
import { type Diagnostic, type EngineEvent, readEvents, type Step, stepsOf } from "./events";
import { runInterruptibly } from "./interruptible";
import { STACK, writeProgram, writeProject } from "./project";

export interface TestStackOptions {
    /** The text of index.ts. */
    program: string;
    /** The name of the project. @default "test" */
    project?: string;
    /** Plain configuration. A key without a colon is the project's own. */
    config?: Record<string, string>;
    /** Added to the environment of Pulumi and so of the program. */
    env?: NodeJS.ProcessEnv;
    /** Put before every call of pulumi: `["ip", "netns", "exec", NAME]`. */
    wrap?: string[];
    /**
     * Have Pulumi run the TypeScript as a user's, `checked` or only `transpiled`, which takes a second of each run and more.
     * @default it is compiled to JavaScript once, when it is written
     */
    typescript?: "checked" | "transpiled";
    /** The node_modules of the project. @default this checkout as `pulumi-fusion`, and the packages it has installed */
    modules?: string;
}

/** How a run of the engine went. */
export interface EngineResult {
    ok: boolean;
    /** Everything that it showed, as a person would see it. */
    text: string;
    /** The operations in the order in which they began, those that change nothing (`same`) included. */
    steps: Step[];
    /** The operations that were completed, in that order; empty in a preview. */
    done: Step[];
    /** Messages, without the passing ones that a command writes while it runs. */
    diagnostics: Diagnostic[];
    /** How many resources by operation: `{ create: 3, same: 1 }`. */
    changes: Record<string, number>;
}

export interface ExportedResource {
    urn: string;
    type: string;
    inputs?: Record<string, unknown>;
    outputs?: Record<string, unknown>;
}

/**
 * What makes a program cheap to run some hundred times: Pulumi writes down the stack of each of its promises, of which the first
 * line is enough, and the collector runs less often. Other options of V8 need a cache of compiled files of their own.
 */
const QUICK = {
    NODE_OPTIONS: "--stack-trace-limit=1 --max-semi-space-size=64",
    NODE_COMPILE_CACHE: join(projectDir, "node_modules", ".cache", "compiled-quick"),
};

/**
 * A Pulumi project in a temporary folder with a state of its own, for tests with the real engine. It finds `pulumi-fusion`
 * as compiled from this checkout, and the packages that the checkout has installed.
 */
export class TestStack {
    private constructor(
        /** The project's folder. */
        readonly dir: string,
        private readonly env: NodeJS.ProcessEnv,
        private readonly options: Pick<TestStackOptions, "typescript" | "wrap">,
        private readonly name = STACK,
        /** Where the program is, within the folder. */
        private readonly main?: string,
    ) {}

    static async create(options: TestStackOptions): Promise<TestStack> {
        const [engine] = await Promise.all([ensureEngine(), build()]);
        const dir = mkdtempSync(join(tmpdir(), "fusion-test-"));
        const { PULUMI_ACCESS_TOKEN: _, ...inherited } = engine.env;
        const env = {
            ...inherited,
            PULUMI_BACKEND_URL: `file://${join(dir, ".state")}`,
            PULUMI_CONFIG_PASSPHRASE: "test",
            // As a shell in the project's folder has it.
            PWD: dir,
            // Pulumi hides --event-log without it.
            PULUMI_DEBUG_COMMANDS: "true",
            ...(options.typescript === undefined ? QUICK : {}),
            ...(options.typescript === "transpiled" && { PULUMI_NODEJS_TRANSPILE_ONLY: "true" }),
            ...options.env,
        };
        const stack = new TestStack(dir, env, options);
        writeProject(dir, options);
        await stack.pulumi(["stack", "init", STACK]);
        return stack;
    }

    /**
     * The stack that a project has already.
     *
     * @param main the program's file within the project's folder
     * @param env where the state is, and what it is encrypted with
     */
    static async of(
        dir: string,
        { name, main, env, wrap }: { name: string; main: string; env: NodeJS.ProcessEnv; wrap: string[] },
    ): Promise<TestStack> {
        const engine = await ensureEngine();
        const all = { ...engine.env, ...env, PWD: dir, PULUMI_DEBUG_COMMANDS: "true" };
        return new TestStack(dir, all, { wrap, typescript: "checked" }, name, main);
    }

    /** Replaces the program. @param program as for `create` */
    setProgram(program: string): void {
        if (this.main === undefined) writeProgram(this.dir, { ...this.options, program });
        else writeFileSync(join(this.dir, this.main), program);
    }

    preview(...args: string[]): Promise<EngineResult> {
        return this.operate("preview", args);
    }

    up(...args: string[]): Promise<EngineResult> {
        return this.operate("up", ["--yes", "--skip-preview", ...args]);
    }

    /** With a preview first, as people run it. */
    upAfterPreview(...args: string[]): Promise<EngineResult> {
        return this.operate("up", ["--yes", ...args]);
    }

    refresh(...args: string[]): Promise<EngineResult> {
        return this.operate("refresh", ["--yes", "--skip-preview", ...args]);
    }

    destroy(...args: string[]): Promise<EngineResult> {
        return this.operate("destroy", ["--yes", "--skip-preview", ...args]);
    }

    /** The stack's outputs, secrets in plain text. */
    async outputs(): Promise<Record<string, unknown>> {
        return JSON.parse(await this.pulumi(["stack", "output", "--json", "--show-secrets"]));
    }

    /** The resources in the state, secrets encrypted. */
    async export(): Promise<ExportedResource[]> {
        const state = JSON.parse(await this.pulumi(["stack", "export"]));
        return state.deployment.resources ?? [];
    }

    /** Runs any command of pulumi and returns what it wrote to standard output. @throws RunError when it fails */
    async pulumi(args: readonly string[]): Promise<string> {
        const [command = "pulumi", ...rest] = this.argv(args);
        return (await run(command, rest, { env: this.env, cwd: this.dir })).stdout;
    }

    /** Destroys what is left and deletes the folder. @throws Error when something could not be destroyed */
    async dispose(): Promise<void> {
        if (!existsSync(this.dir)) {
            return;
        }
        try {
            const left = await this.export();
            const result = left.length > 0 ? await this.destroy() : undefined;
            if (result?.ok === false) {
                throw new Error(`the resources of ${this.dir} could not all be destroyed:\n${result.text}`);
            }
        } finally {
            rmSync(this.dir, { recursive: true, force: true });
        }
    }

    /** Runs `up` and interrupts it, as Ctrl-C does, as soon as something is the case. */
    interruptWhen(isTime: () => boolean): Promise<EngineResult> {
        return this.operate("up", ["--yes", "--skip-preview"], isTime);
    }

    /** Runs `up` and kills the engine as soon as something is the case, so that it can write nothing down any more. */
    killWhen(isTime: () => boolean): Promise<EngineResult> {
        return this.operate("up", ["--yes", "--skip-preview"], isTime, "SIGKILL");
    }

    private async operate(
        operation: string,
        args: readonly string[],
        isTime?: () => boolean,
        signal?: NodeJS.Signals,
    ): Promise<EngineResult> {
        const log = join(this.dir, ".events");
        rmSync(log, { force: true });
        const argv = this.argv([operation, "--stack", this.name, "--event-log", log, ...args]);
        const { ok, text } = await runInterruptibly(argv, { env: this.env, cwd: this.dir, isTime, signal });
        return { ok, text: stripVTControlCharacters(text), ...summary(readEvents(log)) };
    }

    private argv(args: readonly string[]): string[] {
        return [...(this.options.wrap ?? []), "pulumi", ...args, "--non-interactive", "--color", "never"];
    }
}

function summary(events: EngineEvent[]): Omit<EngineResult, "ok" | "text"> {
    return {
        steps: events.flatMap(({ resourcePreEvent }) => (resourcePreEvent ? stepsOf(resourcePreEvent.metadata) : [])),
        done: events.flatMap(({ resOutputsEvent }) =>
            resOutputsEvent && !resOutputsEvent.planning ? stepsOf(resOutputsEvent.metadata) : [],
        ),
        diagnostics: events.flatMap(({ diagnosticEvent }) =>
            diagnosticEvent && !diagnosticEvent.ephemeral && diagnosticEvent.severity !== "debug"
                ? [{ urn: "", ...diagnosticEvent }]
                : [],
        ),
        changes: events.findLast(({ summaryEvent }) => summaryEvent)?.summaryEvent?.resourceChanges ?? {},
    };
}
