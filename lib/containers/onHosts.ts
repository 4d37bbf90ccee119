import { quote, script } from "../shell";
import { type SshTarget, shellOn } from "../ssh";

/** Something that is done on a container's host. */
interface Target {
    vm: string;
    ssh: SshTarget;
}

/**
 * The script, run on the operator's machine, that runs a script for each target on its host, all at once, over one connection a
 * host; it fails when one of them does.
 */
export function onHosts<T extends Target>(targets: readonly T[], scriptOf: (target: T) => string): string {
    const hosts = new Map<string, { ssh: SshTarget; scripts: string[] }>();
    for (const target of targets) {
        const host = hosts.get(target.vm) ?? { ssh: target.ssh, scripts: [] };
        host.scripts.push(`sh -c ${quote(scriptOf(target))}`);
        hosts.set(target.vm, host);
    }
    return script(
        {},
        inParallel(
            [...hosts.values()].map(
                ({ ssh, scripts }) => `printf '%s' ${quote(inParallel(scripts))} | ${shellOn(ssh)} 2>&1`,
            ),
        ),
    );
}

/** Runs all commands at once; fails when one of them does. */
function inParallel(commands: readonly string[]): string {
    const starts = commands.map((command) => `(${command}) & pids="$pids $!"`);
    return ["pids=", ...starts, "failed=0", 'for pid in $pids; do wait "$pid" || failed=1; done', "exit $failed"].join(
        "\n",
    );
}
