/** A binary heap of whole numbers (Williams 1964) with the least on top, in the order that `before` defines. */
export class Heap {
    private readonly items: number[] = [];

    constructor(private readonly before: (a: number, b: number) => boolean) {}

    /** The least, or undefined when empty. */
    get top(): number | undefined {
        return this.items[0];
    }

    push(item: number): void {
        const { items } = this;
        let place = items.length;
        items.push(item);
        while (place > 0) {
            const parent = (place - 1) >> 1;
            const above = items[parent] ?? item;
            if (!this.before(item, above)) break;
            items[place] = above;
            place = parent;
        }
        items[place] = item;
    }

    /** Takes the least away. */
    pop(): void {
        const last = this.items.pop();
        if (last === undefined || this.items.length === 0) return;
        this.items[0] = last;
        this.settle();
    }

    /** Puts the top where it belongs after it has become larger in the order. */
    settle(): void {
        const { items } = this;
        const item = items[0];
        if (item === undefined) return;
        let place = 0;
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
