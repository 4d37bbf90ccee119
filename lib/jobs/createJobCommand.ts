import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { containerOptions } from "../containers/containerOptions";
import { type HostAccess, withMachine } from "../dockerHost";
import type { SshTarget } from "../ssh";
import { stackName, stackPrefix } from "../stackName";
import type { FusionJobArgs } from "./FusionJob";
import type { JobSpec } from "./jobSpec";
import { type LastRun, runTriggers } from "./lastRun";
import { forgetCommand, type JobRun, jobData, runOnceScript, versionOf } from "./runScript";
import { scheduleScript, unscheduleCommand } from "./timerScript";

/** Where a job runs, and what. */
interface CommandPlan {
    job: pulumi.Resource;
    spec: JobSpec;
    args: FusionJobArgs;
    vm: string;
    host: HostAccess;
    version: pulumi.Output<string>;
    /** Of the run, as {@link runNumber} has it. */
    number: pulumi.Output<number>;
    last: LastRun;
    image: pulumi.Output<string>;
    /** What makes the host have the image. */
    ready: pulumi.Resource;
}

/** Makes what runs a job once, or has its host run it on a schedule; made or changed, the job has run or is scheduled. */
export function createJobCommand(plan: CommandPlan): command.local.Command {
    const { job, spec, args, vm, host, version, number, last } = plan;
    const { schedule, timeoutSeconds } = spec;
    const { name } = spec.set;
    const own = { job: name, stack: stackName(), vm };
    const unit = `fusion-${stackPrefix()}-${name}`;
    const run = pulumi.all([version, plan.image, args.command ?? []]).apply(([now, image, words]): JobRun => {
        const options = limitsOf(args);
        return { ...own, version: now, image, command: words, options, timeoutSeconds };
    });
    const script = pulumi
        .all([host.ssh, run])
        .apply(([ssh, it]) =>
            schedule === undefined ? runOnceScript(ssh, it) : scheduleScript(ssh, { ...it, unit, schedule }),
        );
    const remove = (ssh: SshTarget): string =>
        schedule === undefined ? forgetCommand(ssh, own) : unscheduleCommand(ssh, { ...own, unit });
    const { uploads = [] } = containerOptions(args);
    const data = pulumi.all([args.env ?? {}, uploads]).apply(([env, files]) => jobData({ env, files }));
    // What another deployment has left is waited for as well.
    const limit = `${2 * timeoutSeconds + 300}s`;
    // With its machine a schedule is made anew; what has run once has run, and its last version with it.
    const { deletedWith, ...anew } = withMachine(host);
    return new command.local.Command(
        name,
        {
            create: 'sh -c "$FUSION_SCRIPT"',
            stdin: pulumi.secret(data),
            environment: {
                FUSION_SCRIPT: script,
                FUSION_JOB: run.apply(versionOf),
                FUSION_HOST: vm,
                ...(schedule === undefined && { FUSION_RUN: number.apply(String) }),
            },
            delete: host.ssh.apply(remove),
            // A schedule is taken away where it was, and by the name that it had. A run is not made again elsewhere.
            triggers: schedule === undefined ? runTriggers(last, vm) : [vm, unit],
        },
        {
            parent: job,
            dependsOn: [...host.ready, plan.ready],
            deleteBeforeReplace: true,
            customTimeouts: { create: limit, update: limit },
            ...(deletedWith && { deletedWith }),
            ...(schedule !== undefined && anew),
        },
    );
}

/** What the container is held to, as options of `docker create`. */
function limitsOf(args: FusionJobArgs): string[] {
    const { cpus, memory, memorySwap } = containerOptions(args);
    return [
        ...(cpus === undefined ? [] : [`--cpus=${cpus}`]),
        ...(memory === undefined ? [] : [`--memory=${memory}m`, `--memory-swap=${memorySwap}m`]),
    ];
}
