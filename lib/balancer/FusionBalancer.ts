import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { sshShape } from "../checkSshTarget";
import { type Endpoint, FusionContainerSet } from "../containers/FusionContainerSet";
import { Faults, show } from "../faults";
import { FusionHypervisor } from "../hypervisor/FusionHypervisor";
import { constructed, freshName, Round } from "../program";
import { shaped } from "../shape";
import { type SshTarget, scriptOn } from "../ssh";
import { makeSshFolder } from "../sshFolder";
import { Turns } from "../vm/turns";
import { balancerShape } from "./balancerShape";
import { type BalancerSpec, balancerSpec } from "./balancerSpec";
import { checkReach } from "./checkReach";
import { createInService } from "./createInService";
import { createRolloutService, type RolloutService } from "./createRolloutService";
import { deployScript, HARD_STOP_AFTER, removeBalancerScript, socketPath } from "./deployScript";
import type { Algorithm } from "./haproxySpec";
import { renderHaproxyConfig } from "./renderHaproxyConfig";

/** Arguments of {@link FusionBalancer}. All are plain values, so that everything they lead to is known at preview. */
export interface FusionBalancerArgs {
    /** The TCP port that clients connect to, on every address of the machine or on one. */
    listen: number | { address?: string; port: number };
    /** The container set that serves. */
    backends: readonly FusionContainerSet[];
    /** How requests are spread. @default "roundrobin" */
    algorithm?: Algorithm;
    /** Where HAProxy runs: on a hypervisor, or on a machine reached over ssh as root. @default this machine */
    host?: FusionHypervisor | { ssh: SshTarget };
    /** The address that clients use, for `url`. @default that of `listen`, else of `host`, else "localhost" */
    address?: string;
    /** Seconds that the requests of a machine have to end when it is taken out of service to be changed. @default 30 */
    drainSeconds?: number;
    /** Directory of its own on that machine, at most 90 characters. @default `/var/lib/fusion/` and the component's name */
    directory?: string;
}

interface BalancerParts {
    config: pulumi.Output<string>;
    /** There once HAProxy runs with the configuration. */
    running: pulumi.Output<string>;
    /** By machine: what keeps its servers in service, and takes them out before the machine is changed. */
    inService: ReadonlyMap<string, command.local.Command>;
    rollout: RolloutService;
}

/** The arguments as far as they can be read; what is not goes to `faults`. */
function readArgs(name: string, given: FusionBalancerArgs, faults: Faults): FusionBalancerArgs {
    const args = shaped(name, given, balancerShape, faults);
    const backends = args.backends ?? [];
    for (const [index, set] of backends.entries()) {
        if (!(set instanceof FusionContainerSet)) {
            const remedy = "give what new FusionContainerSet(...) has made";
            faults.add(`${name}.backends[${index}]`, `must be a FusionContainerSet, got ${show(set)}; ${remedy}`);
            faults.cover(`${name}.backends`);
        }
    }
    const { host, listen, ...others } = args;
    const isThere = host instanceof FusionHypervisor || host === undefined;
    const isPort = listen === undefined || typeof listen === "number";
    return {
        ...others,
        listen: isPort ? listen : shaped(`${name}.listen`, listen, { address: "text", port: "number" }, faults),
        backends: backends.filter((set) => set instanceof FusionContainerSet),
        ...(host !== undefined && { host: isThere ? host : shaped(`${name}.host`, host, { ssh: sshShape }, faults) }),
    };
}

/** The arguments as they stand in the state; nothing where they cannot be read. */
function shownInputs(name: string, given: FusionBalancerArgs): pulumi.Inputs {
    const faults = new Faults();
    const { host, backends, ...others } = readArgs(name, given, faults);
    const shown = host instanceof FusionHypervisor ? host.spec.name : host;
    const sets = backends.map((set) => set.spec.name);
    return faults.size > 0 ? {} : { ...others, backends: sets, ...(shown && { host: shown }) };
}

const TYPE = "fusion:index:FusionBalancer";

