import assert from "node:assert/strict";
import fc from "fast-check";
import { FusionInputError } from "../../../lib/inputError";
import { type PlacementProblem, type PlacementService, place } from "../../../lib/placement";
import { affinities, antiAffinities, everyPlacement } from "./oracle";
import { problems } from "./problems";

/** The paths of all requirements of a problem, as `conflict` names them. */
function pathsOf(problem: PlacementProblem): string[] {
    return problem.services.flatMap((service) => {
        const field = (name: string, count: number): string[] =>
            count > 0 ? [`services.${service.name}.${name}`] : [];
        const overs = (name: string, rules: readonly { over: string }[]): string[] => {
            const labels = [...new Set(rules.map(({ over }) => over))];
            return labels.length > 1
                ? labels.flatMap((over) => field(`${name}.${over}`, 1))
                : field(name, labels.length);
        };
        if (service.replicas === 0) return [];
        return [
            ...Object.entries(service.demand ?? {}).flatMap(([key, amount]) => field(`demand.${key}`, amount)),
            ...Object.keys(service.require ?? {}).flatMap((key) => field(`require.${key}`, 1)),
            ...overs("antiAffinity", antiAffinities(service)),
            ...overs("affinity", affinities(service)),
            ...field("spreadOver", service.spreadOver === undefined ? 0 : 1),
            ...field("ports", service.ports?.length ?? 0),
        ];
    });
}

/** The problem with some requirements alone, all others left out. */
function only(problem: PlacementProblem, paths: readonly string[]): PlacementProblem {
    const services = problem.services.map((service): PlacementService => {
        const has = (field: string): boolean => paths.includes(`services.${service.name}.${field}`);
        const table = <T>(field: string, of: Readonly<Record<string, T>> = {}): Record<string, T> =>
            Object.fromEntries(Object.entries(of).filter(([key]) => has(`${field}.${key}`)));
        return {
            name: service.name,
            replicas: service.replicas,
            demand: table("demand", service.demand),
            require: table("require", service.require),
            antiAffinity: antiAffinities(service).filter(
                ({ over }) => has("antiAffinity") || has(`antiAffinity.${over}`),
            ),
            affinity: affinities(service).filter(({ over }) => has("affinity") || has(`affinity.${over}`)),
            ...(has("spreadOver") ? { spreadOver: service.spreadOver, maxSkew: service.maxSkew ?? 1 } : {}),
            ...(has("ports") ? { ports: service.ports ?? [] } : {}),
        };
    });
    return { hosts: problem.hosts, services };
}

const isFeasible = (problem: PlacementProblem): boolean => everyPlacement(problem, () => true);

function subsets(items: readonly string[], size: number): string[][] {
    if (size === 0) return [[]];
    return items.flatMap((item, i) => subsets(items.slice(i + 1), size - 1).map((rest) => [item, ...rest]));
}

describe("place: requirements in conflict", () => {
    it("names a smallest set of which each is needed, and only where nothing fits", () => {
        const seen = { conflicts: 0, several: 0, feasible: 0 };
        fc.assert(
            fc.property(problems, (problem) => {
                if (problem.services.reduce((sum, { replicas }) => sum + replicas, 0) > 6) return;
                let conflict: ReturnType<typeof place>["conflict"];
                try {
                    conflict = place(problem).conflict;
                } catch (error) {
                    assert.ok(error instanceof FusionInputError);
                    return;
                }
                if (isFeasible(problem)) {
                    seen.feasible++;
                    assert.equal(conflict, undefined);
                    return;
                }
                seen.conflicts++;
                const paths = conflict?.requirements.map(({ path }) => path) ?? [];
                const all = pathsOf(problem);
                for (const path of paths) assert.ok(all.includes(path), path);
                // What a spread compares hangs on required labels, so that more requirements may conflict less.
                const hasSpread = problem.services.some(({ spreadOver }) => spreadOver !== undefined);
                if (!hasSpread || paths.length === 1) assert.equal(conflict?.smallest, true);
                assert.equal(isFeasible(only(problem, paths)), false, paths.join());
                for (const path of paths) {
                    const rest = paths.filter((other) => other !== path);
                    assert.ok(isFeasible(only(problem, rest)), `${path} is not needed`);
                }
                if (paths.length > 1) seen.several++;
                if (conflict?.smallest !== true) return;
                for (let size = 1; size < Math.min(paths.length, 4); size++) {
                    for (const fewer of subsets(all, size)) {
                        assert.ok(isFeasible(only(problem, fewer)), `${fewer.join()} is smaller than ${paths.join()}`);
                    }
                }
            }),
            { numRuns: 400, seed: 6 },
        );
        assert.ok(seen.conflicts > 60 && seen.several > 30 && seen.feasible > 60, JSON.stringify(seen));
    });

    const hosts = ["a", "b", "c"].map((name) => ({ name, capacity: { cpu: 4 }, labels: { zone: name } }));
    const says = (problem: PlacementProblem): string[] | undefined =>
        place(problem).conflict?.requirements.map(({ path, says: text }) => `${path}: ${text}`);

    it("says it for people", () => {
        const web = { name: "web", replicas: 3, require: { zone: ["a", "b"] }, antiAffinity: { with: ["web"] } };
        assert.deepEqual(says({ hosts, services: [web] }), [
            "services.web.antiAffinity: each replica of web on a host of its own",
            "services.web.require.zone: web only where zone is a or b",
        ]);
        const big = { name: "big", replicas: 4, demand: { cpu: 3 } };
        assert.deepEqual(says({ hosts, services: [big] }), ["services.big.demand.cpu: 4 x big with 3 cpu each"]);
        const port = { name: "port", replicas: 4, ports: [80] };
        assert.deepEqual(says({ hosts, services: [port] }), ["services.port.ports: 4 x port with port 80 of the host"]);
    });

    it("names the demands that exceed all hosts together, also in a large problem", () => {
        const many = Array.from({ length: 500 }, (_, i) => ({ name: `h${i}`, capacity: { cpu: 10 } }));
        const services = Array.from({ length: 60 }, (_, i) => ({
            name: `s${i}`,
            replicas: i < 2 ? 2000 : 20,
            demand: { cpu: i < 2 ? 2 : 1 },
        }));
        const { conflict } = place({ hosts: many, services });
        assert.deepEqual(
            conflict?.requirements.map(({ path }) => path),
            ["services.s0.demand.cpu", "services.s1.demand.cpu"],
        );
    });

    it("names nothing when a running replica is in the way alone", () => {
        const services = [
            { name: "old", replicas: 1, demand: { cpu: 1 } },
            { name: "new", replicas: 1, demand: { cpu: 4 } },
        ];
        const answer = place({ hosts: hosts.slice(0, 2), services, previous: { "old-0": "a" } });
        assert.deepEqual([answer.unplaced, answer.conflict], [[], undefined]);
        const one = place({ hosts: hosts.slice(0, 1), services: services.slice(1), previous: {} });
        assert.equal(one.conflict, undefined);
    });
});
