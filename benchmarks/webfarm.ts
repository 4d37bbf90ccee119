import type { EngineResult } from "../tests/support/stack";
import { Webfarm, webfarmProgram } from "../tests/support/webfarm";
import { type Benchmark, type Figure, rounded } from "./figure";

/** The example from nothing and back, with real guests, once; without what is made once a machine (engine, images). */
export const webfarm: Benchmark = async () => {
    const farm = await Webfarm.create("bench-farm", webfarmProgram, "transpiled");
    const guests = farm.lab.domainType === "kvm" ? "KVM" : "emulated";
    try {
        const figures: Figure[] = [];
        const timed = async (name: string, operation: () => Promise<EngineResult>): Promise<EngineResult> => {
            const start = performance.now();
            const result = await operation();
            if (!result.ok) {
                throw new Error(result.text);
            }
            figures.push({
                bench: `webfarm.${name}`,
                value: rounded((performance.now() - start) / 1000, 1),
                unit: "s",
                guests,
            });
            return result;
        };
        await timed("preview", () => farm.stack.preview());
        const up = await timed("up", () => farm.stack.up());
        const ready = [...up.text.matchAll(/vm\d created .*is ready after (\d+) s/g)].map(([, seconds]) =>
            Number(seconds),
        );
        figures.push({ bench: "webfarm.ready", value: Math.max(...ready), unit: "s", guests, runs: ready });
        await timed("preview-unchanged", () => farm.stack.preview());
        await timed("up-unchanged", () => farm.stack.up());
        await farm.stack.pulumi(["config", "set", "greeting", "It still works"]);
        await timed("roll", () => farm.stack.up());
        await timed("destroy", () => farm.stack.destroy());
        return figures;
    } finally {
        await farm.dispose();
    }
};
