export { analyse, serviceMatrix } from "./analyse";
export { adjacency, biadjacency, type Eigenpair, eigenvectors, incidence } from "./bipartite";
export { checkSurvives } from "./checkSurvives";
export * from "./swarm";
export type * from "./types";
