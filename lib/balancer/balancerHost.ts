import * as pulumi from "@pulumi/pulumi";
import { asRoot } from "../asRoot";
import { withMachine } from "../dockerHost";
import { type SshTarget, sshCommand } from "../ssh";
import { FusionVm } from "../vm/FusionVm";
import type { BalancerSpec } from "./balancerSpec";
import type { FusionBalancerArgs } from "./FusionBalancer";

/** The machine that HAProxy runs on, as the commands of a balancer need it. */
export interface BalancerHost {
    /** The command that runs a script there as root. */
    run(script: string): pulumi.Output<string>;
    /** The same for a script that changes how HAProxy serves, be it a step before a deployment. */
    change(script: string, kind?: "step"): pulumi.Output<string>;
    /** What those commands wait for. */
    ready: pulumi.Resource[];
    /** They go with the machine, where that is a virtual one. */
    options: pulumi.CustomResourceOptions;
    /** Whether this deployment interrupts the machine. */
    isInterrupted: boolean;
}

/** A balancer's arguments, and where its commands run. */
export type PlacedBalancer = BalancerSpec & { host: BalancerHost };

/** @param ssh how a machine that exists already is reached; undefined: this machine */
export async function balancerHost(
    host: FusionBalancerArgs["host"],
    ssh: SshTarget | undefined,
): Promise<BalancerHost> {
    const on = (target: SshTarget | undefined) => (text: string) =>
        target === undefined ? root(text) : sshCommand(target, root(text));
    if (!(host instanceof FusionVm)) {
        const run = (text: string) => pulumi.output(on(ssh)(text));
        return { run, change: run, ready: [], options: {}, isInterrupted: false };
    }
    const vm = await host.host;
    const run = (text: string) => vm.ssh.apply((target) => on(target)(text));
    return {
        ...{ run, change: run },
        ready: vm.ready,
        options: withMachine(vm),
        isInterrupted: vm.machine?.takesTurn === true,
    };
}

const root = (text: string): string => asRoot(text, "HAProxy needs root");
