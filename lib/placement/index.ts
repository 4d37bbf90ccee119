export { planCapacity } from "./capacity/planCapacity";
export type * from "./capacity/types";
export { explain } from "./explain";
export { placeLevels } from "./levels/placeLevels";
export type * from "./levels/types";
export { place } from "./place";
export type * from "./types";
