import * as command from "@pulumi/command";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { DockerHostParts } from "../dockerHost";
import { type ContainerPlan, createReplica, type Replica, withMachine } from "./createReplica";
import { healthScript } from "./healthScript";
import { PlacementRecord } from "./PlacementRecord";
import { setFacts } from "./setFacts";

/** Makes the images, containers and health gate of a set. */
export function createContainers(plan: ContainerPlan) {
    const images = new Map<string, docker.RemoteImage>();
    const replicas: Replica[] = [];
    for (const [name, { vm, slots }] of plan.planner.plan(plan.spec.name)) {
        const index = plan.spec.hosts.findIndex((host) => host.name === vm);
        const host = plan.hosts[index];
        const address = plan.spec.hosts[index]?.address;
        if (host !== undefined && address !== undefined) {
            const pulled = images.get(vm) ?? createImage(plan, vm, host);
            images.set(vm, pulled);
            replicas.push(createReplica(plan, { name, vm, slots, host, address, pulled }));
        }
    }
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

/** The image on one host. It stays there when the set no longer needs it: others may, and a way back is quick. */
function createImage({ set, spec, image }: ContainerPlan, vm: string, host: DockerHostParts): docker.RemoteImage {
    return new docker.RemoteImage(
        `${spec.name}-${vm}`,
        { name: image, keepLocally: true },
        { parent: set, provider: host.provider, dependsOn: host.ready, ...withMachine(host) },
    );
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
