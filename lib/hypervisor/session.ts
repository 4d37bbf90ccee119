import { homedir } from "node:os";
import type { LibvirtConnection } from "./libvirtUri";

// A user's own libvirt (`qemu:///session`) has its socket and its storage in places of that user's.

/** Whose session it is. */
interface Operator {
    uid: number;
    home: string;
    env: NodeJS.ProcessEnv;
}

const operator = (): Operator => ({ uid: process.getuid?.() ?? 0, home: homedir(), env: process.env });

/**
 * The URI for the libvirt provider, which always looks for the system's socket where a URI names none: a session on this
 * machine is given its own. It is where libvirt puts it, after GLib's user directories; root's is the system's.
 */
export function providerUri({ uri, session, ssh }: LibvirtConnection, { uid, home, env } = operator()): string {
    if (!session || uid === 0 || ssh !== undefined || new URL(uri).searchParams.has("socket")) {
        return uri;
    }
    const runtime = env.XDG_RUNTIME_DIR || env.XDG_CACHE_HOME || `${home}/.cache`;
    const query = new URL(uri).search;
    return `qemu+unix:///session${query === "" ? "?" : `${query}&`}socket=${runtime}/libvirt/libvirt-sock`;
}

/** Where a pool is when nobody says it; undefined where only its user can know. */
export function defaultPoolPath(
    { session, ssh }: LibvirtConnection,
    pool: string,
    home = homedir(),
): string | undefined {
    if (!session) {
        return `/var/lib/libvirt/images/${pool}`;
    }
    return ssh === undefined ? `${home}/.local/share/libvirt/images/${pool}` : undefined;
}
