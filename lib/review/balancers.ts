import type { Change, Changes } from "./changes";
import { readHaproxyText } from "./haproxyText";
import { isMasked, isUnknown, maskText } from "./mask";
import type { ShownState } from "./readPreview";
import type { BalancerReview } from "./types";
import { unifiedDiff } from "./unifiedDiff";

const BALANCER = "fusion:index:FusionBalancer";
const COMMAND = "command:local:Command";

/** The balancers whose configuration changes. */
export function balancersOf(changes: Changes): BalancerReview[] {
    return changes
        .components(BALANCER)
        .flatMap((balancer) => {
            const command = changes
                .childrenOf(balancer.urn)
                .find((one) => one.type === COMMAND && one.name === balancer.name);
            return command === undefined || command.operation === "same" ? [] : (review(balancer, command) ?? []);
        })
        .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function review(balancer: Change, command: Change): BalancerReview | undefined {
    const [before, after] = [textOf(command.old), textOf(command.new)];
    if (before === after) return undefined;
    const was = readHaproxyText(before);
    // Of a text that is not known yet nothing is told but that; see `unknownsOf`.
    const is = isUnknown(command.new?.inputs.stdin) ? was : readHaproxyText(after);
    const count = (servers: ReadonlyMap<string, number>) => [...servers.values()].reduce((sum, one) => sum + one, 0);
    return {
        name: balancer.name,
        operation: command.old === undefined ? "created" : command.new === undefined ? "deleted" : "changed",
        diff: unifiedDiff(maskText(before), maskText(after)),
        listenersAdded: is.listeners.filter((one) => !was.listeners.includes(one)),
        listenersRemoved: was.listeners.filter((one) => !is.listeners.includes(one)),
        backendsAdded: [...is.servers.keys()].filter((one) => !was.servers.has(one)),
        backendsRemoved: [...was.servers.keys()].filter((one) => !is.servers.has(one)),
        emptyBackends: [...is.servers].filter(([, servers]) => servers === 0).map(([name]) => name),
        serversBefore: count(was.servers),
        serversAfter: count(is.servers),
    };
}

/** HAProxy's whole text is the standard input of the balancer's command. Its hash, which always differs, says nothing to people. */
function textOf(state: ShownState | undefined): string {
    const text = state?.inputs.stdin;
    if (isMasked(text)) return "# secret\n";
    if (isUnknown(text)) return "# known only when what it comes from is there\n";
    return typeof text === "string" ? text.replace(/^ *description "fusion-[0-9a-f]+"\n/m, "") : "";
}
