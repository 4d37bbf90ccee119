import * as command from "@pulumi/command";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { DockerHostParts } from "../dockerHost";
import { knownValue, registered } from "../known";
import { type ContainerPlan, createReplica, type Replica, STOP_SECONDS, withMachine } from "./createReplica";
import { healthScript } from "./healthScript";
import { PlacementRecord } from "./PlacementRecord";
import { groupsOf, isReplaced, type RolloutGroup } from "./Rollout";
import { retireScript } from "./retireScript";
import { setFacts } from "./setFacts";

/** Makes the images, containers and health gates of a set. */
export async function createContainers(plan: ContainerPlan) {
    const groups = await createGroups(plan);
    const replicas = groups.flatMap((group) => group.replicas);
    const held = pulumi
        .all(replicas.map((replica) => replica.held))
        .apply((all) => Object.fromEntries(all.map((ports, index) => [replicas[index]?.name ?? "", ports])));
    const remembered = { held, salt: plan.salt, ...setFacts(plan.spec) };
    new PlacementRecord(plan.spec.name, remembered, { parent: plan.set });
    // Known at preview, and there only after the gates: the URN is a known value that carries the dependency.
    const endpoints = pulumi
        .all([pulumi.all(replicas.map(({ endpoint }) => endpoint)), pulumi.all(groups.map(({ last }) => last.urn))])
        .apply(([all]) => all);
    const on = (vm: string) => replicas.filter((replica) => replica.vm === vm).map(({ container }) => container);
    return { endpoints, on, groups };
}

interface MadeGroup extends RolloutGroup {
    /** What is there when the group's containers have taken over. */
    last: pulumi.Resource;
}

async function createGroups(plan: ContainerPlan): Promise<MadeGroup[]> {
    const places = plan.planner.plan(plan.spec.name);
    const version = await knownValue(plan.version);
    const images = new Map<string, docker.RemoteImage>();
    const inTurn = ({ vm }: Replica) => hostOf(plan, vm)?.machine?.takesTurn === true;
    const made: MadeGroup[] = [];
    let turn = Promise.resolve();
    for (const [index, names] of groupsOf([...places.keys()], plan.spec).entries()) {
        const replicas = names.flatMap((name) => {
            const { vm, slots } = places.get(name) ?? { vm: "", slots: [] };
            const host = hostOf(plan, vm);
            const address = plan.spec.hosts.find((one) => one.name === vm)?.address;
            if (host === undefined || address === undefined) return [];
            const pulled = images.get(vm) ?? createImage(plan, vm, host);
            images.set(vm, pulled);
            return [createReplica(plan, { name, vm, slots, host, address, pulled, turn })];
        });
        const group = { index, replicas, gate: createGate(plan, replicas, index) };
        const replaced = replicas.some(({ name, vm }) => isReplaced(plan.planner.heldBy(name), vm, version));
        const served = replaced ? plan.rollout.serves(group, inTurn) : turn;
        const retired = plan.spec.update.bounded ? createRetirement(plan, group, served) : undefined;
        made.push({ ...group, last: retired ?? group.gate });
        turn = replaced && retired !== undefined ? served.then(() => registered(retired)) : served;
    }
    return made;
}

const hostOf = ({ spec, hosts }: ContainerPlan, vm: string): DockerHostParts | undefined =>
    hosts[spec.hosts.findIndex((host) => host.name === vm)];

/** The image on one host. It stays there when the set no longer needs it: others may, and a way back is quick. */
function createImage({ set, spec, image }: ContainerPlan, vm: string, host: DockerHostParts): docker.RemoteImage {
    return new docker.RemoteImage(
        `${spec.name}-${vm}`,
        { name: image, keepLocally: true },
        { parent: set, provider: host.provider, dependsOn: host.ready, ...withMachine(host) },
    );
}

/** What waits until the new containers of a group answer. It is made anew with any of them. */
function createGate({ set, spec }: ContainerPlan, replicas: readonly Replica[], index: number): command.local.Command {
    const containers = replicas.map(({ container }) => container);
    const { timeoutSeconds = 300, startPeriodSeconds = 0 } = spec.healthCheck ?? {};
    const limit = timeoutSeconds + startPeriodSeconds;
    return new command.local.Command(
        index === 0 ? `${spec.name}-healthy` : `${spec.name}-healthy-${index}`,
        {
            create: "sh -s",
            stdin: pulumi
                .all(replicas.map(({ target }) => target))
                .apply((targets) => healthScript(targets, timeoutSeconds, startPeriodSeconds)),
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
    { index, replicas }: RolloutGroup,
    served: Promise<void>,
): command.local.Command {
    const text = pulumi
        .all(replicas.map(({ target }) => target))
        .apply((targets) => retireScript(targets, args.stopSeconds ?? STOP_SECONDS));
    return new command.local.Command(
        `${spec.name}-retired-${index}`,
        { create: "sh -s", stdin: pulumi.all([text, served]).apply(([script]) => script) },
        { parent: set, dependsOn: replicas.map(({ container }) => container) },
    );
}
