import { createHmac } from "node:crypto";
import { sorted } from "./dockerSpec";
import type { GuestArgs, GuestSpec } from "./guestSpec";

/** What of a guest is told apart where its configuration changes. */
export interface GuestParts {
    guest: GuestSpec;
    args: GuestArgs;
    user: string;
    authorizedKeys: readonly string[];
}

/**
 * Argument of the guest to a hash of its value, for those that are given: what a preview names as the reason of a new disk.
 *
 * @param key a secret that stays the same: the state shows the hashes, and nobody is to try passwords against them
 */
export function guestFacts(key: string, { guest, args, user, authorizedKeys }: GuestParts): Record<string, string> {
    const { users, timezone, packages, files, commands, sysctl, docker, dockerDaemon, cloudInit } = guest;
    const values: Record<string, unknown> = {
        ...{ users, timezone, packages, files, commands, sysctl, cloudInit },
        proxy: args.proxy,
        docker: { ...docker, dockerDaemon },
        "ssh.user": user,
        "ssh.authorizedKeys": [...authorizedKeys].sort(),
    };
    const hash = (value: unknown) =>
        createHmac("sha256", key)
            .update(JSON.stringify(sorted(value)))
            .digest("hex")
            .slice(0, 8);
    const given = Object.entries(values).filter(([, value]) => value !== undefined);
    return Object.fromEntries(given.map(([argument, value]) => [argument, hash(value)]).sort());
}
