export { analyse, biadjacency } from "./analyse";
export type * from "./types";
