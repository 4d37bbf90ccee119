// The stand-in for the `command` plugin, for a network from which the released one cannot be got: it is not served as a Go
// module. It knows `command:local:Command` and `command:local:run`, which is what the library uses.
import { randomBytes } from "node:crypto";
import * as grpc from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";
import * as plugin from "@pulumi/pulumi/proto/plugin_pb";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as provider from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { type JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb";
import { type CommandOutput, cancelCommands, runCommand } from "./command";
import { type Change, checkInputs, diffInputs } from "./inputs";
import { handler, serve, unlimited } from "./serve";
import { hasSecret, reveal, secret, unknown, type Value, type Values } from "./values";

const VERSION = "1.2.1";
const COMMAND = "command:local:Command";
const RUN = "command:local:run";

let engine: EngineClient | undefined;

function connect(address: string | undefined): void {
    if (address) {
        engine = new EngineClient(address, grpc.credentials.createInsecure(), unlimited);
    }
}
connect(process.argv.slice(2).find((argument) => !argument.startsWith("-")));

/** Shows a line of a command's output beside its resource while it runs. */
const logger = (urn: string) => (line: string) =>
    engine?.log(
        new LogRequest().setSeverity(LogSeverity.INFO).setMessage(line).setUrn(urn).setEphemeral(true),
        () => {},
    );

const values = (struct: Struct | undefined): Values => (struct?.toJavaScript() ?? {}) as Values;
const struct = (items: Values): Struct => Struct.fromJavaScript(items as { [key: string]: JavaScriptValue });

/** A resource's state: its inputs and what the command wrote, secret as soon as any input is. */
function state(inputs: Values, output: { stdout: Value; stderr: Value }): Struct {
    const mark = hasSecret(inputs) ? secret : (value: Value) => value;
    return struct({ ...inputs, stdout: mark(output.stdout), stderr: mark(output.stderr) });
}

const UNKNOWN_OUTPUT = { stdout: unknown, stderr: unknown };

/** Runs the first of the commands that is set; without any, the output stays as it was. */
async function runFirst(names: string[], inputs: Values, olds: Values, urn: string): Promise<CommandOutput> {
    const { stdout, stderr } = reveal(olds) as Partial<CommandOutput>;
    const command = names.map((name) => inputs[name]).find((item) => item !== undefined && item !== null);
    return command === undefined
        ? { stdout: stdout ?? "", stderr: stderr ?? "" }
        : runCommand(String(reveal(command)), inputs, { stdout, stderr }, logger(urn));
}

function check(request: provider.CheckRequest): provider.CheckResponse {
    const type = request.getUrn().split("::")[2]?.split("$").pop();
    if (type !== COMMAND) {
        throw new Error(`${type} is not known to the stand-in for the command plugin; the released plugin has it`);
    }
    const { inputs, failures } = checkInputs(values(request.getNews()));
    return new provider.CheckResponse()
        .setInputs(struct(inputs))
        .setFailuresList(
            failures.map(({ property, reason }) => new provider.CheckFailure().setProperty(property).setReason(reason)),
        );
}

function diff(request: provider.DiffRequest): provider.DiffResponse {
    const olds = values(request.getOldInputs());
    const changes = diffInputs(olds, values(request.getNews()), request.getIgnorechangesList());
    const { DiffChanges } = provider.DiffResponse;
    const response = new provider.DiffResponse()
        .setChanges(changes.length > 0 ? DiffChanges.DIFF_SOME : DiffChanges.DIFF_NONE)
        .setDiffsList(changes.map((change) => change.property))
        .setReplacesList(changes.filter((change) => change.replace).map((change) => change.property))
        .setHasdetaileddiff(true);
    for (const change of changes) {
        response.getDetaileddiffMap().set(change.property, propertyDiff(change));
    }
    return response;
}

function propertyDiff({ kind, replace }: Change): provider.PropertyDiff {
    const { Kind } = provider.PropertyDiff;
    const kinds = {
        add: [Kind.ADD, Kind.ADD_REPLACE],
        delete: [Kind.DELETE, Kind.DELETE_REPLACE],
        update: [Kind.UPDATE, Kind.UPDATE_REPLACE],
    } as const;
    return new provider.PropertyDiff().setKind(kinds[kind][replace ? 1 : 0]).setInputdiff(true);
}

async function create(request: provider.CreateRequest): Promise<provider.CreateResponse> {
    const inputs = values(request.getProperties());
    if (request.getPreview()) {
        return new provider.CreateResponse().setProperties(state(inputs, UNKNOWN_OUTPUT));
    }
    const output = await runFirst(["create"], inputs, {}, request.getUrn());
    const id = `${request.getUrn().split("::").pop()}${randomBytes(4).toString("hex")}`;
    return new provider.CreateResponse().setId(id).setProperties(state(inputs, { ...output }));
}

async function update(request: provider.UpdateRequest): Promise<provider.UpdateResponse> {
    const inputs = values(request.getNews());
    if (request.getPreview()) {
        return new provider.UpdateResponse().setProperties(state(inputs, UNKNOWN_OUTPUT));
    }
    const output = await runFirst(["update", "create"], inputs, values(request.getOlds()), request.getUrn());
    return new provider.UpdateResponse().setProperties(state(inputs, { ...output }));
}

/** Runs with the inputs that the resource was made with, which are part of its state. */
async function remove(request: provider.DeleteRequest): Promise<Empty> {
    const olds = values(request.getProperties());
    await runFirst(["delete"], olds, olds, request.getUrn());
    return new Empty();
}

async function invoke(request: provider.InvokeRequest): Promise<provider.InvokeResponse> {
    if (request.getTok() !== RUN) {
        throw new Error(`${request.getTok()} is not known to the stand-in for the command plugin`);
    }
    const { command, ...inputs } = values(request.getArgs());
    const output = await runCommand(String(reveal(command ?? "")), inputs, {}, logger(""));
    return new provider.InvokeResponse().setReturn(struct({ command: command ?? "", ...inputs, ...output }));
}

serve(ResourceProviderService, {
    handshake: handler((request: provider.ProviderHandshakeRequest) => {
        connect(request.getEngineAddress());
        return new provider.ProviderHandshakeResponse().setAcceptSecrets(true);
    }),
    attach: handler((request: plugin.PluginAttach) => {
        connect(request.getAddress());
        return new Empty();
    }),
    getPluginInfo: handler(() => new plugin.PluginInfo().setVersion(VERSION)),
    getSchema: handler(() => new provider.GetSchemaResponse().setSchema(JSON.stringify({ name: "command" }))),
    checkConfig: handler((request: provider.CheckRequest) => new provider.CheckResponse().setInputs(request.getNews())),
    diffConfig: handler(() => new provider.DiffResponse()),
    configure: handler(() => new provider.ConfigureResponse().setAcceptsecrets(true).setSupportspreview(true)),
    check: handler(check),
    diff: handler(diff),
    create: handler(create),
    // What a command did cannot be looked at: a refresh keeps what is known.
    read: handler((request: provider.ReadRequest) =>
        new provider.ReadResponse()
            .setId(request.getId())
            .setProperties(request.getProperties())
            .setInputs(request.getInputs()),
    ),
    update: handler(update),
    delete: handler(remove),
    invoke: handler(invoke),
    cancel: handler(() => {
        cancelCommands();
        return new Empty();
    }),
});
