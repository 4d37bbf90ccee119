import { type Faults, show } from "../faults";
import { isRecord } from "../isRecord";
import { isText } from "../isText";

/** How Docker comes into a machine. An image or a machine that has Docker already keeps the one it has. */
export interface DockerArgs {
    /** Contents of `/etc/docker/daemon.json`, for example `{ "insecure-registries": ["10.0.0.5:5000"] }`. @default none */
    daemon?: Record<string, unknown>;
    /** The distribution's own package, or Docker's repository with its key. AlmaLinux has only the latter. @default "distribution" */
    source?: "distribution" | "docker";
    /** Version of the package: `"27.3.1"`, or the package's full one. It is held against upgrades. @default the newest */
    version?: string;
    /** URLs of mirrors of Docker Hub, asked in this order: added to the daemon's `registry-mirrors`. @default [] */
    registryMirrors?: string[];
}

/** How Docker comes into a machine, as validated plain values. */
export interface DockerSpec {
    source: "distribution" | "docker";
    version?: string;
}

/** Checks the arguments about Docker; what is wrong goes to `faults`. */
export function dockerSpec(path: string, args: DockerArgs | undefined, faults: Faults): DockerSpec {
    const { source = "distribution", version, daemon, registryMirrors } = args ?? {};
    faults.oneOf(`${path}.source`, source, ["distribution", "docker"]);
    if (version !== undefined && !isText(version, /^[0-9][A-Za-z0-9.+:~-]*$/)) {
        faults.add(`${path}.version`, `is no version of a package: ${show(version)}; give one such as "27.3.1"`);
    }
    if (daemon !== undefined && !isRecord(daemon)) {
        faults.add(`${path}.daemon`, `must be an object, got ${show(daemon)}; give the contents of daemon.json`);
    }
    for (const [index, url] of (registryMirrors ?? []).entries()) {
        if (!isText(url, /^https?:\/\/[A-Za-z0-9.[\]:-]+(\/[A-Za-z0-9._~/-]*)?$/)) {
            faults.add(
                `${path}.registryMirrors[${index}]`,
                `is no URL of a registry: ${show(url)}; give one such as "https://mirror.example.org"`,
            );
        }
    }
    return { source, ...(version !== undefined && { version }) };
}

/** The contents of `daemon.json`, the mirrors of Docker Hub among them; undefined where there is nothing to say. */
export function dockerDaemon(args: DockerArgs | undefined): Record<string, unknown> | undefined {
    const { daemon, registryMirrors = [] } = args ?? {};
    if (registryMirrors.length === 0) {
        return daemon;
    }
    const own = daemon?.["registry-mirrors"];
    const mirrors = [...(Array.isArray(own) ? own : []), ...registryMirrors];
    return { ...daemon, "registry-mirrors": [...new Set(mirrors)] };
}

/** The text of `daemon.json`. The keys are in order, so that it does not depend on how the caller wrote them. */
export const daemonJson = (daemon: Readonly<Record<string, unknown>>): string =>
    `${JSON.stringify(sorted(daemon), null, 2)}\n`;

/** A plain value with the keys of its objects in order. */
export function sorted(value: unknown): unknown {
    if (Array.isArray(value)) {
        return value.map(sorted);
    }
    if (typeof value === "object" && value !== null) {
        return Object.fromEntries(
            Object.entries(value)
                .sort(([a], [b]) => (a < b ? -1 : 1))
                .map(([key, inner]) => [key, sorted(inner)]),
        );
    }
    return value;
}
