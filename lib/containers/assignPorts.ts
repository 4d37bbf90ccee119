/** What a replica listens on, as it is remembered from one deployment to the next. */
export interface HeldPorts {
    /** The host that the replica runs on. */
    vm: string;
    /** Hash of what the replica is made of. */
    version: string;
    /** One slot a published port. */
    slots: readonly number[];
    /** Which of a slot's ports it uses: 0 to 7. */
    turn: number;
}

const FIRST_PORT = 20_000;
/** Ports a slot. */
const TURNS = 8;
/** Slots a host: the ports 20,000 to 29,999, below the range that Linux takes for outgoing connections. */
const SLOTS = 1_250;

/** What a replica is to have: a host, and so many ports there. */
export interface WantedPorts {
    vm: string;
    ports: number;
}

/** Whether a replica has what it is to have, and so keeps its slots. */
export const keepsSlots = (want: WantedPorts, before: HeldPorts | undefined): before is HeldPorts =>
    before?.vm === want.vm && before.slots.length === want.ports;

/**
 * Gives every replica its slots on its host. A slot is eight host ports, of which a replica's versions take turns: a new
 * version always finds one free while old ones still serve, even those that a failed deployment has left. A replica that
 * stays keeps its slots; no slot that a running replica holds, even one about to go, is given to another.
 *
 * @param wanted replica to its host and its number of ports
 * @param held what the last deployment gave, replica by replica, those that are to go included
 * @param others slots that other sets have
 * @returns replica to its slots; undefined for a replica whose host has none left
 */
export function assignSlots(
    wanted: ReadonlyMap<string, WantedPorts>,
    held: ReadonlyMap<string, HeldPorts>,
    others: readonly Pick<HeldPorts, "vm" | "slots">[] = [],
): ReadonlyMap<string, readonly number[] | undefined> {
    const taken = new Map<string, Set<number>>();
    const takenOn = (vm: string) => {
        const slots = taken.get(vm) ?? new Set<number>();
        taken.set(vm, slots);
        return slots;
    };
    for (const { vm, slots } of [...held.values(), ...others]) {
        for (const slot of slots) {
            takenOn(vm).add(slot);
        }
    }
    const result = new Map<string, readonly number[] | undefined>();
    for (const name of [...wanted.keys()].sort()) {
        const want = wanted.get(name);
        const before = held.get(name);
        if (want === undefined) {
            continue;
        }
        if (keepsSlots(want, before)) {
            result.set(name, before.slots);
            continue;
        }
        result.set(name, freeSlots(takenOn(want.vm), want.ports));
    }
    return result;
}

function freeSlots(taken: Set<number>, count: number): number[] | undefined {
    const slots: number[] = [];
    for (let slot = 0; slots.length < count; slot++) {
        if (slot >= SLOTS) {
            return undefined;
        }
        if (!taken.has(slot)) {
            slots.push(slot);
            taken.add(slot);
        }
    }
    return slots;
}

/**
 * The turn of a replica: its own as long as its version stays where it is, else the next one. Eight containers of a replica may
 * so stand beside each other, none with another's name or port, which is what failed deployments leave: what they were to
 * replace serves on until one is completed. The eighth that fails comes to where the first did, and never to what serves.
 *
 * @param now what the replica is to have
 * @param before what it was last given
 * @param serving the turn of the container that may serve
 */
export function turnFor(now: Omit<HeldPorts, "turn">, before: HeldPorts | undefined, serving?: number): number {
    if (before === undefined) {
        return 0;
    }
    const stays = before.version === now.version && before.vm === now.vm && before.slots.join() === now.slots.join();
    if (stays) {
        return before.turn;
    }
    const next = (before.turn + 1) % TURNS;
    return next === serving ? (next + 1) % TURNS : next;
}

/** The host port of a slot in a turn. */
export const hostPort = (slot: number, turn: number): number => FIRST_PORT + TURNS * slot + turn;

/** The slot that a host port belongs to; undefined for one of none. */
export function slotOf(port: number): number | undefined {
    const slot = Math.floor((port - FIRST_PORT) / TURNS);
    return slot >= 0 && slot < SLOTS ? slot : undefined;
}
