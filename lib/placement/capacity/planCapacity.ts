import { FusionInputError } from "../../inputError";
import { Board, NOWHERE } from "../board";
import { canonicalise, type Problem } from "../canonical";
import { keep } from "../greedy";
import { pack } from "../packing/pack";
import { recast } from "../packing/recast";
import { place } from "../place";
import { Faults, readList } from "../read";
import type { PlacementAnswer, PlacementEffort, PlacementHost } from "../types";
import { cheaper, complete, costOf, type Judge, sumOf, type Trial } from "./adjust";
import { countReplicas, machinesOf, readSizes, type Size, saidOfSizes, withMachines } from "./readSizes";
import type { CapacityPlan, CapacityProblem } from "./types";

/** What packing may spend, see `packHosts`. */
const WORK: Record<PlacementEffort, number> = { fast: 100_000_000, good: 400_000_000, prove: 2_000_000_000 };

/** How many placements are tried to complete a set of machines, and to make it cheaper. */
const TRIALS: Record<PlacementEffort, number> = { fast: 40, good: 100, prove: 300 };

/**
 * Which virtual machines to add so that everything fits, as cheaply as possible.
 *
 * The load is packed into what the hosts have left and into machines of the sizes (see `pack`), without the requirements that
 * reach beyond one machine: that gives a lower bound of the cost, and a set of machines to begin with. Then `place` judges
 * with all requirements: machines are added while something is left over, then exchanged for cheaper ones or left out as
 * long as nothing is.
 *
 * @param problem as for `place`, with sizes; `effort` says how hard to look, `objective` and `move` how the machines are used
 * @returns the machines to add with a proven bound of what they cost, and the placement on them
 * @throws FusionInputError with every wrong argument, each with its path
 */
export function planCapacity(problem: CapacityProblem): CapacityPlan {
    const { sizes, hosts, canonical } = read(problem);
    const none = sizes.map(() => 0);
    const one = sizes.map(() => 1);
    const judge = judgeFor(problem, sizes, hosts);
    if (canonical.serviceOf.length === 0) return planOf(sizes, { counts: none, placement: judge(one) }, 0);
    const { counts, bound } = packed(sizes, hosts, canonical);
    const trials = { left: TRIALS[canonical.effort] };
    // There must be something to judge: where not even the packing goes, one machine of each size shows why not.
    const least = hosts.length === 0 ? 1 : 0;
    const start = sumOf(counts) < least ? one : counts;
    const whole = complete(sizes, { counts: start, placement: judge(start) }, judge, trials);
    const { counts: last, placement } = cheaper(sizes, whole, { bound, least }, judge, trials);
    const isOfUse = Object.keys(placement.assignment).length > 0;
    return planOf(sizes, { counts: isOfUse ? last : none, placement }, bound);
}

function planOf(sizes: readonly Size[], { counts, placement }: Trial, bound: number): CapacityPlan {
    const cost = costOf(sizes, counts);
    const isComplete = placement.unplaced.length === 0;
    // Where not everything fits, the bound is that of what is asked for, and says nothing of less.
    const lowerBound = Math.min(bound, cost);
    return {
        add: sizes.map(({ name }, i) => ({ size: name, count: counts[i] ?? 0 })).filter(({ count }) => count > 0),
        cost,
        lowerBound,
        gap: cost - lowerBound,
        proven: isComplete && cost === lowerBound,
        placement,
    };
}

interface Task {
    /** Sorted by name. */
    readonly sizes: readonly Size[];
    readonly hosts: readonly PlacementHost[];
    /** The problem with the hosts, and one machine of each size. */
    readonly canonical: Problem;
}

function read(problem: CapacityProblem): Task {
    const faults = new Faults();
    const given = readSizes(problem, countReplicas(problem), faults);
    const hosts = Array.isArray(problem?.hosts) ? problem.hosts : [];
    readList(problem?.hosts, "hosts", faults);
    const one = given.map(() => 1);
    let canonical: Problem | undefined;
    try {
        canonical = canonicalise(withMachines({ ...problem, hosts }, machinesOf(given, one, hosts)));
    } catch (error) {
        if (!(error instanceof FusionInputError)) throw error;
        faults.list.push(...saidOfSizes(error.errors, hosts.length));
    }
    if (canonical === undefined || faults.list.length > 0) throw new FusionInputError(faults.list);
    return { sizes: [...given].sort((a, b) => (a.name < b.name ? -1 : 1)), hosts, canonical };
}

/** The cheapest machines for the load as a packing, and what certainly no set of machines costs less than. */
function packed(
    sizes: readonly Size[],
    hosts: readonly PlacementHost[],
    canonical: Problem,
): { counts: number[]; bound: number } {
    const samples = machinesOf(
        sizes,
        sizes.map(() => 1),
        hosts,
    ).map(({ name }) => name);
    const sizeOf = canonical.hosts.map(({ name }) => samples.indexOf(name));
    const board = new Board(canonical);
    keep(board);
    // What has lost its place may push others away: then nothing is certain to stay.
    const lost = [...canonical.previous].some(
        (before, replica) => before !== NOWHERE && board.hostOf[replica] === NOWHERE,
    );
    const start = lost ? new Board(canonical) : board;
    const costs = sizeOf.map((size) => sizes[size]?.cost ?? 0);
    const task = recast(start, costs);
    const members = task.hosts.map((of) => of.flatMap((host) => ((sizeOf[host] ?? -1) < 0 ? [] : [sizeOf[host] ?? 0])));
    const bins = task.packing.bins.map((bin, kind) => ({
        ...bin,
        count: members[kind]?.reduce((sum, size) => sum + (sizes[size]?.most ?? 0), 0) || bin.count,
    }));
    const all = sizes.reduce((sum, { cost, most }) => sum + cost * most, 1);
    const { bound, cover } = pack(
        { ...task.packing, bins },
        [],
        { below: all, enough: 0 },
        { left: WORK[canonical.effort] },
    );
    const counts = sizes.map(() => 0);
    for (const { bin } of cover?.patterns ?? []) {
        // Equal machines may differ in a label: taken in turns, they are in all zones.
        const open = (members[bin] ?? []).filter((of) => (counts[of] ?? 0) < (sizes[of]?.most ?? 0));
        const size = open.sort((a, b) => (counts[a] ?? 0) - (counts[b] ?? 0) || a - b)[0];
        if (size !== undefined) counts[size] = (counts[size] ?? 0) + 1;
    }
    return { counts, bound };
}

/** Places everything on the hosts and some machines: quickly, and only if that leaves something over as well as asked for. */
function judgeFor(problem: CapacityProblem, sizes: readonly Size[], hosts: readonly PlacementHost[]): Judge {
    return (counts): PlacementAnswer => {
        const machines = withMachines(problem, machinesOf(sizes, counts, hosts));
        const quick = place({ ...machines, effort: "fast" });
        return quick.unplaced.length === 0 || problem.effort === undefined || problem.effort === "fast"
            ? quick
            : place(machines);
    };
}
