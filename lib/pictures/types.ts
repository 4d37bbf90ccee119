/** What is drawn: a placement's hosts and services with where the replicas run. Other fields are ignored. */
export interface PictureInput {
    readonly hosts: readonly PictureHost[];
    /** Services that only the assignment names are drawn too, as taking nothing. @default [] */
    readonly services?: readonly PictureService[];
    /** Replica to host. The replica's name is `<service>-<number>`. */
    readonly assignment: Readonly<Record<string, string>>;
    /** Replica to host before the moves, so that what stayed and what is new are told apart. @default nothing is known of it */
    readonly previous?: Readonly<Record<string, string>>;
}

/** A host with what it offers, in the units of the placement. */
export interface PictureHost {
    readonly name: string;
    /** Amount a dimension; without any, no load is drawn. @default {} */
    readonly capacity?: Readonly<Record<string, number>>;
    /** @default {} */
    readonly labels?: Readonly<Record<string, string>>;
}

/** A service with what one replica takes. */
export interface PictureService {
    readonly name: string;
    /** How many are wanted; what is missing is told. @default as many as are placed */
    readonly replicas?: number;
    /** Amount a dimension. @default {} */
    readonly demand?: Readonly<Record<string, number>>;
}

/** How to draw. */
export interface PictureOptions {
    /** The label by which hosts are grouped. @default "zone" where a host bears it, else no groups */
    readonly groupBy?: string;
}
