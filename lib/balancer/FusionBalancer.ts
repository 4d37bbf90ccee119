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
import { backendShape, balancerShape, listenerShape } from "./balancerShape";
import type { BackendArgs, Listener, MetricsArgs, TlsArgs } from "./balancerArgs";
import { type BalancerSpec, balancerSpec } from "./balancerSpec";
import { checkAtPreview } from "./checkAtPreview";
import { checkReach } from "./checkReach";
import { createInService } from "./createInService";
import { createRolloutService, type RolloutService } from "./createRolloutService";
import { deployScript, removeBalancerScript } from "./deployScript";
import type { Algorithm, HaproxyClients, HaproxyServer, HaproxyTimeouts, Mode } from "./haproxySpec";
import { HARD_STOP_AFTER } from "./places";
import { renderHaproxyConfig } from "./renderHaproxyConfig";
import { balancerSecrets, checkCertificates, secretScript } from "./secrets";

/**
 * Arguments of {@link FusionBalancer}. All but texts of certificates, keys and passwords are plain values, so that everything
 * they lead to is known at preview.
 */
export interface FusionBalancerArgs {
    /** What clients connect to: a TCP port on every IPv4 address of the machine, or ports with more said. */
    listen: number | Listener | readonly Listener[];
    /**
     * Who serves: container sets, and plain addresses. One may be without a `match`: it gets what no other takes. Of the
     * others that of more headers, then of hosts, then of the longest path is asked first.
     */
    backends: readonly (FusionContainerSet | BackendArgs)[];
    /** Whether requests are understood, or connections passed on as they are. @default "http" */
    mode?: Mode;
    /** How requests are spread, where a backend says nothing else. @default "roundrobin" */
    algorithm?: Algorithm;
    /** TLS, for the listeners that say so. @default none */
    tls?: TlsArgs;
    /** Who may connect, and how often. */
    clients?: HaproxyClients;
    /** Whole seconds, for all backends. */
    timeouts?: HaproxyTimeouts;
    /** Connections of clients at once; more wait in the kernel. @default 8000 */
    maxConnections?: number;
    /** Where Prometheus and people look. @default nowhere */
    metrics?: MetricsArgs;
    /**
     * Lines in HAProxy's own language, for what has no argument here. Rules go behind the library's own of the same kind.
     * Lines of a backend are given with it.
     */
    lines?: {
        global?: readonly string[];
        defaults?: readonly string[];
        frontend?: readonly string[];
    };
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
    const { host, listen, backends: all, ...others } = shaped(name, given, balancerShape, faults);
    const backends = (Array.isArray(all) ? all : []).flatMap((one: unknown, index) => {
        if (one instanceof FusionContainerSet) return [one];
        const path = `${name}.backends[${index}]`;
        const read = shaped(path, one as BackendArgs, backendShape, faults);
        if (read.set === undefined || read.set instanceof FusionContainerSet) return [read];
        const remedy = "give what new FusionContainerSet(...) has made";
        faults.add(`${path}.set`, `must be a FusionContainerSet, got ${show(read.set)}; ${remedy}`);
        faults.cover(path);
        return [];
    });
    const isThere = host instanceof FusionHypervisor || host === undefined;
    return {
        ...others,
        listen: readListen(name, listen, faults),
        backends,
        ...(host !== undefined && { host: isThere ? host : shaped(`${name}.host`, host, { ssh: sshShape }, faults) }),
    };
}

function readListen(name: string, listen: unknown, faults: Faults): FusionBalancerArgs["listen"] {
    if (Array.isArray(listen)) {
        return listen.map((one, index) => shaped(`${name}.listen[${index}]`, one, listenerShape, faults));
    }
    return typeof listen === "number" || listen === undefined
        ? (listen ?? Number.NaN)
        : shaped(`${name}.listen`, listen as Listener, listenerShape, faults);
}

