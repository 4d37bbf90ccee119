import { checkSshTarget } from "../checkSshTarget";
import type { ContainerSetSpec } from "../containers/containerSetSpec";
import { type Faults, show } from "../faults";
import type { SshTarget } from "../ssh";
import { checkUri, isReserved } from "./checkWords";
import type { FusionBalancerArgs } from "./FusionBalancer";
import { type Algorithm, algorithms } from "./haproxySpec";

/** The arguments of a balancer as validated plain values. */
export interface BalancerSpec {
    name: string;
    bind: string;
    algorithm: Algorithm;
    directory: string;
    /** Where HAProxy runs; undefined: this machine. */
    ssh: SshTarget | undefined;
    drainSeconds: number;
    url: string;
}

/** Checks the arguments; what is wrong goes to `faults`, with paths from the component's name on. */
export function balancerSpec(
    name: string,
    args: FusionBalancerArgs,
    backends: readonly ContainerSetSpec[],
    ssh: SshTarget | undefined,
    faults: Faults,
): BalancerSpec {
    faults.name(name, name);
    const listen = typeof args.listen === "number" ? { port: args.listen } : args.listen;
    faults.port(typeof args.listen === "number" ? `${name}.listen` : `${name}.listen.port`, listen?.port);
    const address = listen?.address;
    if (address !== undefined) {
        faults.ipv4(`${name}.listen.address`, address);
    }
    const algorithm = args.algorithm ?? "roundrobin";
    faults.oneOf(`${name}.algorithm`, algorithm, algorithms);
    const directory = args.directory ?? `/var/lib/fusion/${name}`;
    // The run-time sockets are below it, and a socket's path has room for 107 characters.
    if (!/^(\/[A-Za-z0-9_@+=.-]+){2,}$/.test(directory) || directory.length > 90) {
        faults.add(
            `${name}.directory`,
            `is not a plain absolute path of up to 90 characters below another directory: ${show(directory)}; give one such as "/var/lib/fusion/lb"`,
        );
    }
    checkBackends(name, backends, faults);
    if (ssh !== undefined) {
        checkSshTarget(`${name}.host.ssh`, ssh, faults);
    }
    const drainSeconds = args.drainSeconds ?? 30;
    faults.integer(`${name}.drainSeconds`, drainSeconds, 0, 86_400, "give seconds, such as 30");
    const port = listen?.port ?? 80;
    const host = args.address ?? address ?? ssh?.address ?? "localhost";
    return {
        name,
        bind: `${address ?? "*"}:${port}`,
        algorithm,
        directory,
        ssh,
        drainSeconds,
        url: `http://${host}${port === 80 ? "" : `:${port}`}/`,
    };
}

function checkBackends(name: string, backends: readonly ContainerSetSpec[], faults: Faults): void {
    if (backends.length !== 1) {
        faults.add(`${name}.backends`, `must have one container set, got ${backends.length}; make one balancer a set`);
    }
    for (const [index, backend] of backends.entries()) {
        const path = `${name}.backends[${index}]`;
        if (backend.name === name) {
            faults.add(
                name,
                `is the name of the container set behind it too: ${show(name)}; give the balancer another`,
            );
        }
        for (const [at, word] of [
            [name, name],
            [path, backend.name],
        ] as const) {
            if (isReserved(word)) {
                faults.add(at, `is named by one of HAProxy's own words: ${show(word)}; give it another name`);
            }
        }
        const uri = backend.healthCheck?.http?.path;
        if (uri !== undefined) {
            checkUri(`${path}.healthCheck.http.path`, uri, faults);
        }
        if (backend.ports.length === 0) {
            faults.add(path, `${backend.name} publishes no port; give it ports`);
        }
        if (backend.service.replicas === 0) {
            faults.add(path, `${backend.name} has no replicas; give it at least one`);
        }
    }
}
