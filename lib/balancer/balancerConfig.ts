import * as pulumi from "@pulumi/pulumi";
import type { Endpoint } from "../containers/endpoint";
import type { FusionContainerSet } from "../containers/FusionContainerSet";
import type { BalancerSpec } from "./balancerSpec";
import type { HaproxyServer } from "./haproxySpec";
import { renderHaproxyConfig } from "./renderHaproxyConfig";

/** The text of a balancer's configuration: its arguments, the servers of container sets and the files of certificates. */
export function balancerConfig(
    { haproxy, backends }: BalancerSpec,
    certificates: pulumi.Output<string[]>,
): pulumi.Output<string> {
    const servers = pulumi.all(backends.map(({ backend, set }) => (set ? serversOf(set) : backend.servers)));
    return pulumi.all([servers, certificates]).apply(([found, files]) =>
        renderHaproxyConfig({
            ...haproxy,
            frontends: haproxy.frontends.map((one) => ({
                ...one,
                certificates: [...files, ...(one.certificates ?? [])],
            })),
            backends: haproxy.backends.map((one, index) => ({ ...one, servers: found[index] ?? [] })),
        }),
    );
}

const serversOf = ({ endpoints }: FusionContainerSet): pulumi.Output<HaproxyServer[]> =>
    endpoints.apply((all) => all.map(serverOf));

/** A server as HAProxy is told of it. */
export const serverOf = ({ name, address, port, weight, checkPort }: Endpoint): HaproxyServer => ({
    name,
    address,
    port,
    ...(weight !== undefined && { weight }),
    ...(checkPort !== undefined && { checkPort }),
});