/** The arguments as they stand in the state; nothing where they cannot be read. */
function shownInputs(name: string, given: FusionBalancerArgs): pulumi.Inputs {
    const faults = new Faults();
    const { host, backends, tls, metrics, ...others } = readArgs(name, given, faults);
    const certificates = tls?.certificates?.map(({ certificate, key }) => ({ certificate, key: pulumi.secret(key) }));
    return faults.size > 0
        ? {}
        : {
              ...others,
              backends: backends.map((one) =>
                  one instanceof FusionContainerSet ? one.spec.name : { ...one, ...(one.set && { set: one.set.spec.name }) },
              ),
              ...(host !== undefined && { host: host instanceof FusionHypervisor ? host.spec.name : host }),
              ...(tls !== undefined && { tls: { ...tls, certificates } }),
              ...(metrics !== undefined && {
                  metrics: { ...metrics, ...(metrics.password !== undefined && { password: pulumi.secret(metrics.password) }) },
              }),
          };
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
        const { host } = args;
        const ssh = host instanceof FusionHypervisor ? host.spec.connection.ssh : host?.ssh;
        this.spec = balancerSpec(name, args, ssh, this.round.faults);
        if (host instanceof FusionHypervisor) {
            host.wanted.balancers.push(name);
        }
        const sets = this.sets;
        this.round.before((faults) => checkReach(name, this.spec.backends, faults));
        this.round.before((faults) => checkCertificates(name, args, faults));
        const { url } = this.spec;
        Turns.of(this.round).follow(async (vm) => {
            const service = (await this.getData()).inService.get(vm);
            return service === undefined ? [] : [service];
        });
        for (const set of sets) {
            set.rollout.follow(async ({ index }) => (await this.getData()).rollout.get(set)?.[index] ?? []);
        }
        const parts = pulumi.output(this.getData());
        this.url = parts.running.apply(() => url);
        this.config = parts.config;
    }

    /** The container sets behind it, each once. */
    private get sets(): FusionContainerSet[] {
        return [...new Set(this.spec.backends.flatMap(({ set }) => set ?? []))];
    }

    protected override async initialize(): Promise<BalancerParts> {
        await constructed;
        await this.round.valid;
        const { args, spec } = this;
        if (spec.ssh !== undefined) {
            makeSshFolder();
        }
        const { sets } = this;
        const secrets = balancerSecrets(args, spec.directory);
        const config = pulumi
            .all([pulumi.all(sets.map(({ endpoints }) => endpoints)), secrets.certificates])
            .apply(([endpoints, certificates]) => render(spec, new Map(zip(sets, endpoints)), certificates))
            .apply((text) => checkAtPreview(spec, text));
        const triggers = [spec.directory, spec.ssh?.address ?? ""];
        const files =
            secrets.files === undefined
                ? []
                : [
                      new command.local.Command(
                          `${spec.name}-secrets`,
                          {
                              create: scriptOn(spec.ssh, secretScript(spec.directory)),
                              stdin: secrets.files,
                              triggers,
                              logging: command.local.Logging.None,
                          },
                          { parent: this },
                      ),
                  ];
        const deployed = new command.local.Command(
            spec.name,
            {
                // The text alone is in standard input, so that a preview shows the difference between two configurations.
                create: scriptOn(spec.ssh, deployScript(spec.directory, HARD_STOP_AFTER, backendsWithSets(spec))),
                stdin: config,
                delete: scriptOn(spec.ssh, removeBalancerScript(spec.directory)),
                // Another place is another HAProxy; it may want the same port.
                triggers,
            },
            { parent: this, dependsOn: [...sets, ...files], deleteBeforeReplace: true },
        );
        const inService = await createInService(this, spec, sets);
        const rollout = await createRolloutService(this, spec, sets);
        this.registerOutputs({ url: spec.url, config });
        return { config, running: deployed.urn, inService, rollout };
    }
}

/** The configuration with the servers of container sets and the files of certificates. */
function render(
    { haproxy, backends }: BalancerSpec,
    endpoints: ReadonlyMap<FusionContainerSet, readonly Endpoint[]>,
    certificates: readonly string[],
): string {
    return renderHaproxyConfig({
        ...haproxy,
        frontends: haproxy.frontends.map((one) => ({ ...one, certificates })),
        backends: backends.map(({ backend, set }) =>
            set === undefined ? backend : { ...backend, servers: (endpoints.get(set) ?? []).map(server) },
        ),
    });
}

const server = ({ name, address, port, weight, checkPort }: Endpoint): HaproxyServer => ({
    name,
    address,
    port,
    ...(weight !== undefined && { weight }),
    ...(checkPort !== undefined && { checkPort }),
});

const backendsWithSets = ({ backends }: BalancerSpec): string[] =>
    backends.flatMap(({ backend, set }) => (set === undefined ? [] : [backend.name]));

const zip = <A, B>(one: readonly A[], other: readonly B[]): [A, B][] =>
    one.flatMap((a, index): [A, B][] => {
        const b = other[index];
        return b === undefined ? [] : [[a, b]];
    });
