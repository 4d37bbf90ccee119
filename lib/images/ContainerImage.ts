import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { containersOn } from "../containers/runningContainers";
import { type HostAccess, withMachine } from "../dockerHost";
import { isRecord } from "../isRecord";
import { knownValue } from "../known";
import { lastOutputs, urnOf } from "../lastState";
import type { Round } from "../program";
import type { SshTarget } from "../ssh";
import { stackName, stackPrefix } from "../stackName";
import type { Credentials } from "./askRegistry";
import { buildCommand } from "./buildScript";
import { dockerConfig } from "./dockerConfig";
import { type FoundImage, findImage, unaskedImage } from "./findImage";
import { type HostImage, loadCommand, pullCommand } from "./hostImageScript";
import type { ArchivedImage, BuiltImage, ImageArgs } from "./imageArgs";
import { type ImageSpec, imageSpec, isArchived, isBuilt, LOADED } from "./imageSpec";
import type { ImageFault } from "./resolveImage";
import { wantedBy } from "./wantedBy";

/** The script is in the environment, so that a preview shows it, an error does not, and standard input has secrets alone. */
const runScript = 'sh -c "$FUSION_SCRIPT"';

/** One image of a set. Several can be on the same hosts at once. */
export interface ContainerImageArgs {
    /** Name of the set: paths of errors begin with it, and the commands' names. */
    name: string;
    /** Registries that the hosts' Docker is told to trust without TLS. */
    insecure: readonly string[];
    /** Whether containers are held at an earlier image, so that this one is not asked for: its registry may be down. @default false */
    held?: boolean;
}

/** Where an image is wanted. */
export interface ImagePlace {
    /** The commands' parent. */
    set: pulumi.ComponentResource;
    vm: string;
    host: HostAccess;
    /** Names of the containers that rest on it: with each that is made the host is looked at again. */
    containers: readonly pulumi.Input<string>[];
    /** The host ports that they are to get, where nobody else may have them; undefined: none. */
    ports?: readonly pulumi.Input<readonly number[]>[];
    /** Whether they are a job's, which Pulumi does not know of. @default false */
    isJob?: boolean;
    /** The image that they are given: this one, or an older one, of a set that holds it or tries a new one. */
    reference: pulumi.Output<string>;
    /** Tells the command of a host's second image from that of the first. @default none */
    suffix?: string;
}

/**
 * An image and its ways to hosts. What is wrong with it is told with the round's other faults; the rest is asked for once the
 * round is valid.
 */
export class ContainerImage {
    private readonly spec: ImageSpec;
    private found: pulumi.Output<FoundImage> | undefined;
    /** An archive or a context may be large: each is read once. */
    private readonly answers = new Map<string | ArchivedImage | BuiltImage, Promise<FoundImage | ImageFault>>();
    private built: command.local.Command | undefined;

    constructor(
        private readonly own: ContainerImageArgs,
        private readonly args: ImageArgs,
        round: Round,
    ) {
        const before = round.faults.size;
        this.spec = imageSpec(own.name, args, round.faults);
        const { image } = args;
        const isKnown = typeof image === "string" || isArchived(image) || isBuilt(image);
        // A question about wrong arguments would only add to the errors.
        if (isKnown && round.faults.size === before) {
            round.before(async (faults) => {
                const found = await this.find(image);
                if ("fault" in found) faults.add(`${own.name}.${found.argument}`, found.fault);
            });
        }
    }

    /** What containers are given as their image. Known at preview, except for an image that is another resource's output. */
    get reference(): pulumi.Output<string> {
        return this.known.apply(({ image }) => image);
    }

    /**
     * The command that makes one host have the image, whatever has become of it there. Its deletion leaves the image: others
     * may use it, and a way back is quick.
     */
    onHost({ set, vm, host, containers, ports, isJob, reference, suffix }: ImagePlace): command.local.Command {
        const { name } = this.own;
        const { image } = this.args;
        if (isBuilt(image) && !this.own.held) {
            this.built ??= this.build({ set, vm, host });
        }
        const nameOf = (...parts: (string | undefined)[]) => parts.filter((part) => part !== undefined).join("-");
        const list = nameOf(stackPrefix(), name, suffix);
        const anew = host.machine?.anew === true;
        const script = pulumi
            .all([this.known, host.ssh, reference, pulumi.all([...containers]), pulumi.all([...(ports ?? [])])])
            .apply(([found, ssh, wanted, made, used]) => {
                const to = { names: made, ports: used.flat(), set: name, stack: stackName() };
                return this.command(found, ssh, { image: wanted, vm, list, anew, ...(ports && { to }) });
            });
        const own = nameOf(name, vm, suffix);
        const names = pulumi.all([...containers]);
        const wanted = isJob
            ? names.apply((all) => all.join(" "))
            : pulumi
                  .all([names, wantedBefore(set, own), containersOn(vm)])
                  .apply(([all, before, there]) => wantedBy(all, before, there));
        return new command.local.Command(
            own,
            {
                create: runScript,
                ...(this.args.registryAuth !== undefined && { stdin: this.config("\n") }),
                environment: { FUSION_SCRIPT: script, FUSION_CONTAINERS: wanted },
            },
            {
                parent: set,
                dependsOn: [...host.ready, ...(this.built === undefined ? [] : [this.built])],
                customTimeouts: { create: "60m", update: "60m" },
                ...withMachine(host),
            },
        );
    }

