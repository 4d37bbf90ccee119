import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { DockerHostParts } from "../dockerHost";
import { knownValue, registered } from "../known";
import { openScript } from "../openConnection";
import { commandLine } from "../shell";
import { hostPort } from "./assignPorts";
import {
    type ContainerPlan,
    containerName,
    createReplica,
    heldNow,
    isCanary,
    type Replica,
    type ReplicaPlan,
    STOP_SECONDS,
    trackOf,
} from "./createReplica";
import type { Endpoint } from "./endpoint";
import { healthScript } from "./healthScript";
import { PlacementRecord, type TakenSlots } from "./PlacementRecord";
import { groupsOf, type RolloutGroup } from "./Rollout";
import { retireScript } from "./retireScript";
import { setFacts } from "./setFacts";

/** Makes the images, containers and health gates of a set. */
export async function createContainers(plan: ContainerPlan) {
    const groups = await createGroups(plan);
    const replicas = groups.flatMap((group) => group.replicas);
    const held = pulumi
        .all(replicas.map((replica) => replica.held))
        .apply((all) => Object.fromEntries(all.map((ports, index) => [replicas[index]?.name ?? "", ports])));
    const remembered = {
        held,
        salt: plan.salt,
        prints: plan.prints,
        brings: plan.brings,
        before: slotsBefore(plan),
        ...homesOf(plan, replicas),
        ...setFacts(plan.spec),
        update: { order: plan.spec.update.order, parallelism: plan.spec.update.parallelism },
    };
    new PlacementRecord(plan.spec.name, remembered, { parent: plan.set });
    // Known at preview, and there only after the gates: the URN is a known value that carries the dependency.
    const serving = pulumi.all(groups.map(({ last }) => last.urn));
    const endpoints = pulumi
        .all([pulumi.all(replicas.map(({ endpoint }) => endpoint)), plan.weights, serving])
        .apply(([all, weights]) =>
            all.map((endpoint): Endpoint => {
                const weight = isCanary(plan.spec, endpoint.name) ? weights?.canary : weights?.other;
                return { ...endpoint, ...(weight !== undefined && { weight }) };
            }),
        );
    const on = (vm: string) => replicas.filter((replica) => replica.vm === vm).map(({ container }) => container);
    return { endpoints, on, groups, held };
}

/** Where data is, that of replicas which are no more included. */
function homesOf({ spec, planner }: ContainerPlan, replicas: readonly Replica[]) {
    const now = Object.fromEntries(replicas.map(({ name, vm }) => [name, vm]));
    return spec.stays ? { homes: { ...planner.lastOf(spec.name)?.homes, ...now } } : {};
}

/** The slots that replicas had before this deployment, and, where the one before was not completed, before that. */
function slotsBefore({ spec, planner, wasDone }: ContainerPlan): TakenSlots[] {
    const last = planner.lastOf(spec.name);
    const all = [
        ...(last?.held.values() ?? []),
        ...planner.containersOf(spec.name),
        ...(wasDone ? [] : (last?.before ?? [])),
    ];
    const unique = new Map(all.map(({ vm, slots }) => [`${vm} ${slots}`, { vm, slots }]));
    return [...unique.keys()].sort().flatMap((key) => unique.get(key) ?? []);
}

interface MadeGroup extends RolloutGroup {
    /** What is there when the group's containers have taken over. */
    last: pulumi.Resource;
}

async function createGroups(plan: ContainerPlan): Promise<MadeGroup[]> {
    const placed = placedReplicas(plan);
    const { update } = plan.spec;
    const last = plan.planner.lastOf(plan.spec.name);
    const inTurn = ({ vm }: Replica) => hostOf(plan, vm)?.machine?.takesTurn === true;
    const image = imagesOnHosts(plan, placed);
    const made: MadeGroup[] = [];
    let turn = Promise.resolve();
    for (const [index, members] of groupsOf(placed, update).entries()) {
        const start = turn;
        const names = await Promise.all(members.map((replica) => knownValue(containerName(replica))));
        const replicas = members.map((replica, at) => {
            const running = plan.planner.runningOf(replica.name);
            // On a machine that is made anew nothing of that name is left.
            const isThere = running?.vm === replica.vm && replica.host.machine?.anew !== true;
            // Made again as it was: it never ran, or is not as it should be, and the next one has its name.
            const sameName = isThere && running.name === names[at];
            // What forces it, a port or a volume, is not in the way of a replica that moves.
            const moves = running !== undefined && running.vm !== replica.vm;
            const inItsPlace = plan.stopsFirst && !(moves && update.forcedBy !== undefined);
            return createReplica(plan, replica, image(replica), { start, stopsFirst: inItsPlace || sameName });
        });
        const group = { index, replicas, gate: createGate(plan, replicas, index) };
        const replaced = members.some(({ name, vm }, at) => {
            const running = plan.planner.runningOf(name);
            // One that had a container and has none is on its way back.
            return running === undefined
                ? last?.held.has(name) === true
                : running.vm !== vm || running.name !== names[at];
        });
        const served = replaced ? plan.rollout.serves(group, inTurn) : turn;
        const retired = update.bounded ? createRetirement(plan, group, served) : undefined;
        made.push({ ...group, last: retired ?? group.gate });
        // The retirement waits for all of the group, which those are not to wait for whose machine has a turn of its own.
        const waits = replaced && retired !== undefined && !replicas.some(inTurn);
        turn = waits ? served.then(() => registered(retired)) : served;
    }
    return made;
}

