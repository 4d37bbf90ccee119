import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { DockerHostSpec, HostAccess } from "../dockerHost";
import { registered } from "../known";
import { foundScript, unlockKeyScript } from "./foundScript";
import { joinScript } from "./joinScript";
import { leaveScript } from "./leaveScript";
import type { Contact } from "./nodeScripts";
import type { SwarmDecision } from "./planSwarm";
import { type SwarmSpec, UNLOCK_KEY } from "./swarmSpec";

/** A host and what commands need of it. */
export interface SwarmHost {
    spec: DockerHostSpec;
    access: HostAccess;
}

/** What nodes are made from. */
export interface NodesPlan extends SwarmDecision {
    swarm: pulumi.Resource;
    spec: SwarmSpec;
    /** By their names. */
    hosts: ReadonlyMap<string, SwarmHost>;
    /** As in {@link SwarmMemory}. */
    looks: number;
    /** Whether machines that are changed wait for each other's node: not where there is no swarm yet, or it is looked for. */
    inTurn: boolean;
}

/** The commands that make hosts nodes. */
export interface Nodes {
    /** What has founded the swarm. */
    founded: command.local.Command;
    /** By the hosts' names. */
    nodes: ReadonlyMap<string, command.local.Command>;
    /** The key by which managers are unlocked; a secret. */
    unlockKey: pulumi.Output<string> | undefined;
}

/** Seconds that a node may take to join, or the swarm to be found. */
const JOIN = "15m";

/**
 * Founds the swarm, then has its hosts join one after the other, managers first: promoted before others are demoted. This is a
 * matter of this deployment, so they are registered one after the other. Machines that are changed in their turn come last, without
 * waiting for each other: `Turns` has them wait until the one before is in the swarm again.
 */
export async function createNodes(plan: NodesPlan): Promise<Nodes> {
    const founded = createSwarm(plan);
    await registered(founded);
    const { managers, hosts } = plan;
    const workers = [...hosts.keys()].filter((name) => !managers.includes(name)).sort();
    const all = [...managers, ...workers].flatMap((name) => hosts.get(name) ?? []);
    const nodes = new Map<string, command.local.Command>();
    // When all is destroyed, workers leave before managers, and these one by one.
    const kept: command.local.Command[] = [];
    for (const host of all.filter((one) => !takesTurn(plan, one))) {
        const { name } = host.spec;
        const isManager = managers.includes(name);
        const node = createNode(plan, host, [founded, ...kept]);
        await registered(node);
        nodes.set(name, node);
        if (isManager) {
            kept.push(node);
        }
    }
    for (const host of all.filter((one) => takesTurn(plan, one))) {
        nodes.set(host.spec.name, createNode(plan, host, [founded]));
    }
    return { founded, nodes, unlockKey: plan.spec.autolock ? createUnlockKey(plan, [founded, ...kept]) : undefined };
}

const takesTurn = ({ inTurn }: NodesPlan, { access }: SwarmHost): boolean =>
    inTurn && (access.machine?.takesTurn ?? false);

/** The hosts of these names, as scripts reach them. */
function contactsOf({ hosts }: NodesPlan, names: readonly string[]): pulumi.Output<Contact[]> {
    return pulumi.all(
        names
            .flatMap((name) => hosts.get(name) ?? [])
            .map(({ spec, access }) => access.ssh.apply((ssh) => ({ name: spec.name, address: spec.address, ssh }))),
    );
}

/** Made once in the life of a swarm: its creation founds it, so that nothing else ever does. */
function createSwarm(plan: NodesPlan): command.local.Command {
    const { swarm, spec, managers, contacts, hosts, looks } = plan;
    const names = [...new Set([...contacts, ...(spec.recover === undefined ? [] : [spec.recover])])];
    const script = contactsOf(plan, names).apply((all) => {
        const [founder] = all;
        if (founder === undefined) {
            throw new Error(`${spec.name} has no manager`);
        }
        return foundScript({
            swarm: spec.name,
            contacts: all.filter(({ name }) => contacts.includes(name)),
            founder,
            addressPool: spec.addressPool,
            autolock: spec.autolock,
            recover: all.find(({ name }) => name === spec.recover),
        });
    });
    const awaited = managers.flatMap((name) => hosts.get(name) ?? []).filter((host) => !takesTurn(plan, host));
    return new command.local.Command(
        spec.name,
        {
            create: 'sh -c "$FUSION_SCRIPT" found',
            update: 'sh -c "$FUSION_SCRIPT" keep',
            environment: { FUSION_SCRIPT: script, FUSION_LOOK: String(looks) },
        },
        {
            parent: swarm,
            dependsOn: awaited.flatMap(({ access }) => access.ready),
            customTimeouts: { create: JOIN, update: JOIN },
        },
    );
}

/** Deleted before its machine is touched, and made again after it. */
function createNode(
    plan: NodesPlan,
    { spec: host, access }: SwarmHost,
    after: readonly pulumi.Resource[],
): command.local.Command {
    const { swarm, spec, managers, contacts, hosts, looks } = plan;
    const known = contactsOf(plan, [...contacts, host.name]);
    const scripts = known.apply((all) => {
        const self = all.at(-1);
        if (self === undefined) {
            throw new Error(`${host.name} is no host of ${spec.name}`);
        }
        const shared = { swarm: spec.name, host: self, contacts: all.slice(0, -1) };
        return {
            join: joinScript({
                ...shared,
                role: managers.includes(host.name) ? "manager" : "worker",
                labels: host.labels,
                managers,
                alone: hosts.size === 1 ? spec.addressPool : undefined,
            }),
            leave: leaveScript({ ...shared, drainSeconds: spec.drainSeconds }),
        };
    });
    return new command.local.Command(
        `${spec.name}-${host.name}`,
        {
            create: 'sh -c "$FUSION_JOIN"',
            delete: 'sh -c "$FUSION_LEAVE"',
            environment: {
                FUSION_JOIN: scripts.join,
                FUSION_LEAVE: scripts.leave,
                FUSION_LOOK: String(looks),
            },
            // Of a virtual machine known, and yet the engine sees that it comes from what makes it ready.
            triggers: [host.address, ...machineOf(access)],
        },
        {
            parent: swarm,
            dependsOn: [...access.ready, ...after],
            deleteBeforeReplace: true,
            customTimeouts: { create: JOIN, update: JOIN, delete: `${spec.drainSeconds + 600}s` },
        },
    );
}

const machineOf = ({ machine, ready }: HostAccess): pulumi.Output<string>[] =>
    machine === undefined ? [] : ready.map(({ urn }) => urn.apply(() => machine.diskName));

/** Says the key, which nothing but the state is told, as a secret. */
function createUnlockKey(plan: NodesPlan, after: readonly pulumi.Resource[]): pulumi.Output<string> {
    const { swarm, spec, contacts, looks } = plan;
    const { stdout } = new command.local.Command(
        `${spec.name}-${UNLOCK_KEY}`,
        {
            create: 'sh -c "$FUSION_SCRIPT"',
            environment: {
                FUSION_SCRIPT: contactsOf(plan, contacts).apply((all) => unlockKeyScript(spec.name, all)),
                FUSION_LOOK: String(looks),
            },
            logging: "none",
        },
        { parent: swarm, dependsOn: [...after], additionalSecretOutputs: ["stdout"] },
    );
    return pulumi.secret(stdout);
}
