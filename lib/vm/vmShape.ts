import { sshShape } from "../checkSshTarget";
import type { Shape } from "../shape";

/** What can be said of Docker in a machine. */
export const dockerShape = {
    daemon: "record",
    source: "text",
    version: "text",
    registryMirrors: ["text"],
} as const satisfies Shape;

/** What a libvirt domain can have, in the provider's words. */
export const domainShape: Readonly<Record<string, Shape>> = {
    ...{ arch: "input", autostart: "any", bootDevices: "inputList", cloudinit: "input", cmdlines: "inputList" },
    ...{ consoles: "inputList", coreosIgnition: "input", cpu: "inputObject", description: "input", disks: "inputList" },
    ...{ domainId: "input", emulator: "input", filesystems: "inputList", firmware: "input", fwCfgName: "input" },
    ...{
        graphics: "inputObject",
        initrd: "input",
        kernel: "input",
        machine: "input",
        memory: "any",
        metadata: "input",
    },
    ...{ name: "input", networkInterfaces: "inputList", nvram: "inputObject", qemuAgent: "any", running: "any" },
    ...{ timeouts: "inputObject", tpm: "inputObject", type: "input", vcpu: "any", video: "inputObject" },
    xml: "inputObject",
};

/** The arguments of a FusionVm; a test compares them with its interface. */
export const vmShape: Shape = {
    hypervisor: "any",
    image: { source: "text", sha256: "text" },
    address: "text",
    address6: "text",
    mac: "text",
    interfaces: [
        {
            ...{ network: "text", bridge: "text", macvtap: "text", mac: "text", address: "text", address6: "text" },
            ...{ gateway: "text", gateway6: "text", nameservers: ["text"] },
        },
    ],
    labels: "record",
    ssh: {
        user: "text",
        authorizedKeys: ["text"],
        privateKeyFile: "text",
        privateKey: "input",
        jump: sshShape,
    },
    ...{ vcpus: "number", maxVcpus: "number", memoryMiB: "number", maxMemoryMiB: "number", diskGiB: "number" },
    dataDisks: [{ name: "text", sizeGiB: "number", path: "text", filesystem: "text", protect: "boolean" }],
    autostart: "boolean",
    description: "text",
    firmware: { loader: "text", nvramTemplate: "text" },
    domain: domainShape,
    onUserDataChange: "text",
    lost: "boolean",
    shutdownSeconds: "number",
    readyTimeoutSeconds: "number",
    users: [{ name: "text", authorizedKeys: ["text"], groups: ["text"], sudo: "boolean", shell: "text" }],
    timezone: "text",
    packages: ["text"],
    files: [{ path: "text", content: "input", permissions: "text", owner: "text" }],
    commands: ["any"],
    sysctl: "record",
    proxy: { http: "text", https: "text", noProxy: ["text"] },
    docker: dockerShape,
    cloudInit: "record",
};
