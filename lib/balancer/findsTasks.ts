import type { FusionContainerSet } from "../containers/FusionContainerSet";
import type { ServiceSpec } from "../swarm/serviceSpec";
import type { BackendArgs } from "./balancerArgs";
import type { HaproxyBackend } from "./haproxySpec";

/** The most attempts that HAProxy is told to make. */
const MOST = 100;

/**
 * What a backend has in front of a service of Swarm, of whose servers most are not there, each for a while: a connection that one
 * refuses takes it out at once, so that a request needs an attempt more than there are servers at the most, also right after a
 * reload, when HAProxy takes all for healthy. One that is back has to answer twice.
 */
export function findsTasks(
    { nodes }: Pick<ServiceSpec, "nodes">,
    { retries, lines = [] }: Pick<BackendArgs, "retries" | "lines">,
): Pick<HaproxyBackend, "retries" | "lines"> {
    return {
        retries: retries ?? Math.min(MOST, Math.max(3, 2 * nodes.length)),
        lines: [...lines, `default-server ${FINDS}`],
    };
}

/** Backends of which health checks find out where a server is: those of sets on a swarm. */
export const foundBackends = (sets: readonly FusionContainerSet[]): string[] =>
    sets.filter(({ spec: { swarm } }) => swarm !== undefined).map(({ spec: { name } }) => name);

/** The words of each server. */
export const FINDS = "error-limit 1 rise 2";
