import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { FusionContainerSet } from "../containers/FusionContainerSet";
import { inspect } from "../doctor/Inspections";
import { FusionHypervisor } from "../hypervisor/FusionHypervisor";
import { constructed, freshName, programOf, Round } from "../program";
import type { SshTarget } from "../ssh";
import { makeSshFolder } from "../sshFolder";
import { FusionVm } from "../vm/FusionVm";
import { Turns } from "../vm/turns";
import { BalancerRecord } from "./BalancerRecord";
import type { BackendArgs, HaproxyArgs, Listener, MetricsArgs, StandbyArgs, TlsArgs } from "./balancerArgs";
import { balancerConfig } from "./balancerConfig";
import type { PlacedBalancer } from "./balancerHost";
import { type BalancerSpec, balancerSpec } from "./balancerSpec";
import { checkAtPreview } from "./checkAtPreview";
import { checkNames, checkOthers } from "./checkBalancer";
import { checkCertificates } from "./checkCertificates";
import { checkReach } from "./checkReach";
import { obtainCertificates, prepareAcme } from "./createAcme";
import { createFollow } from "./createFollow";
import { createImage, findBalancerImage } from "./createImage";
import { createInService } from "./createInService";
import { createKeepalived } from "./createKeepalived";
import { createRolloutService, isInTurn, type RolloutService } from "./createRolloutService";
import { createSecrets } from "./createSecrets";
import { createServers } from "./createServers";
import { deployScript, removeBalancerScript } from "./deployScript";
import { foundBackends } from "./findsTasks";
import type { Algorithm, HaproxyClients, HaproxyTimeouts, Mode } from "./haproxySpec";
import { interruptionOf, placeBalancers } from "./pair";
import { readBalancerArgs, shownInputs } from "./readBalancerArgs";

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
    /**
     * Where HAProxy runs: on a hypervisor, in a virtual machine, or on a machine reached over ssh; as root, or by sudo without a
     * password. Where systemd runs, HAProxy is a service of it and starts with the machine. @default this machine
     */
    host?: FusionHypervisor | FusionVm | { ssh: SshTarget };
    /** What HAProxy is there: the distribution's package, or a container. @default it is installed */
    haproxy?: HaproxyArgs;
    /** A second balancer that does as this one, and the virtual address that one of the two has. @default there is one balancer */
    standby?: StandbyArgs;
    /** The address that clients use, for `url`. @default that of `listen`, else of `standby`, else of `host`, else "localhost" */
    address?: string;
    /** Seconds that the requests of a machine have to end when it is taken out of service to be changed. @default 30 */
    drainSeconds?: number;
    /** Directory of its own on that machine, at most 90 characters. @default `/var/lib/fusion/` and the component's name */
    directory?: string;
}

/** What there is of one HAProxy. */
interface BalancerParts {
    config: pulumi.Output<string>;
    /** There once HAProxy runs with the configuration. */
    deployed: command.local.Command;
    /** There once it has the certificates that it is to have. */
    serving: command.local.Command;
    /** By machine: what keeps its servers in service, and takes them out before the machine is changed. */
    inService: ReadonlyMap<string, command.local.Command>;
    rollout: RolloutService;
    /** By set on a swarm: what has the servers known before its service changes. */
    servers: ReadonlyMap<FusionContainerSet, command.local.Command>;
    /** Whether the machine that it runs on is interrupted: others do not wait for what it then does not do. */
    isInterrupted: boolean;
}

interface BalancerData {
    config: pulumi.Output<string>;
    /** There once clients are served. */
    running: pulumi.Output<string>;
    /** The standby, if there is one, before the first. */
    balancers: readonly BalancerParts[];
}

const TYPE = "fusion:index:FusionBalancer";

/**
 * HAProxy in front of container sets and plain addresses: health checks, requests sorted and spread over the servers, and a
 * configuration that changes without losing a connection.
 *
 * Errors: `InputPropertiesError` at preview for wrong arguments, lines that HAProxy does not take included where it is at hand;
 * `up` fails, the old configuration serving on, when HAProxy refuses the new one or a container set's new servers do not answer.
 */
export class FusionBalancer extends pulumi.ComponentResource<BalancerData> {
    /** @internal */
    readonly spec: BalancerSpec;
    /** Where clients find the service: `http://localhost/`; in mode tcp `tcp://localhost:5432`. */
    readonly url: pulumi.Output<string>;
    /** The text of HAProxy's configuration. */
    readonly config: pulumi.Output<string>;
    private readonly round = Round.current();
    private readonly args: FusionBalancerArgs;
    /** Those behind it, each once. */
    private readonly sets: readonly FusionContainerSet[];

