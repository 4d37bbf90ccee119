import type { GraphInput, GraphTraffic } from "../graph";
import type { PictureInput } from "../pictures";
import type { PlacementUnplaced } from "../placement";
import type { SwarmFile } from "./swarmGraph";

/** What is known of a placement, wherever it came from: enough to analyse and to draw it. */
export interface PlacementFacts extends GraphInput, PictureInput {
    readonly hosts: readonly {
        readonly name: string;
        readonly labels?: Readonly<Record<string, string>>;
        readonly capacity?: Readonly<Record<string, number>>;
    }[];
    readonly services: readonly {
        readonly name: string;
        readonly replicas?: number;
        readonly demand?: Readonly<Record<string, number>>;
        readonly needs?: number;
        readonly dependsOn?: readonly string[];
    }[];
    readonly traffic?: readonly GraphTraffic[];
    readonly domains?: readonly string[];
    /** In the state of a stack that has sets on swarms, which no placement tells of. */
    readonly swarms?: readonly SwarmFile[];
    /** As messages call where it came from. */
    readonly source?: string;
    /** Of a problem that was placed for this. */
    readonly unplaced?: readonly PlacementUnplaced[];
}
