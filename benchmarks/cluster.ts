import type { PlacementProblem } from "../lib/placement";

const HOSTS = 1000;
const ZONES = 10;
const SERVICES = 100;
const REPLICAS = 100;

/** The size of {@link cluster}, as figures show it. */
export const clusterSize = { replicas: SERVICES * REPLICAS, hosts: HOSTS, services: SERVICES, zones: ZONES };

/**
 * 10,000 replicas of 100 services on 1,000 hosts in 10 zones. No two replicas of a service share a host, and each service is
 * spread evenly over the zones.
 */
export function cluster(): PlacementProblem {
    return {
        hosts: Array.from({ length: HOSTS }, (_, i) => ({
            name: `vm${i}`,
            capacity: { cpu: 8000, memory: 16_384 },
            labels: { zone: `z${i % ZONES}` },
        })),
        services: Array.from({ length: SERVICES }, (_, i) => {
            const name = `s${i}`;
            return {
                name,
                replicas: REPLICAS,
                demand: { cpu: 100 + (i % 5) * 50, memory: 128 + (i % 7) * 64 },
                antiAffinity: { with: [name], over: "host" },
                spreadOver: "zone",
            };
        }),
        objective: "spread",
        effort: "fast",
    };
}
