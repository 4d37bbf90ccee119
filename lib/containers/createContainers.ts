import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import {
    type ContainerPlan,
    containerName,
    createReplica,
    heldNow,
    type Replica,
    type ReplicaPlan,
} from "./createReplica";
import { healthScript } from "./healthScript";
import { PlacementRecord } from "./PlacementRecord";
import { setFacts } from "./setFacts";

/** Makes the images, containers and health gate of a set. */
export function createContainers(plan: ContainerPlan) {
    const placed = placedReplicas(plan);
    const images = new Map<string, pulumi.Resource>();
    const replicas = placed.map((replica) => {
        const { vm, host } = replica;
        const containers = placed.filter((other) => other.vm === vm).map(containerName);
        const image = images.get(vm) ?? plan.image.onHost({ set: plan.set, vm, host, containers });
        images.set(vm, image);
        return createReplica(plan, replica, image);
    });
    const held = pulumi
        .all(replicas.map((replica) => replica.held))
        .apply((all) => Object.fromEntries(all.map((ports, index) => [replicas[index]?.name ?? "", ports])));
    const remembered = { held, salt: plan.salt, ...setFacts(plan.spec) };
    new PlacementRecord(plan.spec.name, remembered, { parent: plan.set });
    const gate = createGate(plan, replicas);
    // Known at preview, and there only after the gate: the URN is a known value that carries the dependency.
    const endpoints = pulumi
        .all([pulumi.all(replicas.map(({ endpoint }) => endpoint)), gate.urn])
        .apply(([all]) => all);
    const on = (vm: string) => replicas.filter((replica) => replica.vm === vm).map(({ container }) => container);
    return { endpoints, on };
}

/** Where all replicas of a set go, in the order of their numbers. */
function placedReplicas(plan: ContainerPlan): ReplicaPlan[] {
    return [...plan.planner.plan(plan.spec.name)].flatMap(([name, { vm, slots }]) => {
        const index = plan.spec.hosts.findIndex((host) => host.name === vm);
        const host = plan.hosts[index];
        const address = plan.spec.hosts[index]?.address;
        if (host === undefined || address === undefined) {
            return [];
        }
        const replica = { name, vm, slots, host, address };
        return [{ ...replica, held: heldNow(plan, replica) }];
    });
}

/** What waits until the new containers answer. It is made anew with any of them. */
function createGate({ set, spec }: ContainerPlan, replicas: readonly Replica[]): command.local.Command {
    const containers = replicas.map(({ container }) => container);
    const timeout = spec.healthCheck?.timeoutSeconds ?? 300;
    return new command.local.Command(
        `${spec.name}-healthy`,
        {
            create: "sh -s",
            stdin: pulumi.all(replicas.map(({ target }) => target)).apply((targets) => healthScript(targets, timeout)),
        },
        {
            parent: set,
            dependsOn: containers,
            replaceWith: containers,
            customTimeouts: { create: `${timeout + 120}s`, update: `${timeout + 120}s` },
        },
    );
}
