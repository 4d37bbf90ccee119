import type { Shape } from "../shape";

/** The arguments of a FusionBalancer; a test compares them with its interface. */
export const balancerShape: Shape = {
    ...{ listen: "any", backends: ["any"], algorithm: "text", host: "any", address: "text" },
    ...{ drainSeconds: "number", directory: "text" },
};
