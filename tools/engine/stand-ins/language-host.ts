// pulumi-language-nodejs for a network from which the released one cannot be got: it is not served as a Go module. It does
// what running a program needs; making packages and converting programs is left to the released one.
import { LanguageRuntimeService } from "@pulumi/pulumi/proto/language_grpc_pb";
import * as language from "@pulumi/pulumi/proto/language_pb";
import * as plugin from "@pulumi/pulumi/proto/plugin_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { requiredPackages } from "./packages";
import { endPolicyPacks, runPolicyPack } from "./policy-pack";
import { endPrograms, runProgram } from "./program";
import { failure, handler, serve } from "./serve";

// The engine gives its address as the argument, or says it in the handshake.
let engine = process.argv.slice(2).find((argument) => !argument.startsWith("-")) ?? "";

function handshake(request: language.LanguageHandshakeRequest): language.LanguageHandshakeResponse {
    engine = request.getEngineAddress() || engine;
    return new language.LanguageHandshakeResponse();
}

function getRequiredPackages(request: language.GetRequiredPackagesRequest): language.GetRequiredPackagesResponse {
    const packages = requiredPackages(request.getInfo()?.getProgramDirectory() ?? process.cwd());
    return new language.GetRequiredPackagesResponse().setPackagesList(
        packages.map(({ name, version, server, parameterization }) => {
            const dependency = new plugin.PackageDependency().setName(name).setKind("resource").setVersion(version);
            if (parameterization) {
                dependency.setParameterization(
                    new plugin.PackageParameterization()
                        .setName(parameterization.name)
                        .setVersion(parameterization.version)
                        .setValue(parameterization.value),
                );
            }
            return dependency.setServer(server ?? "");
        }),
    );
}

async function run(request: language.RunRequest): Promise<language.RunResponse> {
    const { error, bail } = await runProgram(request, engine);
    return new language.RunResponse().setError(error).setBail(bail);
}

serve(LanguageRuntimeService, {
    handshake: handler(handshake),
    getRequiredPackages: handler(getRequiredPackages),
    run: handler(run),
    getPluginInfo: handler(() => new plugin.PluginInfo().setVersion("3.0.0")),
    about: handler(() => new language.AboutResponse().setExecutable(process.execPath).setVersion(process.version)),
    getProgramDependencies: handler(() => new language.GetProgramDependenciesResponse()),
    runtimeOptionsPrompts: handler(() => new language.RuntimeOptionsResponse()),
    cancel: handler(() => {
        endPrograms();
        endPolicyPacks();
        return new Empty();
    }),
    runPlugin: runPolicyPack,
    installDependencies: (call: { emit(event: "error", error: unknown): void }) =>
        call.emit("error", failure("This stand-in installs nothing: run `npm install` in the program's folder.")),
});
