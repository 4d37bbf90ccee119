export { analyseSwarm } from "./analyseSwarm";
export { checkSwarmSurvives } from "./checkSwarmSurvives";
export type * from "./types";
