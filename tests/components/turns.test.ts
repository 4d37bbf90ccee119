import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { Round } from "../../lib/program";
import { type Turn, Turns } from "../../lib/vm/turns";
import { runProgram } from "../support/mocks";

/** Lets what can go on do so. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 20));

describe("machines of a program that change", () => {
    /** Runs with the first two rounds of a program. */
    const inRounds = async (check: (turns: Turns, earlier: Round, later: Round) => Promise<void>) => {
        const run = async () => {
            const turns = new Turns();
            const earlier = Round.current();
            await earlier.valid;
            await check(turns, earlier, Round.current());
        };
        assert.deepEqual((await runProgram(() => ({ done: pulumi.output(run()) }))).errors, []);
    };
    const resource = (name: string) => new pulumi.ComponentResource("test:index:Thing", name);
    /** What has had its turn. */
    const watch = (turn: Turn, name: string, come: string[]) =>
        turn.comes().then(
            () => come.push(name),
            () => come.push(`${name} failed`),
        );

    it("wait for those of earlier rounds and what these serve by, and for nothing of later rounds", () =>
        inRounds(async (turns, earlier, later) => {
            const come: string[] = [];
            const made = new Map<string, (thing: pulumi.Resource) => void>();
            const join = (round: Round, name: string) =>
                turns.join(round, name, () => new Promise((resolve) => made.set(name, resolve)));
            const [vm1, vm2] = [join(earlier, "vm1"), join(earlier, "vm2")];
            const vm3 = join(later, "vm3");
            turns.follow(later, async (vm) => (vm === "vm2" ? [resource("serves")] : new Promise(() => {})));
            watch(vm1, "vm1", come);
            watch(vm2, "vm2", come);
            watch(vm3, "vm3", come);
            vm1.decide(1);
            vm2.decide(1);
            await settle();
            assert.deepEqual(come, ["vm1"], "vm3, which is undecided, holds up nobody");
            vm3.decide(1);
            made.get("vm1")?.(resource("vm1"));
            await settle();
            assert.deepEqual(come, ["vm1", "vm2"]);
            made.get("vm2")?.(resource("vm2"));
            await settle();
            assert.deepEqual(come, ["vm1", "vm2", "vm3"]);
        }));

    it("wait for none that failed before it was known what happens to it", () =>
        inRounds(async (turns, earlier, later) => {
            const come: string[] = [];
            turns.join(earlier, "vm1", () => Promise.reject(new Error("wrong arguments")));
            const vm2 = turns.join(later, "vm2", async () => resource("vm2"));
            watch(vm2, "vm2", come);
            vm2.decide(1);
            await settle();
            assert.deepEqual(come, ["vm2"]);
        }));
});
