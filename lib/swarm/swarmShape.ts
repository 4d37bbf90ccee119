import type { Shape } from "../shape";

/** The arguments of a FusionSwarm; a test compares them with its interface. */
export const swarmShape: Shape = {
    hosts: ["any"],
    managers: "number",
    autolock: "boolean",
    addressPool: "text",
    networks: "record",
    recover: "text",
    drainSeconds: "number",
};

/** What is said of an overlay network. */
export const overlayShape: Shape = { encrypted: "boolean" };
