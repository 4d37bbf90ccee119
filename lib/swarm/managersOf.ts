import type * as pulumi from "@pulumi/pulumi";
import { hostAccess } from "../containers/hosts";
import type { SshTarget } from "../ssh";
import type { FusionSwarm } from "./FusionSwarm";

/** How managers of a swarm are reached. @param names in the order in which they are asked */
export async function managersOf(swarm: FusionSwarm, names: readonly string[]): Promise<pulumi.Output<SshTarget>[]> {
    const hosts = names.flatMap((name) => swarm.hosts[swarm.spec.nodes.findIndex((node) => node.name === name)] ?? []);
    return (await Promise.all(hosts.map((host) => hostAccess(host)))).map(({ ssh }) => ssh);
}
