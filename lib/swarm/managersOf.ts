import type * as pulumi from "@pulumi/pulumi";
import { hostAccess } from "../containers/hosts";
import type { SshTarget } from "../ssh";
import type { FusionSwarm } from "./FusionSwarm";
import { planManagers } from "./planManagers";

/** How the managers of a swarm are reached, in the order in which they are asked. */
export async function managersOf(swarm: FusionSwarm): Promise<pulumi.Output<SshTarget>[]> {
    const { nodes, managers } = swarm.spec;
    const names = planManagers(nodes, managers, []);
    const hosts = swarm.hosts.filter((_, index) => names.includes(nodes[index]?.name ?? ""));
    return (await Promise.all(hosts.map((host) => hostAccess(host)))).map(({ ssh }) => ssh);
}
