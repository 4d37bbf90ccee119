import type { SshTarget } from "../ssh";

/** What a libvirt connection URI says about where the hypervisor is. */
export interface LibvirtConnection {
    /** The URI as given, for the operator's side. */
    uri: string;
    /** The URI by which the hypervisor reaches its own libvirt. */
    localUri: string;
    /** How to run a command on the hypervisor; undefined where it is this machine. */
    ssh: SshTarget | undefined;
}

/**
 * Reads a libvirt connection URI (https://libvirt.org/uri.html) with one of the transports none, `unix` and `ssh`.
 *
 * @returns the connection, or a sentence that says what is wrong with the URI
 */
export function parseLibvirtUri(uri: string): LibvirtConnection | string {
    const match = /^(qemu|test)(?:\+(\w+))?:\/\/(.*)$/.exec(uri);
    if (!match || !URL.canParse(uri)) {
        return `is not a libvirt URI: ${JSON.stringify(uri)}; give one such as "qemu:///system" or "qemu+ssh://root@rack1/system"`;
    }
    const [, driver, transport] = match;
    const url = new URL(uri);
    if (transport === undefined || transport === "unix") {
        if (url.hostname) {
            return `names the host ${JSON.stringify(url.hostname)} without a way to it; give "${driver}+ssh://${url.hostname}${url.pathname}"`;
        }
        return { uri, localUri: uri, ssh: undefined };
    }
    if (transport !== "ssh") {
        return `has a transport that cannot run commands on the hypervisor: "${transport}"; use "ssh"`;
    }
    if (!url.hostname) {
        return `names no host: ${JSON.stringify(uri)}; give one such as "qemu+ssh://root@rack1/system"`;
    }
    return {
        uri,
        localUri: `${driver}://${url.pathname}`,
        ssh: {
            // ssh takes an IPv6 address without the brackets of a URI.
            address: url.hostname.replace(/^\[(.*)\]$/, "$1"),
            ...(url.username && { user: decodeURIComponent(url.username) }),
            ...(url.port && { port: Number(url.port) }),
            ...optional("privateKeyFile", url.searchParams.get("keyfile")),
            ...optional("knownHostsFile", url.searchParams.get("knownhosts")),
        },
    };
}

const optional = (name: string, value: string | null) => (value === null ? {} : { [name]: value });
