/** Shell text that runs all commands at once; it fails when one of them does. */
export function inParallel(commands: readonly string[]): string {
    const starts = commands.map((command) => `(${command}) & pids="$pids $!"`);
    return ["pids=", ...starts, "failed=0", 'for pid in $pids; do wait "$pid" || failed=1; done', "exit $failed"].join(
        "\n",
    );
}
