/** How requests are spread over the servers of a backend; HAProxy's own names. */
export type Algorithm = "roundrobin" | "leastconn" | "source" | "uri" | "random" | "first";

export const algorithms: readonly Algorithm[] = ["roundrobin", "leastconn", "source", "uri", "random", "first"];

/** What is understood of what passes: requests, or bytes alone. */
export type Mode = "http" | "tcp";

export const modes: readonly Mode[] = ["http", "tcp"];

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
    /** Whether it serves only when all that are no backups are down. @default false */
    backup?: boolean;
}

/** A group of servers that serve the same. */
export interface HaproxyBackend {
    /** Unique among frontends and backends. */
    name: string;
    /** As that of the frontends that lead to it. @default "http" */
    mode?: Mode;
    /** @default "roundrobin" */
    algorithm?: Algorithm;
    /** What is asked of every server. @default a TCP connection */
    healthCheck?: {
        http?: {
            /** @default "/" */
            path?: string;
            /** The `Host` that is asked for. @default the backend's name */
            host?: string;
        };
    };
    /**
     * The port, on each server's machine, of an agent that says on one line how the server is: `up`, `down`, `maint`, `75%`.
     * @default none
     */
    agentPort?: number;
    /** Name of a cookie that keeps a client on its server as long as that serves. @default none */
    cookie?: string;
    /** Seconds over which a server that has come back gets its full share; not one that a new configuration brings. @default 0 */
    slowStartSeconds?: number;
    /** Connections that one server gets at once; more wait. @default no limit */
    maxConnections?: number;
    /** Further attempts to connect to a server, the last at another. @default 3 */
    retries?: number;
    timeouts?: Pick<HaproxyTimeouts, "connectSeconds" | "queueSeconds" | "serverSeconds" | "tunnelSeconds">;
    servers: readonly HaproxyServer[];
    /** Lines in HAProxy's own language. @default [] */
    lines?: readonly string[];
}

/** Which requests a backend gets: those that all given conditions hold for. */
export interface HaproxyRoute {
    /** Name of the backend. */
    backend: string;
    /** Host names without a port, upper and lower case alike: one of them; `*.example.org` is every name of one label more. */
    hosts?: readonly string[];
    /** Paths: one of them, or a path below it. `/api` is `/api` and `/api/v1`, not `/apis`. */
    paths?: readonly string[];
    /** Headers that the request has, by name, with this value. */
    headers?: Readonly<Record<string, string>>;
    /** The part of these requests that the backend gets, 1 to 99 per cent; the others go on. @default all */
    share?: number;
}

/** An address that clients connect to. */
export interface HaproxyBind {
    /** `ADDRESS:PORT`; `*` is every IPv4 address. */
    address: string;
    /** Whether it speaks TLS, with the frontend's certificates. @default false */
    tls?: boolean;
}

/** Who may connect to a frontend, and how often. Networks are addresses or CIDR, IPv4 and IPv6. */
export interface HaproxyClients {
    /** Networks that may connect. @default all */
    allow?: readonly string[];
    /** Networks that may not. @default [] */
    deny?: readonly string[];
    /** Networks of proxies in front that tell the client's address by the PROXY protocol; all they send begins with it. @default [] */
    proxies?: readonly string[];
    /** What one client address may send: requests, in mode tcp connections. More are answered with 429, or closed. @default no limit */
    rate?: {
        requests: number;
        /** @default 10 */
        seconds?: number;
    };
}

/** What clients connect to. */
export interface HaproxyFrontend {
    /** Unique among frontends and backends. */
    name: string;
    bind: readonly (string | HaproxyBind)[];
    /** @default "http" */
    mode?: Mode;
    /** Files of certificates with their keys, absolute paths; a client gets the one for the name that it asks for, else the first. @default [] */
    certificates?: readonly string[];
    /** The port to which requests without TLS are sent with status 301; 443 is left out of the URL. @default they are served */
    redirectToTls?: number;
    /** Seconds for which browsers come with TLS alone (`Strict-Transport-Security`). @default never said */
    hstsSeconds?: number;
    clients?: HaproxyClients;
    /** The more of them says, the earlier a route is asked: headers, then hosts, then the longest path. @default [] */
    routes?: readonly HaproxyRoute[];
    /** Name of the backend that gets what no route takes. @default such requests get 503 */
    defaultBackend?: string;
    /** Connections at once. @default HAProxy's own limit */
    maxConnections?: number;
    /** Lines in HAProxy's own language. @default [] */
    lines?: readonly string[];
}

/** Whole numbers of seconds. */
export interface HaproxyTimeouts {
    /** For a client's whole request head. @default 10 */
    requestSeconds?: number;
    /** Between two requests of a connection. @default 10 */
    keepAliveSeconds?: number;
    /** For a connection to a server. @default 3 */
    connectSeconds?: number;
    /** That a request waits for a server with room. @default 10 */
    queueSeconds?: number;
    /** Silence of a client. @default 60 */
    clientSeconds?: number;
    /** Silence of a server, such as before its answer. @default 60 */
    serverSeconds?: number;
    /** Silence of both on an upgraded connection, and in mode tcp. @default 3600 */
    tunnelSeconds?: number;
}

/** An HAProxy configuration as plain values. */
export interface HaproxySpec {
    frontends: readonly HaproxyFrontend[];
    backends: readonly HaproxyBackend[];
    timeouts?: HaproxyTimeouts;
    /** Connections of all frontends at once. @default 8000 */
    maxConnections?: number;
    /**
     * `ADDRESS:PORT` at which an ACME client answers challenges by HTTP (RFC 8555, 8.3), which all frontends of mode http pass on to
     * it, before all else that they do. @default none
     */
    acmeChallenges?: string;
    /** Absolute path of the run-time socket. @default none */
    socket?: string;
    /** Where `/metrics` (Prometheus), `/stats` and `/ready` answer: a private `ADDRESS:PORT`. @default none */
    metrics?: string;
    /** File with the `Authorization` header, of the Basic scheme, that `/metrics` and `/stats` want. @default none */
    metricsLogin?: string;
    /** Whether it listens also on addresses that the machine has not, such as a virtual one that another has now. @default false */
    nonlocalBinds?: boolean;
    /** Seconds after which an old process is ended, whatever it still holds. @default 90 */
    hardStopAfterSeconds?: number;
    /** Lines in HAProxy's own language for the sections of these names. @default none */
    lines?: { global?: readonly string[]; defaults?: readonly string[] };
}
