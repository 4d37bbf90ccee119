import { type Faults, show } from "../faults";
import type { ContainerSetSpec } from "./containerSetSpec";

/** How a container shows that it serves. Asked from the container's host; give one of `http`, `tcp` and `command`. */
export interface HealthCheck {
    /** A GET request that must be answered with a status of 2xx. */
    http?: {
        /** @default "/" */
        path?: string;
        /** The container's port, one of `ports`. @default the first of `ports` */
        port?: number;
    };
    /** A connection that must be accepted. */
    tcp?: {
        /** The container's port, one of `ports`. @default the first of `ports` */
        port?: number;
    };
    /** A program and its arguments, run in the container, that must end with 0. A balancer in front asks for a connection. */
    command?: readonly string[];
    /** Seconds in which a new container may end and be started again; later its third end fails the update. @default 0 */
    startPeriodSeconds?: number;
    /** Seconds after its start period, after which a new container that does not answer fails the update. @default 300 */
    timeoutSeconds?: number;
}

/** The container's port that is asked; undefined where none is. */
export function checkedPort({ healthCheck: check, ports }: Pick<ContainerSetSpec, "healthCheck" | "ports">) {
    return check?.http?.port ?? check?.tcp?.port ?? ports.find(({ protocol }) => protocol === "tcp")?.container;
}

/** Checks a health check; what is wrong goes to `faults`. */
export function checkHealth(
    path: string,
    check: HealthCheck | undefined,
    ports: ContainerSetSpec["ports"],
    faults: Faults,
): void {
    if (check === undefined) {
        return;
    }
    const kinds = (["http", "tcp", "command"] as const).filter((name) => check[name] !== undefined);
    const [kind] = kinds;
    if (kind === undefined || kinds.length > 1) {
        faults.add(path, `must have one of http, tcp and command, got ${show(check)}`);
    } else if (kind === "command") {
        checkCommand(`${path}.command`, check.command, faults);
    } else {
        checkPort(path, kind, check[kind]?.port, ports, faults);
    }
    const uri = check.http?.path;
    if (uri !== undefined && !/^\/[A-Za-z0-9_.~!$&'()*+,;=:@/?%-]*$/.test(uri)) {
        faults.add(`${path}.http.path`, `is not the path of a URL: ${show(uri)}; give one such as "/"`);
    }
    if (check.timeoutSeconds !== undefined) {
        faults.integer(`${path}.timeoutSeconds`, check.timeoutSeconds, 1, 86_400, "give seconds, such as 300");
    }
    if (check.startPeriodSeconds !== undefined) {
        faults.integer(`${path}.startPeriodSeconds`, check.startPeriodSeconds, 0, 86_400, "give seconds, such as 30");
    }
}

function checkPort(
    path: string,
    kind: "http" | "tcp",
    port: number | undefined,
    ports: ContainerSetSpec["ports"],
    faults: Faults,
): void {
    const published = ports.filter(({ protocol }) => protocol === "tcp").map(({ container }) => container);
    if (port !== undefined && !published.includes(port)) {
        faults.add(
            `${path}.${kind}.port`,
            `is not published: ${show(port)}; add { container: ${show(port)} } to ports, or probe one of ${show(published)}`,
        );
    } else if (published.length === 0) {
        faults.add(path, "has no port to probe; add one to ports");
    }
}

function checkCommand(path: string, words: unknown, faults: Faults): void {
    if (
        !Array.isArray(words) ||
        words.length === 0 ||
        !words.every((word) => typeof word === "string" && word !== "")
    ) {
        faults.add(path, `must be a list of words, got ${show(words)}; give a program such as ["pg_isready"]`);
    } else if (words.some((word) => String(word).includes("\0"))) {
        faults.add(path, `has a NUL character, which no program can be given: ${show(words)}; leave it out`);
    }
}
