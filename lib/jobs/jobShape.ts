import { sharedShape } from "../containers/setShape";
import type { Shape } from "../shape";

/** The arguments of a FusionJob; a test compares them with its interface. */
export const jobShape: Shape = { ...sharedShape, timeoutSeconds: "number", schedule: "text" };
