import type { SceneService } from "./scene";

/** Left edge of the hosts in the picture of the graph. */
export const HOSTS_X = 348;

/** Where an edge arrives: a host, or a group of hosts where there are too many to draw each one's. */
export interface Target {
    readonly name: string;
    /** The middle. */
    readonly y: number;
    /** How tall the target is, over which the edges are spread. */
    readonly height: number;
    readonly runs: ReadonlyMap<SceneService, number>;
}
