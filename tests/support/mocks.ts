import * as pulumi from "@pulumi/pulumi";
import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb";
import { MockMonitor } from "@pulumi/pulumi/runtime/mocks";
import { portSurvey } from "../../lib/containers/portsInUse";
import { surveyor } from "../../lib/hypervisor/survey";
import { isRecord } from "../../lib/isRecord";
import { surveyAs } from "./survey";

// Hypervisors of mocks are not there; a test that wants another than the healthy one says so afterwards.
const realSurvey = surveyor.survey;

/** A resource as the program asked the engine to register it. */
export interface Registered {
    type: string;
    name: string;
    /** Secrets as they are in plain. */
    inputs: Record<string, unknown>;
    /** The inputs that are secret or have a secret in them. */
    secrets: string[];
    /** `TYPE::NAME` of what the resource refers to; the URN in Pulumi's mocks has little more. */
    parent: string;
    dependsOn: string[];
    deletedWith: string;
    replaceWith: string[];
    replacementTrigger: unknown;
    protect: boolean;
    deleteBeforeReplace: boolean;
    replaceOnChanges: string[];
    /** Its own time limits, "" for the engine's. */
    timeouts: { create: string; update: string; delete: string };
    /** The names that the resource may have had. */
    aliases: string[];
    provider: string;
}

export interface ProgramResult {
    /** In the order of registration. */
    registered: Registered[];
    /** What components gave to `registerOutputs`, and containers' inputs, by URN; the next run can be given it. */
    outputs: Record<string, { type: string; outputs: Record<string, unknown> }>;
    /** The messages of the errors that the program's outputs ended with, each once. */
    errors: string[];
    /** The values of the outputs that the program returned, undefined for one that failed. */
    values: Record<string, unknown>;
}

/** The names of secrets' marks in Pulumi's protocol. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/**
 * Runs a program with Pulumi's mocks: every resource is made as asked for.
 *
 * @param program returns the outputs that are waited for
 * @param last the `outputs` of an earlier run: the state that the deployment begins with; or what is done when it is read
 */
export async function runProgram(
    program: () => Record<string, pulumi.Output<unknown>>,
    last: ProgramResult["outputs"] | (() => ProgramResult["outputs"]) = {},
): Promise<ProgramResult> {
    const registered: Registered[] = [];
    const outputs: ProgramResult["outputs"] = {};
    const mocks: pulumi.runtime.Mocks = {
        newResource: ({ name, inputs }) => ({ id: `${name}-id`, state: inputs }),
        call: ({ token }) =>
            token === "pulumi:pulumi:readStackResourceOutputs"
                ? { outputs: typeof last === "function" ? last() : last }
                : {},
    };
    if (surveyor.survey === realSurvey) {
        surveyAs();
    }
    portSurvey.ask = async () => [];
    await pulumi.runtime.setMocks(mocks, "project", "dev", false, "organization");
    const monitor: unknown = pulumi.runtime.getMonitor();
    if (!(monitor instanceof MockMonitor)) {
        throw new Error("Pulumi's mocks are not where they were");
    }
    const register = monitor.registerResource.bind(monitor);
    monitor.registerResource = (request: RegisterResourceRequest, callback: never) => {
        const resource = read(request);
        registered.push(resource);
        if (resource.type === "docker:index/container:Container") {
            const urn = Reflect.get(monitor, "newUrn").call(
                monitor,
                request.getParent(),
                request.getType(),
                request.getName(),
            );
            outputs[urn] = { type: resource.type, outputs: resource.inputs };
        }
        return register(request, callback);
    };
    const registerOutputs = monitor.registerResourceOutputs.bind(monitor);
    monitor.registerResourceOutputs = (request, callback) => {
        const urn: string = request.getUrn();
        const { value } = plain(request.getOutputs()?.toJavaScript() ?? {});
        outputs[urn] = { type: typeOf(urn), outputs: isRecord(value) ? value : {} };
        return registerOutputs(request, callback);
    };
    const unhandled: unknown[] = [];
    const restore = collectRejections(unhandled);
    // Pulumi writes down the stack of each of its promises, and source maps make each dear: a third of a test's time.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 1;
    try {
        const made = Object.entries(program());
        const settled = await Promise.allSettled(made.map(([, output]) => promiseOf(output)));
        for (let calm = 0; calm < 5; calm++) {
            await waitForRpcs();
            await new Promise((resolve) => setImmediate(resolve));
        }
        const failures = settled.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
        const messages = [...failures, ...unhandled].map((error) =>
            error instanceof Error ? error.message : String(error),
        );
        const values = made.map(([name], i) => [
            name,
            settled[i]?.status === "fulfilled" ? settled[i].value : undefined,
        ]);
        return { registered, outputs, errors: [...new Set(messages)], values: Object.fromEntries(values) };
    } finally {
        Error.stackTraceLimit = stackTraceLimit;
        restore();
    }
}

