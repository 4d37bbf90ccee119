import { macFor } from "../cidr";
import type { Faults } from "../faults";
import { interfaceMac } from "../vm/interfaces";
import type { VmSpec } from "../vm/vmSpec";
import { segmentOf } from "./checkNetworks";
import type { HypervisorSpec } from "./hypervisorSpec";

interface Card {
    path: string;
    value: string;
    /** Whether the value was given by hand; two that follow from addresses meet only where their networks do not. */
    given: boolean;
}

/** Checks that no two network cards have one MAC address, and no two machines of a segment one IPv6 address. */
export function checkCards(machines: readonly { spec: VmSpec; hypervisor: HypervisorSpec }[], faults: Faults): void {
    const macs = machines.flatMap(({ spec }): Card[] => [
        { path: `${spec.name}.mac`, value: spec.mac, given: spec.address !== "" && spec.mac !== macFor(spec.address) },
        ...spec.interfaces.map(({ mac }, index) => ({
            path: `${spec.name}.interfaces[${index}].mac`,
            value: mac,
            given: mac !== interfaceMac(spec.name, index),
        })),
    ]);
    checkOnce(macs, faults);
    const segments = new Map<string, Card[]>();
    for (const { spec, hypervisor } of machines) {
        const segment = segmentOf(hypervisor);
        const cards = segments.get(segment) ?? [];
        cards.push({ path: `${spec.name}.address6`, value: spec.address6 ?? "", given: true });
        segments.set(segment, cards);
    }
    for (const cards of segments.values()) {
        checkOnce(cards, faults);
    }
}

function checkOnce(cards: readonly Card[], faults: Faults): void {
    const holders = new Map<string, Card>();
    for (const card of cards.filter(({ value }) => value !== "")) {
        const holder = holders.get(card.value);
        if (holder !== undefined && (card.given || holder.given)) {
            faults.add(card.path, `"${card.value}" is that of ${holder.path} too; give another`);
        }
        holders.set(card.value, holder ?? card);
    }
}