/**
 * HAProxy in front of a container set: health checks, requests spread over the replicas, and a configuration that changes
 * without losing a connection.
 *
 * Errors: `InputPropertiesError` at preview for wrong arguments; `up` fails, the old configuration serving on, when HAProxy
 * refuses the new one or its servers do not answer.
 */
export class FusionBalancer extends pulumi.ComponentResource<BalancerParts> {
    /** @internal */
    readonly spec: BalancerSpec;
    /** Where clients find the service: `http://localhost/`. */
    readonly url: pulumi.Output<string>;
    /** The text of HAProxy's configuration. */
    readonly config: pulumi.Output<string>;
    private readonly round = Round.current();
    private readonly args: FusionBalancerArgs;

    constructor(name: string, given: FusionBalancerArgs, opts?: pulumi.ComponentResourceOptions) {
        super(TYPE, freshName(TYPE, name, opts), shownInputs(name, given), opts);
        const args = readArgs(name, given, this.round.faults);
        this.args = args;
        const sets = args.backends.map((set) => set.spec);
        const { host } = args;
        const ssh = host instanceof FusionHypervisor ? host.spec.connection.ssh : host?.ssh;
        this.spec = balancerSpec(name, args, sets, ssh, this.round.faults);
        if (host instanceof FusionHypervisor) {
            host.wanted.balancers.push(name);
        }
        this.round.before((faults) => checkReach(name, sets, faults));
        const { url } = this.spec;
        Turns.of(this.round).follow(async (vm) => {
            const service = (await this.getData()).inService.get(vm);
            return service === undefined ? [] : [service];
        });
        for (const set of args.backends) {
            set.rollout.follow(async ({ index }) => (await this.getData()).rollout.get(set)?.[index] ?? []);
        }
        const parts = pulumi.output(this.getData());
        this.url = parts.running.apply(() => url);
        this.config = parts.config;
    }

    protected override async initialize(): Promise<BalancerParts> {
        await constructed;
        await this.round.valid;
        const { args, spec } = this;
        if (spec.ssh !== undefined) {
            makeSshFolder();
        }
        const config = pulumi
            .all(args.backends.map(({ endpoints }) => endpoints))
            .apply((endpoints) => render(spec, args.backends, endpoints));
        const deployed = new command.local.Command(
            spec.name,
            {
                // The text alone is in standard input, so that a preview shows the difference between two configurations.
                create: scriptOn(spec.ssh, deployScript(spec.directory, HARD_STOP_AFTER)),
                stdin: config,
                delete: scriptOn(spec.ssh, removeBalancerScript(spec.directory)),
                // Another place is another HAProxy; it may want the same port.
                triggers: [spec.directory, spec.ssh?.address ?? ""],
            },
            { parent: this, dependsOn: [...args.backends], deleteBeforeReplace: true },
        );
        const inService = await createInService(this, spec, args.backends);
        const rollout = await createRolloutService(this, spec, args.backends);
        this.registerOutputs({ url: spec.url, config });
        return { config, running: deployed.urn, inService, rollout };
    }
}

function render(spec: BalancerSpec, sets: readonly FusionContainerSet[], endpoints: readonly Endpoint[][]): string {
    return renderHaproxyConfig({
        socket: socketPath(spec.directory),
        hardStopAfterSeconds: HARD_STOP_AFTER,
        frontends: sets.map((set) => ({ name: spec.name, bind: [spec.bind], defaultBackend: set.spec.name })),
        backends: sets.map((set, index) => ({
            name: set.spec.name,
            algorithm: spec.algorithm,
            ...(set.spec.healthCheck?.http !== undefined && {
                healthCheck: { http: { path: set.spec.healthCheck.http.path ?? "/" } },
            }),
            servers: (endpoints[index] ?? []).map(({ name, address, port, weight, checkPort }) => ({
                name,
                address,
                port,
                ...(weight !== undefined && { weight }),
                ...(checkPort !== undefined && { checkPort }),
            })),
        })),
    });
}
