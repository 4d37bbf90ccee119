import type { Shape } from "../shape";

/** What a container can have, in the provider's words; a test compares them with its interface. */
export const containerShape: Readonly<Record<string, Shape>> = {
    ...{
        attach: "any",
        capabilities: "inputObject",
        cgroupParent: "input",
        cgroupnsMode: "input",
        command: "inputList",
    },
    ...{ containerReadRefreshTimeoutMilliseconds: "any", cpuPeriod: "any", cpuQuota: "any", cpuSet: "input" },
    ...{ cpuShares: "any", cpus: "input", destroyGraceSeconds: "any", deviceCgroupRules: "inputList" },
    ...{ deviceReadBps: "inputList", deviceReadIops: "inputList", deviceRequests: "inputList" },
    ...{ deviceWriteBps: "inputList", deviceWriteIops: "inputList", devices: "inputList", dns: "inputList" },
    ...{ dnsOpts: "inputList", dnsSearches: "inputList", domainname: "input", entrypoints: "inputList" },
    ...{ envs: "inputList", gpus: "input", groupAdds: "inputList", healthcheck: "inputObject", hostname: "input" },
    ...{ hosts: "inputList", image: "input", init: "any", ipcMode: "input", labels: "inputList", logDriver: "input" },
    ...{ logOpts: "inputObject", logs: "any", maxRetryCount: "any", memory: "any", memoryReservation: "any" },
    ...{ memorySwap: "any", mounts: "inputList", mustRun: "any", name: "input", networkMode: "input" },
    ...{ networksAdvanced: "inputList", pidMode: "input", platform: "input", ports: "inputList", privileged: "any" },
    ...{ publishAllPorts: "any", readOnly: "any", removeVolumes: "any", restart: "input", rm: "any", runtime: "input" },
    ...{ securityOpts: "inputList", shmSize: "any", start: "any", stdinOpen: "any", stopSignal: "input" },
    ...{ stopTimeout: "any", storageOpts: "inputObject", sysctls: "inputObject", tmpfs: "inputObject", tty: "any" },
    ...{ ulimits: "inputList", uploads: "inputList", user: "input", usernsMode: "input", volumes: "inputList" },
    ...{ wait: "any", waitTimeout: "any", workingDir: "input" },
};

/** What sets and jobs have in common; `image`, `placement` and `survives` are read where they are checked. */
export const sharedShape = {
    hosts: ["any"],
    image: "any",
    registryAuth: { username: "input", password: "input" },
    pull: "text",
    platform: "text",
    keepImagesDays: "number",
    resources: { cpus: "number", memoryMiB: "number", limits: { cpus: "number", memoryMiB: "number" } },
    command: "inputList",
    env: "record",
    files: "record",
    placement: "any",
} as const satisfies Shape;

/** The arguments of a FusionContainerSet; a test compares them with its interface. */
export const setShape: Shape = {
    ...sharedShape,
    replicas: "any",
    ports: [{ container: "number", host: "number", protocol: "text" }],
    healthCheck: {
        http: { path: "text", port: "number" },
        tcp: { port: "number" },
        command: ["text"],
        startPeriodSeconds: "number",
        timeoutSeconds: "number",
    },
    volumes: [
        { name: "text", path: "text", hostPath: "text", readOnly: "boolean", shared: "boolean", protect: "boolean" },
    ],
    stopSeconds: "number",
    stopSignal: "text",
    update: { order: "text", parallelism: "number", maxSurge: "number" },
    canary: { replicas: "number", weight: "number" },
    rollback: "boolean",
    container: containerShape,
    survives: "any",
    swarm: {
        ...{ publish: "text", networks: ["text"], maxPerNode: "number" },
        ...{ rollbackOnFailure: "boolean", monitorSeconds: "number", healthIntervalSeconds: "number" },
    },
};

/** The same for a set whose hosts are a FusionSwarm. */
export const onSwarmShape: Shape = { ...setShape, hosts: "any" };
