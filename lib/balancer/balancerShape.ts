import type { Shape } from "../shape";

export const listenerShape: Shape = { address: "text", port: "number", tls: "boolean" };

const serverTimeouts: Record<string, Shape> = {
    ...{ connectSeconds: "number", queueSeconds: "number", serverSeconds: "number", tunnelSeconds: "number" },
};

/** What can be said of a backend that is not just a container set. */
export const backendShape: Shape = {
    ...{ set: "any", name: "text", algorithm: "text", agentPort: "number", cookie: "text", lines: ["text"] },
    ...{ maxConnections: "number", retries: "number", slowStartSeconds: "number" },
    healthCheck: { http: { path: "text", host: "text" } },
    timeouts: serverTimeouts,
    servers: [
        { name: "text", address: "text", port: "number", weight: "number", checkPort: "number", backup: "boolean" },
    ],
    ...{ match: { hosts: ["text"], paths: ["text"], headers: "record", share: "number" } },
};

/** The arguments of a FusionBalancer; a test compares them with its interface. */
export const balancerShape: Shape = {
    ...{ listen: "any", backends: ["any"], mode: "text", algorithm: "text", host: "any", address: "text" },
    ...{ drainSeconds: "number", directory: "text", maxConnections: "number" },
    tls: {
        ...{ certificates: [{ certificate: "input", key: "input" }], redirect: "boolean", hstsSeconds: "number" },
        acme: {
            ...{ domains: ["any"], email: "text", acceptTerms: "any", server: "text", authority: "text" },
            ...{ renewDaysBefore: "number", challengePort: "number" },
        },
    },
    clients: {
        ...{ allow: ["text"], deny: ["text"], proxies: ["text"] },
        rate: { requests: "number", seconds: "number" },
    },
    timeouts: {
        ...{ requestSeconds: "number", keepAliveSeconds: "number", clientSeconds: "number" },
        ...serverTimeouts,
    },
    metrics: { listen: { address: "text", port: "number" }, user: "text", password: "input" },
    standby: { host: "any", address: "text", peers: ["text"], interface: "text", routerId: "number" },
    haproxy: {
        ...{ install: "any", version: "text", image: "text" },
        registryAuth: { username: "input", password: "input" },
    },
    lines: { global: ["text"], defaults: ["text"], frontend: ["text"] },
};
