import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import * as grpc from "@grpc/grpc-js";
import { AnalyzerService } from "@pulumi/pulumi/proto/analyzer_grpc_pb";
import * as analyzer from "@pulumi/pulumi/proto/analyzer_pb";
import { type RunPluginRequest, RunPluginResponse } from "@pulumi/pulumi/proto/language_pb";
import { failure, unlimited } from "./serve";

type Call = grpc.ServerWritableStream<RunPluginRequest, RunPluginResponse>;
type Bytes = Buffer<ArrayBufferLike>;

const running = new Set<ChildProcess>();

/** Ends the policy packs that still run. */
export function endPolicyPacks(): void {
    for (const child of running) {
        child.kill("SIGTERM");
    }
}

/**
 * Runs a policy pack with the run-time of its own `@pulumi/pulumi`. As with the released language host, the engine talks to a server
 * in between: what the engine says of the stack in its first call is in the pack's environment before the pack starts.
 */
export async function runPolicyPack(call: Call): Promise<void> {
    const folder = call.request.getInfo()?.getProgramDirectory() ?? call.request.getPwd();
    let runtime: string;
    try {
        runtime = createRequire(join(folder, "package.json")).resolve("@pulumi/pulumi/cmd/run-policy-pack");
    } catch {
        // The engine knows these words, and says what to do.
        call.emit("error", failure("Cannot find module '@pulumi/pulumi/cmd/run-policy-pack'"));
        return;
    }
    const between = new Between();
    say(call, "stdout", `${await between.listen()}\n`);
    const configuration = await between.configuration;
    const child = spawn(process.execPath, [runtime, ...call.request.getArgsList(), folder], {
        // PolicyPack reads the package.json there.
        cwd: folder,
        env: { ...givenEnvironment(call.request), ...environmentOf(configuration) },
        stdio: ["ignore", "pipe", "pipe"],
    });
    running.add(child);
    call.on("cancelled", () => child.kill("SIGTERM"));
    child.stderr.on("data", (text: Buffer) => say(call, "stderr", text));
    let line: string | undefined = "";
    child.stdout.on("data", (text: Buffer) => {
        if (line === undefined) return say(call, "stdout", text);
        line += text.toString();
        const end = line.indexOf("\n");
        if (end < 0) return;
        between.attach(Number(line.slice(0, end)), configuration);
        if (line.length > end + 1) say(call, "stdout", line.slice(end + 1));
        line = undefined;
    });
    child.on("error", (error) => say(call, "stderr", `${error.message}\n`));
    child.on("close", (code) => {
        running.delete(child);
        between.close(`the policy pack in ${folder} ended with ${code}`);
        call.write(new RunPluginResponse().setExitcode(code ?? 1));
        call.end();
    });
}

function say(call: Call, stream: "stdout" | "stderr", text: string | Buffer): void {
    const bytes = Buffer.from(text);
    call.write(
        stream === "stdout" ? new RunPluginResponse().setStdout(bytes) : new RunPluginResponse().setStderr(bytes),
    );
}

const givenEnvironment = (request: RunPluginRequest): NodeJS.ProcessEnv =>
    Object.fromEntries(
        request.getEnvList().map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]),
    );

function environmentOf(configuration: analyzer.AnalyzerStackConfigureRequest | undefined): NodeJS.ProcessEnv {
    if (configuration === undefined) return {};
    return {
        PULUMI_NODEJS_ORGANIZATION: configuration.getOrganization(),
        PULUMI_NODEJS_PROJECT: configuration.getProject(),
        PULUMI_NODEJS_STACK: configuration.getStack(),
        PULUMI_NODEJS_DRY_RUN: String(configuration.getDryRun()),
        PULUMI_CONFIG: JSON.stringify(Object.fromEntries(configuration.getConfigMap().toArray())),
    };
}

/** Passes on what the engine and the pack say to each other, as it is. */
class Between {
    /** What the engine says of the stack; undefined where it asks for something else first. */
    readonly configuration: Promise<analyzer.AnalyzerStackConfigureRequest | undefined>;
    private configured: (request: analyzer.AnalyzerStackConfigureRequest | undefined) => void = () => {};
    private readonly pack: Promise<grpc.Client>;
    private attached: (pack: grpc.Client) => void = () => {};
    private gone: (error: Error) => void = () => {};
    private readonly server = new grpc.Server(unlimited);

    constructor() {
        this.configuration = new Promise((resolve) => {
            this.configured = resolve;
        });
        this.pack = new Promise((resolve, reject) => {
            this.attached = resolve;
            this.gone = reject;
        });
        // Without a call that waits for it, a pack that does not start is told by its own words alone.
        this.pack.catch(() => {});
    }

    async listen(): Promise<number> {
        const raw = (bytes: Bytes): Bytes => bytes;
        const methods = Object.entries(AnalyzerService).filter(([, { path }]) => typeof path === "string");
        for (const [name, { path }] of methods) {
            const definition = { path, requestStream: false, responseStream: false } as const;
            const codec = { requestSerialize: raw, requestDeserialize: raw };
            this.server.addService(
                { [name]: { ...definition, ...codec, responseSerialize: raw, responseDeserialize: raw } },
                { [name]: this.answer(name, path) },
            );
        }
        return new Promise((resolve, reject) =>
            this.server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) =>
                error ? reject(error) : resolve(port),
            ),
        );
    }

    /** @param port where the pack listens */
    async attach(port: number, configuration: analyzer.AnalyzerStackConfigureRequest | undefined): Promise<void> {
        const pack = new grpc.Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure(), unlimited);
        if (configuration !== undefined) {
            const sent = Buffer.from(configuration.serializeBinary());
            await ask(pack, AnalyzerService.configureStack.path, sent).catch(this.gone);
        }
        this.attached(pack);
    }

    close(why: string): void {
        this.configured(undefined);
        this.gone(new Error(why));
        this.server.forceShutdown();
    }

    private answer(name: string, path: string): grpc.handleUnaryCall<Bytes, Bytes> {
        return async ({ request }, callback) => {
            try {
                callback(null, await this.respond(name, path, request));
            } catch (error) {
                callback(
                    isServiceError(error) ? error : failure(error instanceof Error ? error.message : String(error)),
                );
            }
        };
    }

    private async respond(name: string, path: string, request: Bytes): Promise<Bytes> {
        if (name === "handshake") return Buffer.from(new analyzer.AnalyzerHandshakeResponse().serializeBinary());
        if (name === "configureStack") {
            this.configured(analyzer.AnalyzerStackConfigureRequest.deserializeBinary(request));
            return Buffer.from(new analyzer.AnalyzerStackConfigureResponse().serializeBinary());
        }
        this.configured(undefined);
        return ask(await this.pack, path, request);
    }
}

const isServiceError = (error: unknown): error is grpc.ServiceError =>
    error instanceof Error && "code" in error && "details" in error;

function ask(pack: grpc.Client, path: string, request: Bytes): Promise<Bytes> {
    const raw = (bytes: Bytes): Bytes => bytes;
    return new Promise((resolve, reject) =>
        pack.makeUnaryRequest(path, raw, raw, request, (error, response) =>
            error ? reject(error) : resolve(response ?? Buffer.alloc(0)),
        ),
    );
}
