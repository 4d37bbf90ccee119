import * as pulumi from "@pulumi/pulumi";
import { isRecord } from "../isRecord";
import { lastOutputs, urnOf } from "../lastState";

const TYPE = "fusion:index:BalancerRecord";

/**
 * Keeps in the stack's state which configuration a deployment was about to bring into effect. One whose connection was lost may run
 * all the same, and the engine knows the one before: a program that goes back to that one would change nothing.
 */
export class BalancerRecord extends pulumi.ComponentResource {
    constructor(name: string, config: pulumi.Output<string>, opts: pulumi.ComponentResourceOptions) {
        super(TYPE, name, {}, opts);
        this.registerOutputs({ config: config.apply(hashIn) });
    }

    /**
     * The number of the deployment of a balancer's configuration; another one makes the engine deploy it, whatever it is. It is
     * that of the last one, but where no deployment has seen that one's end.
     */
    static async runNumber(balancer: pulumi.ComponentResource, name: string): Promise<number> {
        const begun = (await lastOutputs(urnOf(balancer, { type: TYPE, name })))?.config;
        const command = await lastOutputs(urnOf(balancer, { type: "command:local:Command", name }));
        const environment = isRecord(command?.environment) ? command.environment : {};
        const last = Number(environment.FUSION_RUN ?? 0);
        const isOpen = begun !== undefined && command !== undefined && begun !== hashIn(String(command.stdin));
        return isOpen ? last + 1 : last;
    }
}

/** The hash by which a configuration names itself. */
const hashIn = (config: string): string => /^ *description "fusion-([0-9a-f]+)"$/m.exec(config)?.[1] ?? "";
