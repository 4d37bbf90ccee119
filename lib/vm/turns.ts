import type * as pulumi from "@pulumi/pulumi";
import { registered } from "../known";
import { programOf, type Round } from "../program";

/** What makes a machine serve again: resources of other components that must be there before the next machine is touched. */
type Follower = (vm: string) => Promise<readonly pulumi.Resource[]>;

interface Member {
    name: string;
    round: Round;
    /** What is to happen to it: 0 nothing, 1 it is interrupted, 2 it does not serve now, so that it goes first. */
    urgency: Promise<number>;
    ready(): Promise<pulumi.Resource>;
}

/** A machine's place among those that change. */
export interface Turn {
    /** Says how urgent its change is, as in `urgencyOf`. */
    decide(urgency: number): void;
    /** Resolves when the machine may be changed. */
    comes(): Promise<void>;
}

const programs = new WeakMap<object, Turns>();

/**
 * Lets machines that a deployment interrupts be changed one after the other: the next one is touched when the one before
 * serves again, its containers and the balancers in front included. Machines that are new, or stay as they are, wait for nobody.
 *
 * Of later rounds nothing is waited for: what they construct may depend on the machine that would wait.
 *
 * The order is a matter of this deployment alone, so it is kept by registering later and not by dependencies in the state.
 */
export class Turns {
    private readonly rounds: Round[] = [];
    private readonly members: Member[] = [];
    private readonly followers: { round: Round; follower: Follower }[] = [];

    /** Those of the program that constructs a component now. */
    static current(round: Round): Turns {
        const program = programOf(round);
        const turns = programs.get(program) ?? new Turns();
        programs.set(program, turns);
        return turns;
    }

    /** A machine, in the order of the program. @param ready what is there once it is ready */
    join(round: Round, name: string, ready: () => Promise<pulumi.Resource>): Turn {
        this.enter(round);
        let decide: (urgency: number) => void = () => {};
        const urgency = new Promise<number>((resolve) => {
            decide = resolve;
        });
        const member = { name, round, urgency, ready };
        this.members.push(member);
        // One that has failed is nothing to wait for.
        ready().catch(() => decide(0));
        return { decide, comes: () => this.turnOf(member) };
    }

    /** Something that a machine's service rests on. */
    follow(round: Round, follower: Follower): void {
        this.enter(round);
        this.followers.push({ round, follower });
    }

    private enter(round: Round): void {
        if (!this.rounds.includes(round)) {
            this.rounds.push(round);
        }
    }

    private async turnOf(own: Member): Promise<void> {
        const rounds = this.rounds.slice(0, this.rounds.indexOf(own.round) + 1);
        const members = this.members.filter(({ round }) => rounds.includes(round));
        const urgencies = await Promise.all(members.map(({ urgency }) => urgency));
        const queue = [2, 1].flatMap((level) => members.filter((_, index) => urgencies[index] === level));
        // The one before has waited for all that come before it.
        const previous = queue[queue.indexOf(own) - 1];
        if (previous !== undefined) {
            await this.serves(previous, rounds);
        }
    }

    private async serves({ name, ready }: Member, rounds: readonly Round[]): Promise<void> {
        await registered(await ready());
        for (const { round, follower } of this.followers) {
            for (const resource of rounds.includes(round) ? await follower(name) : []) {
                await registered(resource);
            }
        }
    }
}
