import { addressAt, type Cidr, numberOf } from "../cidr";

/** Of a network, what machines may have. */
export interface AddressPool {
    cidr: Cidr;
    /** The gateway's address. */
    gateway: string;
    /** What is handed out: all of the network, from one address to another, or nothing (undefined). */
    range?: { from: string; to: string } | "all";
}

/** A machine that is to have an address: the one given, or any. */
export interface AddressWish {
    vm: string;
    given?: string;
}

export interface Allocation {
    /** Machine to address, for those whose wish can be fulfilled. */
    addresses: ReadonlyMap<string, string>;
    /** Why not, for the others: what is wrong, the value, and the remedy. */
    refused: readonly { vm: string; reason: string }[];
}

/** Where a network is large enough, the first addresses are left for what people set up by hand. */
const FIRST = 11;

/**
 * Gives every machine an address of its own. A machine that names none keeps the one that it holds; new ones get the lowest
 * that is free, from the network's 11th address on and then from its second, in the order of the machines' names. An
 * address that is held, given to another by name, or the network's own is never handed out, so that nothing depends on the
 * order of declaration, and no machine changes its address when others come and go.
 *
 * @param wishes each machine once
 * @param held machine to the address that it has had: also of machines that are wished for no longer but still exist
 */
export function allocateAddresses(
    pool: AddressPool,
    wishes: readonly AddressWish[],
    held: ReadonlyMap<string, string>,
): Allocation {
    const sorted = [...wishes].sort((a, b) => (a.vm < b.vm ? -1 : 1));
    const refused: { vm: string; reason: string }[] = [];
    const holders = new Map([...held].map(([vm, address]) => [address, vm]));
    const addresses = new Map<string, string>();
    const givenTo = new Map<string, string>();
    for (const { vm, given } of wishes) {
        if (given === undefined) {
            continue;
        }
        const holder = holders.get(given);
        const other = givenTo.get(given);
        if (other !== undefined) {
            refused.push({ vm, reason: `"${given}" is the address of ${other} already; give another` });
        } else if (holder !== undefined && holder !== vm) {
            refused.push({ vm, reason: `"${given}" ${heldReason(holder)}` });
        } else {
            addresses.set(vm, given);
        }
        givenTo.set(given, other ?? vm);
    }
    const taken = new Set([...givenTo.keys(), ...held.values()]);
    for (const { vm } of sorted.filter(({ given }) => given === undefined)) {
        const own = held.get(vm);
        if (own !== undefined && isUsable(pool, own) && holders.get(own) === vm) {
            addresses.set(vm, own);
            continue;
        }
        const free = firstFree(pool, taken);
        if (free === undefined) {
            refused.push({ vm, reason: fullReason(pool) });
            continue;
        }
        taken.add(free);
        addresses.set(vm, free);
    }
    return { addresses, refused };
}

const heldReason = (holder: string): string =>
    `is held by ${holder} until a deployment has moved it or taken it away; give another, or deploy that first`;

const fullReason = ({ cidr, range }: AddressPool): string =>
    range === undefined
        ? `is needed: which addresses of ${cidr.text} are free is not known; give one, or the network's range`
        : `can have none, ${range === "all" ? cidr.text : `${range.from} to ${range.to}`} has no free address left; take a larger network.${range === "all" ? "cidr" : "range"}`;

/** Whether a machine can have the address in this network. */
function isUsable({ cidr, gateway }: AddressPool, address: string): boolean {
    const number = numberOf(cidr, address);
    return number > 0 && number < numberOf(cidr, cidr.broadcast) && address !== gateway;
}

/** The lowest address that may be handed out, from the 11th on and then from the second. */
function firstFree(pool: AddressPool, taken: ReadonlySet<string>): string | undefined {
    const { cidr, range } = pool;
    if (range === undefined) {
        return undefined;
    }
    const last = numberOf(cidr, cidr.broadcast) - 1;
    const spans =
        range === "all"
            ? [
                  [FIRST, last],
                  [1, Math.min(FIRST - 1, last)],
              ]
            : [[numberOf(cidr, range.from), numberOf(cidr, range.to)]];
    for (const [from = 1, to = 0] of spans) {
        for (let number = from; number <= to; number++) {
            const address = addressAt(cidr, number);
            if (!taken.has(address) && isUsable(pool, address)) {
                return address;
            }
        }
    }
    return undefined;
}
