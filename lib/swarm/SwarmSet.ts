import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { secretFiles } from "../containers/containerOptions";
import type { Endpoint } from "../containers/endpoint";
import type { FusionContainerSetArgs } from "../containers/FusionContainerSet";
import { insecureRegistries } from "../containers/hosts";
import { PlacementRecord } from "../containers/PlacementRecord";
import type { Rollout } from "../containers/Rollout";
import { secretPrints, tellSecrets } from "../containers/secretPrints";
import { setFacts } from "../containers/setFacts";
import { setVersion } from "../containers/setVersion";
import { ContainerImage } from "../images/ContainerImage";
import { isArchived, isBuilt } from "../images/imageSpec";
import { knownValue } from "../known";
import { programOf, type Round } from "../program";
import type { SshTarget } from "../ssh";
import { awaitSettled } from "./awaitSettled";
import { createFiles } from "./createFiles";
import { createGate, limitOf } from "./createGate";
import { createLogin, imageForLogin } from "./createLogin";
import { serviceEndpoints, type TaskServer, taskServers } from "./endpoints";
import type { FusionSwarm, SwarmParts } from "./FusionSwarm";
import { managersOf } from "./managersOf";
import { ProgramPorts } from "./ProgramPorts";
import { ProgramServices } from "./ProgramServices";
import { ServedRecord, type ServiceMemory, ServiceRecord } from "./ServiceRecord";
import { servicePlace } from "./servicePlace";
import { mostPerNode, type SwarmSetSpec, swarmSetSpec } from "./serviceSpec";
import { type ServiceInputs, serviceValues, taskOptions } from "./serviceValues";
import { countOf, madeAnewFor, type ToldService, tellMove, tellService, volumeNames } from "./tellService";
import { type Brought, isSame, nextBrought, withFiles } from "./turn";

/** What a deployment does to a service, for those who follow it. */
export interface ServiceChange {
    name: string;
    managers: readonly pulumi.Output<SshTarget>[];
    brought: pulumi.Output<Brought>;
    /** How long it may take. */
    limitSeconds: number;
    /** Whatever else changes where tasks run. */
    more: string;
    /** Servers for tasks on nodes, those that leave too; none on the mesh, which forgets tasks by itself. */
    tasks: readonly TaskServer[];
}

/**
 * What of a service whose version stays is not changed by the provider, which brings the environment into another order each time, so
 * that Swarm would replace all tasks: the gate does the first two, the others are there for the next version, which comes with them.
 */
const KEPT = ["mode", "taskSpec.placement.constraints", "labels", "updateConfig", "rollbackConfig"];

/** A container set as a service of a swarm. */
export class SwarmSet {
    readonly spec: SwarmSetSpec;
    private pairs: readonly number[] = [];
    private before: ServiceMemory | undefined;
    private readonly image: ContainerImage | undefined;

    constructor(
        private readonly set: pulumi.ComponentResource,
        name: string,
        private readonly args: FusionContainerSetArgs,
        private readonly swarm: FusionSwarm,
        round: Round,
    ) {
        this.spec = swarmSetSpec(name, args, swarm.spec, round.faults);
        const { image } = args;
        if (!isArchived(image) && !isBuilt(image)) {
            this.image = new ContainerImage({ name, insecure: swarm.hosts.flatMap(insecureRegistries) }, args, round);
        }
        const services = ProgramServices.of(programOf(round));
        const member = { set: this.spec, swarm: swarm.spec };
        services.add(member);
        round.before((faults) => services.check(member, faults));
        round.before(async (faults) => {
            this.before = await ServiceRecord.of(set, name);
            this.pairs = await ProgramPorts.of(programOf(round)).give(this.spec, swarm.spec.name, faults);
        });
    }

    /** What makes a host a node of the swarm; undefined where the set may not run there. */
    async nodeOn(host: string): Promise<readonly pulumi.Resource[] | undefined> {
        return this.spec.swarm.nodes.some(({ name }) => name === host) ? this.swarm.nodeOn(host) : undefined;
    }

    /** Where it may answer. There once the round is valid. */
    get endpoints(): Endpoint[] {
        return serviceEndpoints(this.spec, this.pairs);
    }

