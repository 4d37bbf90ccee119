/** What clients connect to and who serves, read from the text of HAProxy's configuration. */
export interface HaproxyFacts {
    /** `*:80`, `*:443 (TLS)`. */
    readonly listeners: readonly string[];
    /** Backend to how many servers it has. */
    readonly servers: ReadonlyMap<string, number>;
}

export function readHaproxyText(text: string): HaproxyFacts {
    const listeners: string[] = [];
    const servers = new Map<string, number>();
    let [kind, name] = ["", ""];
    for (const line of text.split("\n")) {
        const words = line.trim().split(/\s+/);
        if (/^\S/.test(line)) [kind = "", name = ""] = words;
        if (/^\S/.test(line) && kind === "backend") servers.set(name, 0);
        if (kind === "frontend" && words[0] === "bind") {
            listeners.push(`${words[1] ?? ""}${words.includes("ssl") ? " (TLS)" : ""}`);
        }
        if (kind === "backend" && words[0] === "server") servers.set(name, (servers.get(name) ?? 0) + 1);
    }
    return { listeners, servers };
}

const PRIVATE =
    /^(127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|169\.254\.|\[?(::1|f[cd][0-9a-f]{2}:|fe80:)|localhost|unix@|\/)/i;

/** Whether a listener can be reached from outside: all but addresses of this machine and of private networks (RFC 1918, RFC 4193). */
export const isPublic = (listener: string): boolean => !PRIVATE.test(listener);
