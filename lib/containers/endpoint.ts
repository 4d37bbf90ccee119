/** Where a replica answers. */
export interface Endpoint {
    /** The replica: `web-0`. */
    name: string;
    /** The host's name. */
    vm: string;
    /** The host's IPv4 address. */
    address: string;
    /** The host's port that leads to the set's first port; 0 for a set without ports. */
    port: number;
    /** The host's port that leads to the one that the health check asks, where that is another. */
    checkPort?: number;
    /** Its weight in a balancer, 1 to 256, while a canary has a share of the requests. */
    weight?: number;
}
