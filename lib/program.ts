import * as pulumi from "@pulumi/pulumi";
import { Faults } from "./faults";
import { typesAbove } from "./lastState";

/**
 * Awaited first by every `initialize`: the base class's constructor calls it before the component's own constructor has
 * run, and goes on when that is done.
 */
export const constructed = Promise.resolve();

/** Something that must be known of all components before one of them may create anything. */
type JointCheck = (faults: Faults) => void | Promise<void>;

/**
 * The components that a program constructs in one go. Each validates its arguments when it is constructed, and creates its
 * children only after all have, so that one error tells all wrong arguments and nothing is created before.
 *
 * A program that constructs components later (behind an `await`) gets a further round for them.
 */
export class Round {
    private static open: Round | undefined;
    /** There when the round before has been decided: decisions build upon those before. */
    private static earlier: Promise<void> = Promise.resolve();

    readonly faults = new Faults();
    private readonly decisions: JointCheck[] = [];
    private readonly checks: JointCheck[] = [];

    /** Resolves when every component of the round is valid; otherwise rejects for all of them with the same error. */
    readonly valid: Promise<void>;

    private constructor() {
        const { earlier } = Round;
        this.valid = new Promise<void>((resolve) => setImmediate(resolve)).then(() => this.close(earlier));
        // What is wrong there is told there.
        Round.earlier = this.valid.catch(() => {});
    }

    /** The round that a component constructed now belongs to. */
    static current(): Round {
        Round.open ??= new Round();
        return Round.open;
    }

    /** Adds a decision that checks build upon: it is made before all of them, whoever was constructed first. */
    first(decision: JointCheck): void {
        this.decisions.push(decision);
    }

    /** Adds a check of what the round's components are together; it runs once all have been constructed. */
    before(check: JointCheck): void {
        this.checks.push(check);
    }

    private async close(earlier: Promise<void>): Promise<void> {
        Round.open = undefined;
        await earlier;
        for (const check of [...this.decisions, ...this.checks]) {
            await check(this.faults);
        }
        if (this.faults.size > 0) {
            throw new ArgumentError(this.faults);
        }
    }
}

/** What is one for all rounds of a program. Under Pulumi's mocks, where there is no stack, a round is a program. */
export const programOf = (round: Round): object => pulumi.runtime.getStackResource() ?? round;

const taken = new WeakMap<object, Set<string>>();

/**
 * The name that a component registers itself with: its own; where the program has a component of that name already another
 * one, and a fault, since the engine would say no more than that a URN is there twice.
 */
export function freshName(type: string, name: string, opts: pulumi.ComponentResourceOptions | undefined): string {
    const round = Round.current();
    const program = programOf(round);
    const names = taken.get(program) ?? new Set();
    taken.set(program, names);
    let fresh = name;
    for (let twin = 2; names.has(`${typesAbove(opts?.parent).join("$")} ${type} ${fresh}`); twin++) {
        fresh = `${name}-${twin}`;
    }
    names.add(`${typesAbove(opts?.parent).join("$")} ${type} ${fresh}`);
    if (fresh !== name) {
        round.faults.add(name, `is the name of two components ${type.split(":").at(-1)}; give each its own`);
    }
    return fresh;
}

/** Pulumi's own error for wrong inputs, shown without a stack trace: the arguments are at fault, not the program's code. */
export class ArgumentError extends pulumi.InputPropertiesError {
    /** Read by the Node.js runtime, which then shows the message alone. */
    readonly __pulumiRunError = true;

    constructor(faults: Faults) {
        const { message, errors } = faults.error();
        const count = errors.length === 1 ? "1 wrong argument" : `${errors.length} wrong arguments`;
        const done = faults.refusesChange ? "changed" : "created";
        super({ message: `${count}, nothing was ${done}:\n${message}`, errors: [...errors] });
        this.name = "InputPropertiesError";
        // The runtime shows the stack of errors that it gets by other ways than a rejected promise.
        this.stack = this.message;
    }
}
