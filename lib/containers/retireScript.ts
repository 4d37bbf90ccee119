import { script } from "../shell";
import { stackName } from "../stackName";
import type { HealthTarget } from "./healthScript";
import { onHosts } from "./onHosts";

/** Run on a container's host. A container's name is that of its replica, its version and its turn. */
const remote = String.raw`
for old in $(docker ps --filter "label=fusion.stack=$STACK" --format '{{.Names}}' | grep -E "^$REPLICA-[0-9a-f]{8}-[0-7]\$" | grep -vxF "$KEEP"); do
    docker stop --time "$SECONDS_TO_END" "$old" >/dev/null
    echo "$old is stopped on $VM"
done
`.replaceAll("\\$", "$");

/**
 * The script, run on the operator's machine, that stops all containers of replicas but those given.
 *
 * @param seconds that a container has to end by itself
 */
export function retireScript(targets: readonly HealthTarget[], seconds: number): string {
    return onHosts(targets, ({ replica, container, vm }) =>
        script({ STACK: stackName(), REPLICA: replica, KEEP: container, VM: vm, SECONDS_TO_END: seconds }, remote),
    );
}
