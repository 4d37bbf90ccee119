/** The parts of a libvirt connection URI. */
export interface LibvirtUriArgs {
    /** libvirt's driver. @default "qemu", the only one */
    driver?: "qemu";
    /** How libvirt is reached: its socket on this machine, over ssh, or by TLS. @default "ssh" with a `host`, else "unix" */
    transport?: "unix" | "ssh" | "tls";
    /** Name or address of the hypervisor, for `ssh` and `tls`. */
    host?: string;
    /** TCP port. @default 22 for `ssh`, 16514 for `tls` */
    port?: number;
    /** The user to log in as; required with `ssh`, since the libvirt provider takes none from ssh's configuration. */
    user?: string;
    /** A user's own libvirt instead of the system's. @default false */
    session?: boolean;
    /** Path of a private key without a passphrase, on this machine. @default the agent's keys and `~/.ssh/id_*` */
    privateKeyFile?: string;
    /** Path of a known-hosts file on this machine. @default `~/.ssh/known_hosts` */
    knownHostsFile?: string;
    /** How to log in, the first to try first. @default ["agent", "privkey"] */
    sshAuth?: readonly ("agent" | "privkey")[];
    /** Path of libvirt's socket on the hypervisor. @default libvirt's own */
    socket?: string;
    /** Folder on this machine with `cacert.pem`, `clientcert.pem` and `clientkey.pem`, for `tls`. @default libvirt's own */
    pkiPath?: string;
}

const example = 'give one such as "qemu:///system" or "qemu+ssh://root@rack1/system"';

/**
 * Takes a libvirt URI apart.
 *
 * @returns its parts, or a sentence that says what is wrong with it
 */
export function readLibvirtUri(uri: string): LibvirtUriArgs | string {
    const match = /^qemu(?:\+(\w+))?:\/\/(.*)$/.exec(uri);
    if (!match || !URL.canParse(uri)) {
        return `is not a libvirt URI: ${JSON.stringify(uri)}; ${example}`;
    }
    const transport = match[1] ?? "unix";
    const url = new URL(uri);
    const path = url.pathname === "" || url.pathname === "/" ? "/system" : url.pathname;
    if (transport === "unix" && url.hostname) {
        return `names the host ${JSON.stringify(url.hostname)} without a way to it; give "qemu+ssh://root@${url.hostname}${path}"`;
    }
    if (transport !== "unix" && transport !== "ssh" && transport !== "tls") {
        return `has a transport that is not supported: "${transport}"; use "ssh" or "tls"`;
    }
    if (transport !== "unix" && !url.hostname) {
        return `names no host: ${JSON.stringify(uri)}; give one such as "qemu+${transport}://root@rack1/system"`;
    }
    if (transport === "ssh" && !url.username) {
        return `names no user, and the libvirt provider takes none from ssh's configuration; give "qemu+ssh://root@${url.host}${path}${url.search}"`;
    }
    const session = url.pathname === "/session";
    if (!session && url.pathname !== "/system") {
        return `ends in neither /system nor /session: ${JSON.stringify(uri)}; ${example}`;
    }
    return {
        transport,
        // An IPv6 address stands in brackets in a URI only.
        ...(url.hostname && { host: decodeURIComponent(url.hostname).replace(/^\[(.*)\]$/, "$1") }),
        ...(url.port && { port: Number(url.port) }),
        ...(url.username && { user: decodeURIComponent(url.username) }),
        ...(session && { session }),
        ...readQuery(url.searchParams),
    };
}

function readQuery(query: URLSearchParams): LibvirtUriArgs {
    const text = (name: string, key: string) => {
        const value = query.get(key);
        return value === null ? {} : { [name]: value };
    };
    const methods = query.get("sshauth")?.split(",");
    return {
        ...text("privateKeyFile", "keyfile"),
        ...text("knownHostsFile", "knownhosts"),
        ...(methods && { sshAuth: methods.filter((method) => method === "agent" || method === "privkey") }),
        ...text("socket", "socket"),
        ...text("pkiPath", "pkipath"),
    };
}
