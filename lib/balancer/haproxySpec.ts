/** How requests are spread over the servers of a backend; HAProxy's own names. */
export type Algorithm = "roundrobin" | "leastconn" | "source" | "uri" | "random" | "first";

export const algorithms: readonly Algorithm[] = ["roundrobin", "leastconn", "source", "uri", "random", "first"];

/** One server of a backend. */
export interface HaproxyServer {
    /** Unique in its backend. */
    name: string;
    /** IPv4 or IPv6 address, or a host name. */
    address: string;
    /** 1 to 65535. */
    port: number;
    /** 0 to 256: its share of the requests. @default 100 */
    weight?: number;
    /** The port that health checks ask, 1 to 65535. @default `port` */
    checkPort?: number;
}

/** A group of servers that serve the same. */
export interface HaproxyBackend {
    /** Unique among frontends and backends. */
    name: string;
    /** @default "roundrobin" */
    algorithm?: Algorithm;
    /** What is asked of every server. @default a TCP connection */
    healthCheck?: {
        http?: {
            /** @default "/" */
            path?: string;
        };
    };
    servers: readonly HaproxyServer[];
}

/** What clients connect to. */
export interface HaproxyFrontend {
    /** Unique among frontends and backends. */
    name: string;
    /** `ADDRESS:PORT`; `*` is every IPv4 address. */
    bind: readonly string[];
    /** Name of the backend that gets the requests. */
    defaultBackend: string;
}

/** An HAProxy configuration as plain values. */
export interface HaproxySpec {
    frontends: readonly HaproxyFrontend[];
    backends: readonly HaproxyBackend[];
    /** Absolute path of the run-time socket. @default none */
    socket?: string;
    /** Where `/metrics` (Prometheus) and `/ready` answer: a private `ADDRESS:PORT`. @default none */
    metrics?: string;
    /** Seconds after which an old process is ended, whatever it still holds. @default 90 */
    hardStopAfterSeconds?: number;
}
