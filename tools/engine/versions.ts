/** The versions that fit together; CONTRIBUTING says how to raise them. */
export const versions = {
    /** The engine that is downloaded or built. */
    pulumi: "3.259.0",
    /** The oldest engine of the user's own that is used. */
    minimumPulumi: "3.238.0",
    command: "1.2.1",
    docker: "5.2.0",
    /** The generic provider that runs libvirt's. */
    terraformProvider: "1.1.3",
    libvirt: "0.8.3",
    /** The oldest Go that builds the engine. */
    go: "1.26",
} as const;

/** Whether version `a` is at least version `b`. Both are numbers with dots, with or without a leading `v` or `go`. */
export function atLeast(a: string, b: string): boolean {
    const [left, right] = [a, b].map((text) => (text.match(/\d+/g) ?? []).slice(0, 3).map(Number));
    for (let i = 0; i < 3; i++) {
        const difference = (left?.[i] ?? 0) - (right?.[i] ?? 0);
        if (difference !== 0) {
            return difference > 0;
        }
    }
    return true;
}

export type Origin = "installed" | "released" | "built";

/** What is known before one of the three ways to an engine is chosen. */
export interface Situation {
    /** The value of FUSION_ENGINE. */
    forced?: string;
    /** The version of the `pulumi` on the PATH. */
    installed?: string;
    /** Whether released versions can be downloaded, or have been. */
    releases: boolean;
}

/**
 * Chooses where the engine comes from: the user's own, else the released one, else the build.
 *
 * @throws Error when FUSION_ENGINE asks for one that cannot be had
 */
export function chooseOrigin({ forced, installed, releases }: Situation): Origin {
    const usable = installed !== undefined && atLeast(installed, versions.minimumPulumi);
    switch (forced) {
        case undefined:
        case "":
            return usable ? "installed" : releases ? "released" : "built";
        case "installed":
            if (!usable) {
                const found =
                    installed === undefined ? "there is no pulumi on the PATH" : `pulumi on the PATH is ${installed}`;
                throw new Error(
                    `FUSION_ENGINE=installed, but ${found}. Install Pulumi ${versions.minimumPulumi} or later.`,
                );
            }
            return forced;
        case "released":
        case "built":
            return forced;
        default:
            throw new Error(`FUSION_ENGINE is "${forced}". Use installed, released or built, or leave it unset.`);
    }
}