/** What a failed component leaves behind is the program's error, not the test runner's. */
function collectRejections(into: unknown[]): () => void {
    const before = process.listeners("unhandledRejection");
    const collect = (reason: unknown) => into.push(reason);
    process.removeAllListeners("unhandledRejection");
    process.on("unhandledRejection", collect);
    return () => {
        process.off("unhandledRejection", collect);
        for (const listener of before) {
            process.on("unhandledRejection", listener);
        }
    };
}

/** Pulumi's own, which its types leave out. */
const waitForRpcs = (): Promise<void> => Reflect.get(pulumi.runtime, "waitForRPCs").call(undefined);
const promiseOf = (output: pulumi.Output<unknown>): Promise<unknown> =>
    Reflect.get(output, "promise").call(output, true);
const typeOf = (urn: string): string => urn.split("::")[2]?.split("$").at(-1) ?? "";
const short = (urn: string): string => (urn === "" ? "" : `${typeOf(urn)}::${urn.split("::")[3]}`);

function read(request: RegisterResourceRequest): Registered {
    const raw: Record<string, unknown> = request.getObject()?.toJavaScript() ?? {};
    const inputs = Object.entries(raw).map(([key, value]) => [key, plain(value)] as const);
    return {
        type: request.getType(),
        name: request.getName(),
        inputs: Object.fromEntries(inputs.map(([key, { value }]) => [key, value])),
        secrets: inputs.filter(([, { secret }]) => secret).map(([key]) => key),
        parent: short(request.getParent()),
        dependsOn: request.getDependenciesList().map(short).sort(),
        deletedWith: short(request.getDeletedwith()),
        replaceWith: request.getReplaceWithList().map(short).sort(),
        replacementTrigger: request.getReplacementTrigger()?.toJavaScript(),
        protect: request.getProtect() ?? false,
        deleteBeforeReplace: request.getDeletebeforereplace(),
        replaceOnChanges: request.getReplaceonchangesList(),
        timeouts: {
            create: request.getCustomtimeouts()?.getCreate() ?? "",
            update: request.getCustomtimeouts()?.getUpdate() ?? "",
            delete: request.getCustomtimeouts()?.getDelete() ?? "",
        },
        aliases: request.getAliasesList().map((alias) => alias.getSpec()?.getName() || alias.getUrn()),
        provider: short(request.getProvider().replace(/::[^:]*$/, "")),
    };
}

/** A value of the protocol without the marks of secrets, and whether it had one. */
function plain(value: unknown): { value: unknown; secret: boolean } {
    if (Array.isArray(value)) {
        const items = value.map(plain);
        return { value: items.map((item) => item.value), secret: items.some((item) => item.secret) };
    }
    if (!isRecord(value)) {
        return { value, secret: false };
    }
    if (value[SIGNATURE] === SECRET) {
        return { value: plain(value.value).value, secret: true };
    }
    const items = Object.entries(value).map(([key, inner]) => [key, plain(inner)] as const);
    return {
        value: Object.fromEntries(items.map(([key, item]) => [key, item.value])),
        secret: items.some(([, item]) => item.secret),
    };
}