/** Where all replicas of a set go, in the order of their numbers. */
function placedReplicas(plan: ContainerPlan): ReplicaPlan[] {
    return [...plan.planner.plan(plan.spec.name)].flatMap(([name, { vm, slots }]) => {
        const host = hostOf(plan, vm);
        const address = plan.spec.hosts.find((one) => one.name === vm)?.address;
        if (host === undefined || address === undefined) {
            return [];
        }
        const replica = { name, vm, slots, host, address };
        return [{ ...replica, held: heldNow(plan, replica) }];
    });
}

const hostOf = ({ spec, hosts }: ContainerPlan, vm: string): DockerHostParts | undefined =>
    hosts[spec.hosts.findIndex((host) => host.name === vm)];

/** Brings each image to the hosts where it is wanted; the answer finds what a replica waits for. */
function imagesOnHosts(plan: ContainerPlan, placed: readonly ReplicaPlan[]): (replica: ReplicaPlan) => pulumi.Resource {
    const made = new Map<string, pulumi.Resource>();
    return ({ name, vm, host }) => {
        const canary = isCanary(plan.spec, name);
        const key = `${vm}/${canary}`;
        const known = made.get(key);
        if (known !== undefined) {
            return known;
        }
        const rest = placed.filter((other) => other.vm === vm && isCanary(plan.spec, other.name) === canary);
        const there = plan.image.onHost({
            set: plan.set,
            vm,
            host,
            containers: rest.map(containerName),
            // The old container of a set that stops first has the same port, and serves yet.
            ...(plan.spec.update.order === "start-first" && { ports: rest.map(chosenPorts) }),
            reference: trackOf(plan, name).reference,
            ...(canary && { suffix: "canary" }),
        });
        made.set(key, there);
        return there;
    };
}

const chosenPorts = ({ held }: ReplicaPlan): pulumi.Output<number[]> =>
    held.apply(({ slots, turn }) => slots.map((slot) => hostPort(slot, turn)));

/** What waits until the new containers of a group answer. It is made anew with any of them. */
function createGate({ set, spec }: ContainerPlan, replicas: readonly Replica[], index: number): command.local.Command {
    const containers = replicas.map(({ container }) => container);
    const { timeoutSeconds = 300, startPeriodSeconds = 0 } = spec.healthCheck ?? {};
    const limit = timeoutSeconds + startPeriodSeconds;
    const targets = pulumi.all(replicas.map(({ target }) => target));
    return new command.local.Command(
        index === 0 ? `${spec.name}-healthy` : `${spec.name}-healthy-${index}`,
        {
            create: "sh -s",
            stdin: targets.apply((all) => healthScript(all, timeoutSeconds, startPeriodSeconds)),
            // Before the containers, which are deleted all at once.
            delete: targets.apply((all) => commandLine(["sh", "-c", openScript(all.map(({ ssh }) => ssh))])),
        },
        {
            parent: set,
            dependsOn: containers,
            replaceWith: containers,
            customTimeouts: { create: `${limit + 120}s`, update: `${limit + 120}s` },
        },
    );
}

/**
 * Stops the containers whose place a group has taken, once the balancers have forgotten them: the engine deletes them, but only
 * at the end of the deployment, and until then they would count against `maxSurge`.
 */
function createRetirement(
    { set, spec, args }: ContainerPlan,
    { index, replicas, gate }: RolloutGroup,
    served: Promise<void>,
): command.local.Command {
    const text = pulumi
        .all(replicas.map(({ target }) => target))
        .apply((targets) => retireScript(targets, args.stopSeconds ?? STOP_SECONDS));
    return new command.local.Command(
        `${spec.name}-retired-${index}`,
        { create: "sh -s", stdin: pulumi.all([text, served]).apply(([script]) => script) },
        { parent: set, dependsOn: [...replicas.map(({ container }) => container), gate] },
    );
}