    private get known(): pulumi.Output<FoundImage> {
        const { image: given } = this.args;
        this.found ??= pulumi.output<string | ArchivedImage | BuiltImage>(given).apply(async (image) => {
            // An output gives a copy of an object.
            const found = await this.find(isArchived(given) || isBuilt(given) ? given : image);
            if ("fault" in found) {
                const propertyPath = `${this.own.name}.${found.argument}`;
                throw new pulumi.InputPropertyError({ propertyPath, reason: found.fault });
            }
            return found;
        });
        return this.found;
    }

    private find(image: string | ArchivedImage | BuiltImage): Promise<FoundImage | ImageFault> {
        const answer =
            this.answers.get(image) ?? (this.own.held ? Promise.resolve(unaskedImage(image)) : this.ask(image));
        this.answers.set(image, answer);
        return answer;
    }

    private async ask(image: string | ArchivedImage | BuiltImage): Promise<FoundImage | ImageFault> {
        const { insecure, name } = this.own;
        const { pull, platform } = this.spec;
        const { registryAuth } = this.args;
        const credentials = registryAuth && (await knownValue<Credentials>(pulumi.output(registryAuth)));
        return findImage(image, {
            set: name,
            insecure,
            pull,
            ...(credentials !== undefined && { credentials }),
            ...(platform !== undefined && { platform }),
            unknownCredentials: registryAuth !== undefined && credentials === undefined,
        });
    }

    private command(
        found: FoundImage,
        ssh: SshTarget,
        { anew, ...at }: Pick<HostImage, "image" | "vm" | "list" | "to"> & { anew: boolean },
    ): string {
        const isFound = found.image === at.image;
        const on = { ...this.spec, ...at, own: isFound && found.kind !== "pulled" };
        if (isFound && found.kind === "loaded") {
            return loadCommand(ssh, on, { ...found.archive, file: found.file });
        }
        if (anew && at.image.startsWith(LOADED)) {
            const reason = `is another archive than that of ${at.image}, which containers are held at, and ${at.vm} is made anew without that one; give that archive as image, without rollback or canary`;
            throw new pulumi.InputPropertyError({ propertyPath: `${this.own.name}.image`, reason });
        }
        return pullCommand(ssh, on);
    }

    /** Builds on the first host that wants the image. What it makes is in the registry, and so outlives that machine. */
    private build({ set, vm, host }: Pick<ImagePlace, "set" | "vm" | "host">): command.local.Command {
        const { name } = this.own;
        const { platform } = this.spec;
        const script = pulumi.all([this.known, host.ssh]).apply(([found, ssh]) => {
            if (found.kind !== "built") return "";
            const { context, dockerfile = "Dockerfile", args = {}, target } = found.build;
            return buildCommand(ssh, { image: found.image, vm, context, dockerfile, args, target, platform });
        });
        // Names with "./", so that tar takes none for an option.
        const entries = this.known.apply((found) =>
            found.kind === "built" ? found.entries.map((entry) => `./${entry}\n`).join("") : "",
        );
        return new command.local.Command(
            `${name}-build`,
            {
                create: runScript,
                stdin: this.config(pulumi.interpolate`\n${entries}`),
                environment: { FUSION_SCRIPT: script },
            },
            { parent: set, dependsOn: host.ready, customTimeouts: { create: "60m", update: "60m" } },
        );
    }

    /** Docker's configuration with the credentials, secret, or nothing, and what follows it in standard input. */
    private config(rest: pulumi.Input<string>): pulumi.Output<string> {
        const { registryAuth } = this.args;
        const line =
            registryAuth === undefined
                ? ""
                : pulumi
                      .all([this.known, pulumi.secret(registryAuth)])
                      .apply(([found, auth]) => (found.kind === "loaded" ? "" : dockerConfig(found.registry, auth)));
        return pulumi.interpolate`${line}${rest}`;
    }
}

/** What a command has said of its containers in the last deployment. */
async function wantedBefore(set: pulumi.ComponentResource, name: string): Promise<string> {
    const outputs = await lastOutputs(urnOf(set, { type: "command:local:Command", name }));
    const { FUSION_CONTAINERS: names } = isRecord(outputs?.environment) ? outputs.environment : {};
    return typeof names === "string" ? names : "";
}