    /** Makes the service. @param rollout what is done before it changes */
    async create(rollout: Rollout): Promise<{ endpoints: pulumi.Output<Endpoint[]>; change: ServiceChange }> {
        const { spec, set, swarm, args, before } = this;
        const parts = await swarm.parts();
        const managers = await managersOf(swarm, parts.asked);
        const common = {
            ...{ parent: set, provider: parts.provider, dependsOn: parts.ready },
            ...parts.bound,
        };
        const reference = imageForLogin(this.image?.reference ?? pulumi.output(""), args);
        const { versionOf, salt } = this.version();
        const prints = secretPrints(args, salt);
        const files = createFiles(set, spec.name, args.files ?? {}, prints, before, common);
        const served = await ServedRecord.of(set, spec.name);
        const seen = await awaitSettled(spec, managers, before?.brought, served);
        const numbers = pulumi.all(files.map(({ path, number }) => number.apply((count) => [path, count] as const)));
        const brought = pulumi
            .all([versionOf(reference), numbers])
            .apply(([version, counts]) => nextBrought(withFiles(version, counts), before?.brought, served, seen));
        const { constraints, gone, place, tries } = await servicePlace(set, spec, swarm, before);
        const { replicas, publish } = spec.swarm;
        const now = {
            ...{ replicas, publish, nodes: nodeNames(spec), networks: this.networkNames() },
            ...{ gone, place, tries, swarm: swarm.spec.name },
        };
        const filed = numbers.apply((all) => Object.fromEntries<number>(all));
        new ServiceRecord(
            spec.name,
            {
                ...{ ...setFacts(spec), ...this.rules(), ...now, pairs: this.pairs },
                ...{ brought, image: reference, salt, prints, files: filed },
            },
            { parent: set },
        );
        const told = { ...now, image: await knownValue(reference), brought: await knownValue(brought) };
        await this.tell(told, seen, prints);
        const stays = before !== undefined && told.brought !== undefined && isSame(told.brought, served);
        const isKept = stays && isSame(before.brought, served) && madeAnewFor(told, before) === undefined;
        const login = args.registryAuth && createLogin(set, spec.name, reference, args, managers);
        const service = this.createService(
            {
                image: reference,
                brought,
                pairs: this.pairs,
                files,
                constraints,
                tries,
                networks: this.networkIds(parts),
            },
            { ...common, ...(login && { provider: login }), ignoreChanges: isKept ? KEPT : [] },
            rollout,
        );
        const gate = createGate(set, spec, service, {
            ...{ managers, brought, constraints, tries, stopSeconds: args.stopSeconds },
        });
        const serving = pulumi.all([brought, gate.urn]).apply(([one]): Brought => one);
        new ServedRecord(
            spec.name,
            serving,
            gate.urn.apply(() => place),
            { parent: set },
        );
        const more = JSON.stringify([place, tries]);
        return { endpoints: gate.urn.apply(() => this.endpoints), change: this.change(managers, brought, more, gone) };
    }

    private networkNames(): string[] {
        const { networks } = this.swarm.spec;
        return this.spec.swarm.networks.map((one) => `${one}${networks[one]?.encrypted ? "-encrypted" : ""}`);
    }

    private networkIds({ networks }: SwarmParts): pulumi.Output<string>[] {
        return this.spec.swarm.networks.flatMap((one) => networks.get(one)?.id ?? []);
    }

    private createService(
        inputs: ServiceInputs,
        opts: pulumi.CustomResourceOptions & { replacementTrigger?: string },
        rollout: Rollout,
    ): docker.Service {
        const { spec, args } = this;
        const { replacementTrigger: machine } = opts;
        return new docker.Service(
            spec.name,
            {
                // Registered when balancers know where it may answer; nothing in the state depends on that.
                name: pulumi.output(rollout.leads().then(() => spec.name)),
                ...serviceValues(spec, args, inputs),
            },
            {
                ...opts,
                // Its name is its address for others.
                deleteBeforeReplace: true,
                // From the mesh to ports of the nodes the mesh would let go of the old tasks before there are new ones.
                replacementTrigger: [
                    spec.swarm.replicas === undefined ? "global" : "replicated",
                    ...(spec.swarm.publish === "mesh" ? ["mesh"] : []),
                    ...(machine === undefined ? [] : [machine]),
                    // Another provider of the same kind is no reason for the engine.
                    `on ${this.swarm.spec.name}`,
                ].join(" "),
                // Docker writes there what the image is for when it makes a service, and nothing when it changes one.
                ignoreChanges: [
                    ...(opts.ignoreChanges ?? []),
                    ...(args.platform === undefined ? ["taskSpec.placement.platforms"] : []),
                ],
            },
        );
    }

    private change(
        managers: ServiceChange["managers"],
        brought: pulumi.Output<Brought>,
        more: string,
        gone: readonly string[],
    ): ServiceChange {
        const { spec, args } = this;
        const { publish } = spec.swarm;
        return {
            name: spec.name,
            managers,
            brought,
            more,
            limitSeconds: 2 * limitOf(spec, args.stopSeconds),
            tasks: publish === "mesh" ? [] : taskServers(spec, this.pairs, [...nodeNames(spec), ...gone]),
        };
    }

    private version() {
        const { spec, args, before } = this;
        const { env = {}, command = [], files, registryAuth } = args;
        const ports = spec.ports.map((port) => ({ ...port, publish: spec.swarm.publish }));
        const more = {
            ...taskOptions(spec, args),
            ...(files !== undefined && { files: secretFiles(files) }),
            // Swarm keeps them with the service, and replaces all tasks for others.
            ...(registryAuth !== undefined && { registryAuth: pulumi.secret(registryAuth) }),
        };
        return setVersion({ env, command, ports, more }, before?.salt);
    }

    private rules() {
        const { spreadOver } = this.spec.swarm;
        const maxPerNode = mostPerNode(this.spec);
        return { ...(maxPerNode !== undefined && { maxPerNode }), ...(spreadOver !== undefined && { spreadOver }) };
    }

    /** Says what becomes of the set, in the preview and in the deployment. */
    private async tell(
        now: ToldService,
        seen: { isBusy: boolean } | undefined,
        prints: pulumi.Output<Record<string, string> | undefined>,
    ): Promise<void> {
        const { spec, set, before, args } = this;
        const farm = this.swarm.spec.name;
        const update = { ...spec.update, onFailure: spec.swarm.onFailure };
        const plain = (await PlacementRecord.of(set, spec.name)).held.size;
        const words = [
            plain > 0
                ? tellMove(spec.name, "swarm", farm, [plain, countOf(now)], volumeNames(args.volumes))
                : undefined,
            tellService(spec.name, update, now, before, seen?.isBusy ?? false),
            tellSecrets(spec.name, before?.prints, await knownValue(prints)),
        ].filter((text) => text !== undefined);
        if (words.length > 0) await pulumi.log.info(words.join("\n"), set);
    }
}

const nodeNames = ({ swarm }: SwarmSetSpec): string[] => swarm.nodes.map(({ name }) => name).sort();
