import { type Board, NOWHERE } from "./board";
import { ejection } from "./ejection";
import { excessSkew } from "./skew";

/** What a search may still spend: replicas looked at. Counted, not timed, so that the answer is the same everywhere. */
export interface Budget {
    left: number;
}

/**
 * Guided ejection search (Nagata and Bräysy 2009): a replica that fits nowhere takes the place of others, which then
 * look for another place in turn. Each failure of a replica makes it dearer to eject; among the ways to make room the
 * cheapest is taken. Replicas that are fixed stay. What cannot be placed within the budget is left out, the best state
 * seen wins.
 */
export function repair(board: Board, budget: Budget): void {
    const waiting = [...board.hostOf.keys()].filter((replica) => board.hostOf[replica] === NOWHERE);
    eject(board, waiting, new Float64Array(board.hostOf.length).fill(1), () => true, budget);
}

/**
 * The search itself.
 *
 * @param waiting replicas that are nowhere and are to be placed
 * @param price what ejecting each replica costs at first
 * @param isGood whether a state in which more is placed than ever may be what the search ends on
 */
export function eject(
    board: Board,
    waiting: number[],
    price: Float64Array,
    isGood: () => boolean,
    budget: Budget,
): void {
    let best = board.hostOf.slice();
    let fewest = board.homeless;
    // As many in a row that find no way at all as are waiting: nothing will change any more.
    for (let stuck = 0; waiting.length > 0 && stuck < waiting.length && budget.left > 0; ) {
        const replica = waiting.pop() ?? 0;
        const way = cheapestWay(board, replica, price, budget);
        if (way === undefined) {
            waiting.unshift(replica);
            stuck++;
            continue;
        }
        stuck = 0;
        price[replica] = (price[replica] ?? 0) + way.ejected.length;
        for (const other of way.ejected) board.take(other);
        board.put(replica, way.host);
        waiting.push(...way.ejected);
        if (board.homeless < fewest && excessSkew(board) === 0 && isGood()) {
            best = board.hostOf.slice();
            fewest = board.homeless;
        }
    }
    board.restore(best);
}

interface Way {
    readonly host: number;
    readonly ejected: readonly number[];
}

function cheapestWay(board: Board, replica: number, price: Float64Array, budget: Budget): Way | undefined {
    let best: Way | undefined;
    let least = Number.POSITIVE_INFINITY;
    const pin = board.problem.pins[replica] ?? NOWHERE;
    for (const host of pin === NOWHERE ? board.problem.hosts.keys() : [pin]) {
        budget.left -= 1 + (board.residents[host]?.length ?? 0);
        const ejected = ejection(board, board.service(replica), host, price);
        const sum = ejected?.reduce((total, other) => total + (price[other] ?? 0), 0);
        if (ejected === undefined || sum === undefined || sum >= least) continue;
        best = { host, ejected };
        least = sum;
        if (sum === 0) break;
    }
    return best;
}