    constructor(name: string, given: FusionBalancerArgs, opts?: pulumi.ComponentResourceOptions) {
        super(TYPE, freshName(TYPE, name, opts), shownInputs(name, given), opts);
        const { faults } = this.round;
        const args = readBalancerArgs(name, given, faults);
        this.args = args;
        const { host, standby } = args;
        this.spec = balancerSpec(name, args, sshOf(host), faults, sshOf(standby?.host));
        const { url, backends } = this.spec;
        this.sets = [...new Set(backends.flatMap(({ set }) => set ?? []))];
        for (const one of args.haproxy === undefined ? [host, standby?.host] : []) {
            if (one instanceof FusionHypervisor) inspect(this.round, one, one.spec).balancers.push(name);
        }
        checkNames(name, this.sets, faults, standby !== undefined);
        checkOthers(programOf(this.round), name, faults);
        this.round.before(() => checkReach(name, backends, faults));
        this.round.before(() => checkCertificates(name, args, faults));
        this.round.before(async () => {
            // A question about wrong arguments would only add to the errors.
            if (faults.size === 0) await findBalancerImage(name, args, faults);
        });
        Turns.current(this.round).follow(this.round, async (vm) => {
            const { balancers } = await this.getData();
            return balancers.flatMap(({ inService, isInterrupted }) =>
                isInterrupted ? [] : (inService.get(vm) ?? []),
            );
        });
        for (const set of this.sets) {
            const serving = async () => {
                const { balancers } = await this.getData();
                // The first waits for the standby.
                const interrupted = balancers.findIndex(({ isInterrupted }) => isInterrupted);
                return balancers.slice(0, interrupted < 0 ? undefined : interrupted);
            };
            set.rollout.follow(async ({ index }) =>
                (await serving()).flatMap(({ rollout }) => rollout.get(set)?.[index]?.serves ?? []),
            );
            set.rollout.lead(async () => (await serving()).flatMap(({ servers }) => servers.get(set) ?? []));
        }
        const parts = pulumi.output(this.getData());
        this.url = parts.running.apply(() => url);
        this.config = parts.config;
    }

    protected override async initialize(): Promise<BalancerData> {
        await constructed;
        await this.round.valid;
        const placed = await placeBalancers(this.spec, this.args);
        if (this.spec.ssh !== undefined || this.spec.standby?.ssh !== undefined) {
            makeSshFolder();
        }
        const interruption = interruptionOf(placed);
        if (interruption !== undefined) {
            await pulumi.log.warn(interruption, this);
        }
        const standby = placed.standby && (await this.create(placed.standby));
        const first = await this.create(placed.first, standby);
        const balancers = standby === undefined ? [first] : [standby, first];
        const deployed = balancers.map((one) => one.deployed);
        const last = createKeepalived(this, placed, deployed, triggersOf).at(-1) ?? first.serving;
        this.registerOutputs({ url: this.spec.url, config: first.config });
        return { config: first.config, running: last.urn, balancers };
    }

    /** Creates all that one HAProxy is. @param before the standby, which is changed first */
    private async create(spec: PlacedBalancer, before?: BalancerParts): Promise<BalancerParts> {
        const { args, sets } = this;
        const { host } = spec;
        const triggers = triggersOf(spec);
        const earlier = before === undefined ? [] : [before.deployed];
        const { certificates, login, commands: secrets } = createSecrets(this, args, spec, triggers, earlier);
        const acme = prepareAcme(this, spec, triggers);
        const config =
            before?.config ?? balancerConfig(spec, certificates).apply((text) => checkAtPreview(spec, args, text));
        const run = await BalancerRecord.runNumber(this, spec.name);
        new BalancerRecord(spec.name, config, { parent: this });
        const own = await findBalancerImage(spec.name, args, this.round.faults);
        const image = createImage(this, args, spec, own);
        const backends = spec.backends.flatMap(({ backend, set }) => (set === undefined ? [] : [backend.name]));
        const inTurn = sets.filter(isInTurn).map((set) => set.spec.name);
        const found = foundBackends(sets);
        // It waits for others, installs HAProxy, and has the old process end.
        const limit = `${2 * spec.lockSeconds}s`;
        const deployed = new command.local.Command(
            spec.name,
            {
                // The text alone is in standard input, so that a preview shows the difference between two configurations.
                create: host.change(
                    deployScript(spec, spec.haproxy.hardStopAfterSeconds, {
                        ...{ backends, found, inTurn, install: spec.install, image: own?.image },
                    }),
                ),
                stdin: config,
                // No script reads them: their change is what makes the engine run it.
                environment: {
                    ...(login !== undefined && { FUSION_LOGIN: login }),
                    ...(run > 0 && { FUSION_RUN: String(run) }),
                },
                delete: host.run(removeBalancerScript(spec)),
                triggers,
            },
            {
                parent: this,
                dependsOn: [...host.ready, ...sets, ...secrets, ...acme, ...image, ...earlier],
                deleteBeforeReplace: true,
                customTimeouts: { create: limit, update: limit, delete: limit },
                ...host.options,
            },
        );
        const serving = obtainCertificates(this, spec, triggers, deployed);
        const inService = await createInService(this, spec, sets);
        const rollout = await createRolloutService(this, spec, sets, before?.rollout);
        const servers = createServers(this, spec, sets, before?.servers);
        await createFollow(this, spec, sets, servers);
        return { config, deployed, serving, inService, rollout, servers, isInterrupted: host.isInterrupted };
    }
}

/** Another place is another HAProxy; it may want the same port. */
function triggersOf({ directory, ssh }: PlacedBalancer): string[] {
    const { address = "", port = 22, jump } = ssh ?? {};
    return [directory, address, ...(port === 22 ? [] : [String(port)]), ...(jump ? [jump.address] : [])];
}

function sshOf(host: FusionBalancerArgs["host"]): SshTarget | undefined {
    if (host instanceof FusionHypervisor) {
        return host.spec.connection.ssh;
    }
    return host instanceof FusionVm ? host.spec.ssh : host?.ssh;
}
