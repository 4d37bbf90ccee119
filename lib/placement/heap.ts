/** A binary heap of whole numbers (Williams 1964) with the least on top, in the order that `before` defines. */
export class Heap {
    /** @param items what it begins with; it becomes the heap's own (Floyd 1964: the cost is their number) */
    constructor(
        private readonly before: (a: number, b: number) => boolean,
        private readonly items: number[],
    ) {
        for (let place = (items.length >> 1) - 1; place >= 0; place--) this.settle(place);
    }

    /** The least, or undefined when empty. */
    get top(): number | undefined {
        return this.items[0];
    }

    /** Takes the least away. */
    pop(): void {
        const last = this.items.pop();
        if (last === undefined || this.items.length === 0) return;
        this.items[0] = last;
        this.settle();
    }

    /** Puts an item, the top if not said otherwise, where it belongs after it has become larger in the order. */
    settle(start = 0): void {
        const { items } = this;
        const item = items[start];
        if (item === undefined) return;
        let place = start;
        for (;;) {
            let child = 2 * place + 1;
            const left = items[child];
            const right = items[child + 1];
            if (left === undefined) break;
            if (right !== undefined && this.before(right, left)) child++;
            const least = items[child] ?? left;
            if (!this.before(least, item)) break;
            items[place] = least;
            place = child;
        }
        items[place] = item;
    }
}
