import type { Shape } from "../shape";

export const listenerShape = { address: "text", port: "number", tls: "boolean" } as const satisfies Shape;

const healthCheck = { http: { path: "text", host: "text" } } as const;

const timeoutShape = {
    ...{ requestSeconds: "number", keepAliveSeconds: "number", connectSeconds: "number", queueSeconds: "number" },
    ...{ clientSeconds: "number", serverSeconds: "number", tunnelSeconds: "number" },
} as const;

const { connectSeconds, queueSeconds, serverSeconds, tunnelSeconds } = timeoutShape;

/** What can be said of a backend that is not just a container set. */
export const backendShape: Shape = {
    ...{ set: "any", name: "text", algorithm: "text", agentPort: "number", cookie: "text", healthCheck, lines: ["text"] },
    ...{ maxConnections: "number", retries: "number", slowStartSeconds: "number" },
    timeouts: { connectSeconds, queueSeconds, serverSeconds, tunnelSeconds },
    servers: [
        { name: "text", address: "text", port: "number", weight: "number", checkPort: "number", backup: "boolean" },
    ],
    match: { hosts: ["text"], paths: ["text"], headers: "record", share: "number" },
};

/** The arguments of a FusionBalancer; a test compares them with its interface. */
export const balancerShape: Shape = {
    ...{ listen: "any", backends: ["any"], mode: "text", algorithm: "text", host: "any", address: "text" },
    ...{ drainSeconds: "number", directory: "text", maxConnections: "number", timeouts: timeoutShape },
    tls: { certificates: [{ certificate: "input", key: "input" }], redirect: "boolean", hstsSeconds: "number" },
    clients: { allow: ["text"], deny: ["text"], proxies: ["text"], rate: { requests: "number", seconds: "number" } },
    metrics: { listen: { address: "text", port: "number" }, user: "text", password: "input" },
    lines: { global: ["text"], defaults: ["text"], frontend: ["text"] },
};
