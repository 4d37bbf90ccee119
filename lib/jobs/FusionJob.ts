import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { containerOptions, readArgs, shownInputs } from "../containers/containerOptions";
import type { FusionContainerSetArgs } from "../containers/FusionContainerSet";
import { checkHosts, hostAccess, insecureRegistries } from "../containers/hosts";
import { PlacementRecord } from "../containers/PlacementRecord";
import { RoundPlanner } from "../containers/RoundPlanner";
import { setFacts } from "../containers/setFacts";
import { setVersion } from "../containers/setVersion";
import { type HostAccess, withMachine } from "../dockerHost";
import { ContainerImage } from "../images/ContainerImage";
import type { ImageArgs } from "../images/imageArgs";
import { isRecord } from "../isRecord";
import { knownValue } from "../known";
import { lastOutputs, urnOf } from "../lastState";
import { constructed, freshName, Round } from "../program";
import type { SshTarget } from "../ssh";
import { jobShape } from "./jobShape";
import { type JobSpec, jobSpec, replicaOf } from "./jobSpec";
import { containerOf, forgetCommand, type JobRun, jobData, runOnceScript } from "./runScript";
import { scheduleScript, unscheduleCommand } from "./timerScript";

/** Arguments of {@link FusionJob}; those that it has in common with a set are a set's. */
export interface FusionJobArgs
    extends ImageArgs,
        Pick<FusionContainerSetArgs, "hosts" | "command" | "files" | "resources"> {
    /**
     * Environment. `FUSION_HOST` and `FUSION_JOB` are there already. A value may be a secret; `docker inspect` shows it on the
     * host while the job runs, unlike that of `files`. @default {}
     */
    env?: Readonly<Record<string, pulumi.Input<string>>>;
    /** On which of `hosts` the job may and should run, by the rules of a set. It stays where it was as long as they allow it. */
    placement?: Pick<
        NonNullable<FusionContainerSetArgs["placement"]>,
        "objective" | "require" | "prefer" | "antiAffinity" | "affinity"
    >;
    /** Seconds that a run may take before it is stopped and has failed. @default 600 */
    timeoutSeconds?: number;
    /**
     * When the host runs the job by itself: systemd's OnCalendar, `"daily"` or `"*-*-* 03:00:00"`, in the host's time zone unless
     * it names one. A run that was missed, the host being off, is made up for. @default once, in the deployment
     */
    schedule?: string;
}

interface JobParts {
    host: pulumi.Output<string>;
}

const TYPE = "fusion:index:FusionJob";

/**
 * A container that runs to its end: once for each version of what it is made of, in the deployment, or on a schedule. What
 * names the job in its `dependsOn`, such as a container set, waits for that.
 *
 * Errors: `InputPropertiesError` at preview for wrong arguments or an image that is not there; `up` fails with the job's last
 * lines when it ends with another exit code than 0 or not in time, and what waits for it stays as it is. The next `up` runs it
 * again.
 */
export class FusionJob extends pulumi.ComponentResource<JobParts> {
    /** The host's name; known at preview, and there when the job has run, or is scheduled. */
    readonly host: pulumi.Output<string>;
    private readonly spec: JobSpec;
    private readonly round = Round.current();
    private readonly planner = RoundPlanner.of(this.round);
    private readonly image: ContainerImage;
    private readonly args: FusionJobArgs;

    constructor(name: string, given: FusionJobArgs, opts?: pulumi.ComponentResourceOptions) {
        super(TYPE, freshName(TYPE, name, opts), shownInputs(name, given, jobShape), opts);
        const { faults } = this.round;
        const args = readArgs(name, given, jobShape, faults);
        this.args = args;
        this.spec = jobSpec(name, args, checkHosts(name, args.hosts, faults), faults);
        this.planner.add(this, this.spec.set);
        this.image = new ContainerImage({ name, insecure: args.hosts.flatMap(insecureRegistries) }, args, this.round);
        this.host = pulumi.output(this.getData()).host;
    }

