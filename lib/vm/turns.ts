import type * as pulumi from "@pulumi/pulumi";
import { registered } from "../known";
import type { Round } from "../program";

/** What makes a machine serve again: resources of other components that must be there before the next machine is touched. */
type Follower = (vm: string) => Promise<readonly pulumi.Resource[]>;

interface Member {
    name: string;
    /** What is to happen to it: 0 nothing, 1 it is interrupted, 2 it does not serve now, so that it goes first. */
    urgency: Promise<number>;
    decide(urgency: number): void;
    ready(): Promise<pulumi.Resource>;
}

const turns = new WeakMap<Round, Turns>();

/**
 * Lets machines that a deployment interrupts be changed one after the other: the next one is touched when the one before
 * serves again, its containers and the balancers in front included. Machines that are new, or stay as they are, wait for nobody.
 *
 * The order is a matter of this deployment alone, so it is kept by registering later and not by dependencies in the state.
 */
export class Turns {
    private readonly members: Member[] = [];
    private readonly followers: Follower[] = [];

    static of(round: Round): Turns {
        const known = turns.get(round) ?? new Turns();
        turns.set(round, known);
        return known;
    }

    /** A machine, in the order of the program. @param ready what is there once it is ready */
    join(name: string, ready: () => Promise<pulumi.Resource>): Pick<Member, "decide"> {
        let decide: (urgency: number) => void = () => {};
        const urgency = new Promise<number>((resolve) => {
            decide = resolve;
        });
        const member = { name, urgency, decide, ready };
        this.members.push(member);
        return member;
    }

    /** Something that a machine's service rests on. */
    follow(follower: Follower): void {
        this.followers.push(follower);
    }

    /** Resolves when it is the machine's turn. */
    async turnOf(name: string): Promise<void> {
        const urgencies = await Promise.all(this.members.map(({ urgency }) => urgency));
        const queue = [2, 1].flatMap((level) => this.members.filter((_, index) => urgencies[index] === level));
        const place = queue.findIndex((member) => member.name === name);
        // The one before has waited for all that come before it.
        const previous = queue[place - 1];
        if (previous !== undefined) {
            await this.serves(previous);
        }
    }

    private async serves({ name, ready }: Member): Promise<void> {
        await registered(await ready());
        for (const follower of this.followers) {
            for (const resource of await follower(name)) {
                await registered(resource);
            }
        }
    }
}
