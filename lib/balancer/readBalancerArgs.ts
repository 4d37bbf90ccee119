import * as pulumi from "@pulumi/pulumi";
import { sshShape } from "../checkSshTarget";
import { FusionContainerSet } from "../containers/FusionContainerSet";
import { Faults } from "../faults";
import { FusionHypervisor } from "../hypervisor/FusionHypervisor";
import { isRecord } from "../isRecord";
import { shaped } from "../shape";
import { FusionVm } from "../vm/FusionVm";
import type { BackendArgs, Listener } from "./balancerArgs";
import { backendShape, balancerShape, listenerShape } from "./balancerShape";
import type { FusionBalancerArgs } from "./FusionBalancer";

/** The arguments as far as they can be read; what is not goes to `faults`. */
export function readBalancerArgs(name: string, given: FusionBalancerArgs, faults: Faults): FusionBalancerArgs {
    const { host, listen, backends = [], standby, ...others } = shaped(name, given, balancerShape, faults);
    return {
        ...others,
        listen: readListen(`${name}.listen`, listen, faults),
        backends: backends.map((one, index) => readBackend(`${name}.backends[${index}]`, one, faults)),
        ...(host !== undefined && { host: readHost(`${name}.host`, host, faults) }),
        ...(standby !== undefined && {
            standby: {
                ...standby,
                ...(standby.host !== undefined && { host: readHost(`${name}.standby.host`, standby.host, faults) }),
            },
        }),
    };
}

const readHost = (path: string, host: NonNullable<FusionBalancerArgs["host"]>, faults: Faults) =>
    host instanceof FusionHypervisor || host instanceof FusionVm ? host : shaped(path, host, { ssh: sshShape }, faults);

function readListen(path: string, listen: FusionBalancerArgs["listen"] | undefined, faults: Faults) {
    if (listen === undefined || typeof listen === "number") {
        return listen ?? [];
    }
    return isList(listen)
        ? listen.map((one, index) => shaped(`${path}[${index}]`, one, listenerShape, faults))
        : shaped(path, listen, listenerShape, faults);
}

const isList = (listen: Listener | readonly Listener[]): listen is readonly Listener[] => Array.isArray(listen);

function readBackend(path: string, given: FusionContainerSet | BackendArgs, faults: Faults) {
    if (given instanceof FusionContainerSet) {
        return given;
    }
    const { set, ...read } = shaped(path, given, backendShape, faults);
    if (set !== undefined && !(set instanceof FusionContainerSet)) {
        faults.noComponent(`${path}.set`, set, "FusionContainerSet");
        faults.cover(path);
        return read;
    }
    if (!isRecord(given)) {
        faults.cover(path);
    }
    return { ...read, ...(set !== undefined && { set }) };
}

/** The arguments as they stand in the state; nothing where they cannot be read. */
export function shownInputs(name: string, given: FusionBalancerArgs): pulumi.Inputs {
    const faults = new Faults();
    const { host, backends, tls, metrics, standby, haproxy, ...others } = readBalancerArgs(name, given, faults);
    if (faults.size > 0) {
        return {};
    }
    const certificates = tls?.certificates?.map(({ certificate, key }) => ({ certificate, key: pulumi.secret(key) }));
    return {
        ...others,
        backends: backends.map((one) =>
            one instanceof FusionContainerSet ? one.spec.name : { ...one, ...(one.set && { set: one.set.spec.name }) },
        ),
        ...(host !== undefined && { host: shownHost(host) }),
        ...(standby !== undefined && { standby: { ...standby, host: shownHost(standby.host) } }),
        ...(tls !== undefined && { tls: { ...tls, certificates } }),
        ...(haproxy !== undefined && {
            haproxy: {
                ...haproxy,
                ...(haproxy.registryAuth !== undefined && { registryAuth: pulumi.secret(haproxy.registryAuth) }),
            },
        }),
        ...(metrics !== undefined && {
            metrics: {
                ...metrics,
                ...(metrics.password !== undefined && { password: pulumi.secret(metrics.password) }),
            },
        }),
    };
}

const shownHost = (host: FusionBalancerArgs["host"]) =>
    host instanceof FusionHypervisor || host instanceof FusionVm ? host.spec.name : host;