    protected override async initialize(): Promise<JobParts> {
        await constructed;
        await this.round.valid;
        const { args, planner, image } = this;
        const { set } = this.spec;
        const { name } = set;
        const replica = replicaOf(name);
        const vm = planner.plan(name).get(replica)?.vm;
        const given = args.hosts.find((_, index) => set.hosts[index]?.name === vm);
        if (vm === undefined || given === undefined) {
            throw new Error(`${name} has no host`);
        }
        const host = await hostAccess(given);
        const { versionOf, salt } = setVersion(
            { env: args.env ?? {}, command: args.command ?? [], ports: [], more: containerOptions(args) },
            planner.saltOf(name),
        );
        const version = versionOf(image.reference);
        const held = version.apply((now) => ({ [replica]: { vm, version: now, slots: [], turn: 0 } }));
        new PlacementRecord(name, { held, salt, ...setFacts(set) }, { parent: this });
        await this.tell(vm, version);
        const containers = [version.apply((now) => containerOf({ job: name, version: now }))];
        const there = image.onHost({ set: this, vm, host, containers, reference: image.reference });
        const made = this.createCommand({ vm, host, version, image: there });
        this.registerOutputs({ host: vm });
        return { host: made.urn.apply(() => vm) };
    }

    /** Says that the job runs in this deployment: the state has what it ran with last. */
    private async tell(vm: string, version: pulumi.Output<string>): Promise<void> {
        const { schedule, set } = this.spec;
        const last = await lastOutputs(urnOf(this, { type: "command:local:Command", name: set.name }));
        const ran = isRecord(last?.environment) ? last.environment.FUSION_JOB : undefined;
        const now = await knownValue(version);
        if (schedule === undefined && (now === undefined || ran !== containerOf({ job: set.name, version: now }))) {
            await pulumi.log.info(`${set.name} runs on ${vm}.`, this);
        }
    }

    private createCommand(at: JobPlace): command.local.Command {
        const { name } = this.spec.set;
        const { schedule, timeoutSeconds } = this.spec;
        const { vm, host, version } = at;
        const run = pulumi
            .all([version, this.image.reference, this.args.command ?? []])
            .apply(([now, image, words]): JobRun => {
                const options = limitsOf(this.args);
                return { job: name, version: now, vm, image, command: words, options, timeoutSeconds };
            });
        const script = pulumi
            .all([host.ssh, run])
            .apply(([ssh, it]) =>
                schedule === undefined ? runOnceScript(ssh, it) : scheduleScript(ssh, { ...it, schedule }),
            );
        const remove = (ssh: SshTarget): string =>
            schedule === undefined ? forgetCommand(ssh, { job: name, vm }) : unscheduleCommand(ssh, { job: name, vm });
        const { uploads = [] } = containerOptions(this.args);
        const data = pulumi.all([this.args.env ?? {}, uploads]).apply(([env, files]) => jobData({ env, files }));
        // What another deployment has left is waited for as well.
        const limit = `${2 * timeoutSeconds + 300}s`;
        // With its machine a schedule is made anew; what has run once has run, and its last version with it.
        const { deletedWith, replaceWith } = withMachine(host);
        return new command.local.Command(
            name,
            {
                create: 'sh -c "$FUSION_SCRIPT"',
                stdin: pulumi.secret(data),
                environment: { FUSION_SCRIPT: script, FUSION_JOB: run.apply(containerOf) },
                delete: host.ssh.apply(remove),
                // A schedule is taken away where it was. A run is not made again elsewhere.
                triggers: [schedule === undefined ? "once" : vm],
            },
            {
                parent: this,
                dependsOn: [...host.ready, at.image],
                deleteBeforeReplace: true,
                customTimeouts: { create: limit, update: limit },
                ...(deletedWith && { deletedWith }),
                ...(schedule !== undefined && replaceWith && { replaceWith }),
            },
        );
    }
}

/** Where a job runs, and what. */
interface JobPlace {
    vm: string;
    host: HostAccess;
    version: pulumi.Output<string>;
    image: pulumi.Resource;
}

/** What the container is held to, as options of `docker create`. */
function limitsOf(args: FusionJobArgs): string[] {
    const { cpus, memory, memorySwap } = containerOptions(args);
    return [
        ...(cpus === undefined ? [] : [`--cpus=${cpus}`]),
        ...(memory === undefined ? [] : [`--memory=${memory}m`, `--memory-swap=${memorySwap}m`]),
    ];
}
