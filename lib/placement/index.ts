export { place } from "./place";
export type * from "./types";
