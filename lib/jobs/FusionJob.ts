import * as pulumi from "@pulumi/pulumi";
import { containerOptions, readArgs, shownInputs } from "../containers/containerOptions";
import type { FusionContainerSetArgs } from "../containers/FusionContainerSet";
import { checkHosts, hostAccess, insecureRegistries } from "../containers/hosts";
import { PlacementRecord } from "../containers/PlacementRecord";
import { RoundPlanner } from "../containers/RoundPlanner";
import { setFacts } from "../containers/setFacts";
import { setVersion } from "../containers/setVersion";
import type { ExistingHost } from "../dockerHost";
import { ContainerImage } from "../images/ContainerImage";
import type { ImageArgs } from "../images/imageArgs";
import { knownValue } from "../known";
import { lastOutputs, urnOf } from "../lastState";
import { constructed, freshName, Round } from "../program";
import { stackName } from "../stackName";
import type { FusionVm } from "../vm/FusionVm";
import { createJobCommand } from "./createJobCommand";
import { jobShape } from "./jobShape";
import { type JobSpec, jobSpec, replicaOf } from "./jobSpec";
import { isOpen, type LastRun, readLastRun, runNumber, runTriggers, strayHost } from "./lastRun";
import { containerOf, versionOf } from "./runScript";

/** Arguments of {@link FusionJob}; those that it has in common with a set are a set's. */
export interface FusionJobArgs extends ImageArgs, Pick<FusionContainerSetArgs, "command" | "files" | "resources"> {
    /** The Docker hosts that the job may run on: `FusionVm`s, or machines that exist already. */
    hosts: readonly (FusionVm | ExistingHost)[];
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
 * A container that runs to its end: in the deployment, when what it is made of is not what it has run with last, or on a
 * schedule. What names the job in its `dependsOn`, such as a container set, waits for that.
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
        const hashed = setVersion(
            { env: args.env ?? {}, command: args.command ?? [], ports: [], more: containerOptions(args) },
            planner.saltOf(name),
        );
        const version = hashed.versionOf(image.reference);
        const state = await lastOutputs(urnOf(this, { type: "command:local:Command", name }));
        const last = readLastRun(state, planner.lastOf(name)?.held.get(replica));
        const number = version.apply((now) =>
            this.spec.schedule === undefined ? runNumber(last, versionOf({ job: name, version: now })) : 0,
        );
        // Written down before the command runs: what is begun and not ended makes the next deployment look for it.
        const held = pulumi
            .all([version, number])
            .apply(([now, turn]) => ({ [replica]: { vm, version: now, slots: [], turn } }));
        new PlacementRecord(name, { held, salt: hashed.salt, ...setFacts(set) }, { parent: this });
        await this.tell(vm, version, last);
        const containers = [version.apply((now) => containerOf({ job: name, stack: stackName(), version: now }))];
        const there = image.onHost({ set: this, vm, host, containers, isJob: true, reference: image.reference });
        const made = createJobCommand({
            job: this,
            spec: this.spec,
            args,
            vm,
            host,
            version,
            number,
            last,
            image: image.reference,
            ready: there,
        });
        this.registerOutputs({ host: vm });
        return { host: made.urn.apply(() => vm) };
    }

    /** Says what becomes of the job in this deployment: the state has what it ran with last. */
    private async tell(vm: string, version: pulumi.Output<string>, last: LastRun): Promise<void> {
        const { schedule, set } = this.spec;
        if (schedule !== undefined) {
            return;
        }
        const now = await knownValue(version);
        const isSame = now !== undefined && last.done?.version === versionOf({ job: set.name, version: now });
        if (!isSame || runTriggers(last, vm).join() !== last.done?.triggers.join()) {
            await pulumi.log.info(`${set.name} runs on ${vm}.`, this);
        } else if (isOpen(last)) {
            const what = `its last run has not ended well: ${vm} is looked at for what is left of it`;
            await pulumi.log.info(`${set.name}: ${what}.`, this);
        }
        const stray = strayHost(last, vm);
        if (stray !== undefined) {
            const filters = `--filter label=fusion.job=${set.name} --filter label=fusion.stack=${stackName()}`;
            const remedy = `remove what is left of it there: docker rm --force $(docker ps --all --quiet ${filters})`;
            await pulumi.log.warn(
                `${set.name}: a run on ${stray} was not seen to end well, and may go on; ${remedy}`,
                this,
            );
        }
    }
}
