import { sshShape } from "../checkSshTarget";
import type { Shape } from "../shape";

/** The arguments of a FusionHypervisor; a test compares them with its interface. */
export const hypervisorShape: Shape = {
    uri: "text",
    ssh: sshShape,
    network: {
        ...{ mode: "text", cidr: "text", cidr6: "text", name: "text", bridge: "text", device: "text" },
        ...{ gateway: "text", gateway6: "text", nameservers: ["text"] },
        range: { from: "text", to: "text" },
    },
    pool: { name: "text", path: "text" },
    domainType: "text",
    labels: "record",
    capacity: { cpus: "number", memoryMiB: "number" },
};
