import type { PlacementExplanation } from "../placement";
import { explainer } from "../placement/explain";
import { replicasOf } from "./placeSets";
import type { RoundPlan } from "./planRound";

/** For each replica of a set why it is where it is, and why not elsewhere, as its round has left it. */
export function explainSet(plan: RoundPlan, name: string): Record<string, PlacementExplanation> {
    const set = plan.sets.find((one) => one.name === name);
    if (set === undefined) return {};
    const { hosts, previous } = plan;
    const services = plan.sets.map(({ service }) => service);
    const explain = explainer({ hosts, services, objective: set.objective, previous }, plan);
    const own = new Set(set.hosts.map((host) => host.name));
    return Object.fromEntries(
        replicasOf(set).map((replica) => {
            const { elsewhere, why, ...rest } = explain(replica);
            const isData = set.stays && previous[replica] !== undefined;
            const [here, there] = set.service.names
                ? ["one runs on every host", "every host has its own"]
                : isData
                  ? ["has its data there", `its data is on ${rest.host}`]
                  : [undefined, undefined];
            const shown = Object.entries(elsewhere).filter(([host]) => own.has(host));
            const told = shown.map(([host, reason]) => [host, there ?? reason]);
            return [replica, { ...rest, why: here ?? why, elsewhere: Object.fromEntries(told) }];
        }),
    );
}
