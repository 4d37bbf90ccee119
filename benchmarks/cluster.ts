import type { PlacementProblem } from "../lib/placement";

const HOSTS = 1000;
const ZONES = 10;
const SERVICES = 100;
const REPLICAS = 100;

/** The size of {@link cluster}, as figures show it. */
export const clusterSize = { replicas: SERVICES * REPLICAS, hosts: HOSTS, services: SERVICES, zones: ZONES };

/** The same number of replicas in ten times as many services. */
export const manyServices = { ...clusterSize, services: 10 * SERVICES };

/**
 * 10,000 replicas of 100 services, or of more, on 1,000 hosts in 10 zones. No two replicas of a service share a host, and each
 * service is spread evenly over the zones.
 */
export function cluster(services = SERVICES): PlacementProblem {
    return {
        hosts: Array.from({ length: HOSTS }, (_, i) => ({
            name: `vm${i}`,
            capacity: { cpu: 8000, memory: 16_384 },
            labels: { zone: `z${i % ZONES}` },
        })),
        services: Array.from({ length: services }, (_, i) => {
            const name = `s${i}`;
            return {
                name,
                replicas: (SERVICES * REPLICAS) / services,
                demand: { cpu: 100 + (i % 5) * 50, memory: 128 + (i % 7) * 64 },
                antiAffinity: { with: [name], over: "host" },
                spreadOver: "zone",
            };
        }),
        objective: "spread",
        effort: "fast",
    };
}
