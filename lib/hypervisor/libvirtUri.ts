import { Faults, show } from "../faults";
import type { SshTarget } from "../ssh";
import { type LibvirtUriArgs, readLibvirtUri } from "./uriParts";

/** What a libvirt connection URI says about where the hypervisor is. */
export interface LibvirtConnection {
    /** The URI as given, for the operator's side. */
    uri: string;
    /** The URI by which the hypervisor reaches its own libvirt. */
    localUri: string;
    /** How to run a command on the hypervisor; undefined where it is this machine. */
    ssh: SshTarget | undefined;
    /** Whether it is a user's own libvirt, not the system's. */
    session: boolean;
}

/**
 * Reads a libvirt connection URI (https://libvirt.org/uri.html) with one of the transports none, `unix`, `ssh` and `tls`.
 *
 * @param ssh how commands run on the hypervisor, where that is not what the URI says
 * @returns the connection, or a sentence that says what is wrong with the URI
 */
export function parseLibvirtUri(uri: string, ssh?: SshTarget): LibvirtConnection | string {
    const parts = readLibvirtUri(uri);
    if (typeof parts === "string") {
        return parts;
    }
    return { uri, localUri: localUri(uri, parts), ssh: ssh ?? sshTarget(parts), session: parts.session ?? false };
}

/** Whether commands cannot be run on the hypervisor by what the URI says alone. */
export const needsSsh = (uri: string): boolean => /^\w+\+tls:/.test(uri);

function localUri(uri: string, { transport, session, socket }: LibvirtUriArgs): string {
    if (transport === "unix") {
        return uri;
    }
    const path = session ? "session" : "system";
    return socket === undefined ? `qemu:///${path}` : `qemu+unix:///${path}?socket=${encoded(socket)}`;
}

function sshTarget(parts: LibvirtUriArgs): SshTarget | undefined {
    const { transport, host, user, port, privateKeyFile, knownHostsFile } = parts;
    if (transport !== "ssh" || host === undefined) {
        return undefined;
    }
    return {
        address: host,
        ...(user !== undefined && { user }),
        ...(port !== undefined && { port }),
        ...(privateKeyFile !== undefined && { privateKeyFile }),
        ...(knownHostsFile !== undefined && { knownHostsFile }),
    };
}

/**
 * Writes the libvirt URI of a hypervisor, with the query keys that the libvirt provider reads:
 * `libvirtUri({ host: "rack1", user: "root", privateKeyFile: "/keys/rack" })` is
 * `qemu+ssh://root@rack1/system?keyfile=/keys/rack`.
 *
 * @throws FusionInputError with the path of each argument that is wrong
 */
export function libvirtUri(args: LibvirtUriArgs): string {
    const faults = new Faults();
    check(args, faults);
    faults.throwIfAny();
    const { host, user, port } = args;
    const transport = transportOf(args);
    const scheme = transport === "unix" && args.socket === undefined ? "qemu" : `qemu+${transport}`;
    const login = user === undefined ? "" : `${encodeURIComponent(user)}@`;
    const at = host?.includes(":") ? `[${host}]` : (host ?? "");
    const query = [
        ["keyfile", args.privateKeyFile],
        ["knownhosts", args.knownHostsFile],
        ["sshauth", args.sshAuth?.join(",")],
        ["socket", args.socket],
        ["pkipath", args.pkiPath],
    ]
        .filter((pair): pair is [string, string] => pair[1] !== undefined)
        .map(([key, value]) => `${key}=${encoded(value)}`);
    const text = query.length > 0 ? `?${query.join("&")}` : "";
    const authority = `${login}${at}${port === undefined ? "" : `:${port}`}`;
    return `${scheme}://${authority}/${args.session ? "session" : "system"}${text}`;
}

const transportOf = ({ transport, host }: LibvirtUriArgs) => transport ?? (host === undefined ? "unix" : "ssh");

/** Percent-encoded, but for the slashes and commas that a reader wants to see. */
const encoded = (text: string): string => encodeURIComponent(text).replaceAll("%2F", "/").replaceAll("%2C", ",");

/** What only one of the transports has. */
const BELONGS: Readonly<Record<string, readonly string[]>> = {
    host: ["ssh", "tls"],
    user: ["ssh"],
    port: ["ssh", "tls"],
    privateKeyFile: ["ssh"],
    knownHostsFile: ["ssh"],
    sshAuth: ["ssh"],
    socket: ["unix", "ssh"],
    pkiPath: ["tls"],
};

function check(args: LibvirtUriArgs, faults: Faults): void {
    const transport = transportOf(args);
    faults.oneOf("driver", args.driver ?? "qemu", ["qemu"]);
    faults.oneOf("transport", transport, ["unix", "ssh", "tls"]);
    for (const [name, value] of Object.entries(args)) {
        const good = BELONGS[name];
        if (value !== undefined && good !== undefined && !good.includes(transport)) {
            faults.add(name, `has no meaning with the transport "${transport}"; leave it out, or use "${good[0]}"`);
        }
    }
    if (transport !== "unix" && !isHost(args.host)) {
        faults.add("host", `is no host name or address: ${show(args.host)}; give one such as "rack1" or "fd00::1"`);
    }
    if (transport === "ssh" && !/^[A-Za-z0-9_][A-Za-z0-9_.@-]*$/.test(args.user ?? "")) {
        faults.add("user", `must name the user to log in as, got ${show(args.user)}; give one such as "root"`);
    }
    if (args.port !== undefined) {
        faults.integer("port", args.port, 1, 65535, "give a TCP port such as 22");
    }
    for (const method of args.sshAuth ?? []) {
        faults.oneOf("sshAuth", method, ["agent", "privkey"]);
    }
    for (const name of ["privateKeyFile", "knownHostsFile", "socket", "pkiPath"] as const) {
        const path = args[name];
        // The provider would take a `$` for a variable of its environment.
        // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
        if (path !== undefined && !/^\/[^\u0000-\u001f\u007f$]*$/.test(path)) {
            faults.add(name, `is not an absolute path without "$": ${show(path)}; give one such as "/root/.ssh/id"`);
        }
    }
}

const isHost = (host: string | undefined): boolean =>
    /^([A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?|[0-9A-Fa-f:]*:[0-9A-Fa-f:.]+)$/.test(host ?? "");
