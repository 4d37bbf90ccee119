/** How a set runs on a swarm. */
export interface SwarmArgs {
    /**
     * How its ports are reached. `host`: on the nodes that run it, one task a port and node; a balancer asks all nodes that may run
     * it, and its health checks find the tasks. `mesh`: on every node, by Swarm's routing mesh, which needs IPVS in the nodes' kernels
     * and hides who the client is. @default "host"
     */
    publish?: "host" | "mesh";
    /** Overlay networks of the swarm that its containers are in, by their names there; others find them as the set's name. @default [] */
    networks?: readonly string[];
    /** How many of its tasks a node may have at once. @default 1 with ports and `publish: "host"`, else no limit */
    maxPerNode?: number;
    /** Whether Swarm goes back to the version before by itself when an update fails; otherwise it stops where it is. @default true */
    rollbackOnFailure?: boolean;
    /** Seconds after the start of a new task in which its end fails the update. @default 10 */
    monitorSeconds?: number;
    /** Seconds between two of Docker's checks of a task's health; three in a row that fail end it. @default 5 */
    healthIntervalSeconds?: number;
}
