import type * as pulumi from "@pulumi/pulumi";
import type { FusionContainerSet } from "../containers/FusionContainerSet";
import type { FusionHypervisor } from "../hypervisor/FusionHypervisor";
import type { SshTarget } from "../ssh";
import type { FusionVm } from "../vm/FusionVm";
import type { Algorithm, HaproxyBackend, HaproxyRoute, HaproxyServer } from "./haproxySpec";

/** A TCP port that clients connect to. */
export interface Listener {
    /** An address of the balancer's machine, IPv4 or IPv6. @default every IPv4 address */
    address?: string;
    port: number;
    /** Whether it speaks TLS, with the certificates of `tls`. @default false */
    tls?: boolean;
}

/** A certificate and its key, both as PEM. */
export interface CertificateArgs {
    /** The certificate, followed by those of the authorities between it and the root. */
    certificate: pulumi.Input<string>;
    /** Its private key, without a passphrase; always a secret. */
    key: pulumi.Input<string>;
}

/**
 * Certificates from an authority that speaks ACME (RFC 8555), such as Let's Encrypt, asked for by lego on the balancer's machine and
 * renewed there. Each name is proven by HTTP (HTTP-01): the authority asks its port 80, which has to lead to a listener without TLS.
 */
export interface AcmeArgs {
    /** Host names: a certificate for each; a list of names shares one. */
    domains: readonly (string | readonly string[])[];
    /** Where the authority writes to when something is wrong with a certificate. */
    email: string;
    /** That you accept the terms of the authority. */
    acceptTerms: true;
    /** URL of the authority's ACME directory. @default Let's Encrypt's, `https://acme-v02.api.letsencrypt.org/directory` */
    server?: string;
    /** PEM: the authority that the certificate of `server` itself is from, where that is a private one. @default those that the machine trusts */
    authority?: string;
    /** Days before its end on which a certificate is renewed, 1 to 60 and less than its time. @default the last third of its time */
    renewDaysBefore?: number;
    /**
     * TCP port on which lego answers meanwhile, on an address of the machine's loopback that is this balancer's alone; below 1024,
     * where only root may listen: whoever answers there gets certificates. @default 402
     */
    challengePort?: number;
}

/** TLS by Mozilla's intermediate profile: TLS 1.2 and 1.3; HTTP/1.1 and HTTP/2. */
export interface TlsArgs {
    /** A client gets the one for the name that it asks for, else the first. @default those of `acme` alone */
    certificates?: readonly CertificateArgs[];
    /** Certificates that an authority gives and renews; those of `certificates` come before them. @default none */
    acme?: AcmeArgs;
    /** Whether requests without TLS are sent to the port with it, with status 301. @default true */
    redirect?: boolean;
    /** Seconds for which browsers come with TLS alone (`Strict-Transport-Security`). @default never said */
    hstsSeconds?: number;
}

/** Where Prometheus and people look: `/metrics`, `/stats`, and `/ready`, which is 200 while every backend has a server. */
export interface MetricsArgs {
    /** A private address and a port of the balancer's machine. */
    listen: { address: string; port: number };
    /** Name of the user that `/metrics` and `/stats` want. @default nobody is asked for one */
    user?: string;
    /** That user's password; always a secret. */
    password?: pulumi.Input<string>;
}

/** A second balancer that does as the first one, and the address that goes to whichever of the two is well. */
export interface StandbyArgs {
    /** Where it runs: another machine than the balancer's `host`, with root as there. */
    host: FusionHypervisor | FusionVm | { ssh: SshTarget };
    /**
     * The virtual address with the length of its network's prefix, IPv4 or IPv6: `"192.0.2.10/24"`. One of the two machines has
     * it, by keepalived (VRRP); clients use it, and no other machine.
     */
    address: string;
    /** IP addresses by which the two machines reach each other, the first's and the standby's. @default those of their ssh */
    peers?: readonly string[];
    /** The network interface, of that name on both machines, that gets the address. @default the one that leads to the other machine */
    interface?: string;
    /** VRRP's number of the pair, 1 to 255, which no other in the network has. @default one by the names of stack and balancer */
    routerId?: number;
}

/** Who serves, and which requests: a container set, or plain addresses. */
export interface BackendArgs
    extends Pick<
        HaproxyBackend,
        | "agentPort"
        | "cookie"
        | "healthCheck"
        | "lines"
        | "maxConnections"
        | "retries"
        | "slowStartSeconds"
        | "timeouts"
    > {
    /** The container set that serves; its own health check is HAProxy's too. @default `servers` are given */
    set?: FusionContainerSet;
    /** Name of the backend of plain addresses. @default the set's name */
    name?: string;
    /** Plain addresses, IP addresses or host names. @default the set's containers */
    servers?: readonly HaproxyServer[];
    /** How requests are spread here. @default the balancer's */
    algorithm?: Algorithm;
    /** Which requests it gets, and how many of them. @default all that no other backend takes */
    match?: Omit<HaproxyRoute, "backend">;
}

/** Where HAProxy comes from: the distribution's package, installed, or an image. */
export interface HaproxyArgs {
    /** Installs HAProxy and socat from the distribution where they are missing; with `image` socat alone. @default they are there */
    install?: true;
    /** A version of the distribution's package, which is then held: `"2.6.12"`, or the whole of it. @default the distribution's */
    version?: string;
    /**
     * Runs HAProxy in a container of this image, by tag or digest, on a machine that has Docker: `"haproxy:3.0"`. A tag is resolved
     * to its digest at preview, so that a new image is a change that shows. @default HAProxy is a program of the machine
     */
    image?: string;
    /** Credentials for the image's registry, used at preview and on the machine, and not kept there. @default none */
    registryAuth?: {
        /** Name of the user. */
        username: pulumi.Input<string>;
        /** Password or access token; always a secret. */
        password: pulumi.Input<string>;
    };
}
