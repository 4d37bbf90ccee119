// `npm stop`: takes away what `npm start` made. The cache outside the checkout stays.
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { labDown } from "../lab";
import { projectDir } from "../paths";
import { step } from "../progress";
import { labDir, labName, runningLab } from "./hypervisor";
import { main } from "./main";
import { FarmStack, stackName } from "./stack";

main(async () => {
    const fusionDir = join(projectDir, ".fusion");
    const lab = await runningLab();
    if (existsSync(join(projectDir, `Pulumi.${stackName}.yaml`))) {
        const stack = await FarmStack.open(lab ?? { wrap: [] });
        // A hypervisor of ours takes everything with it; one of the user's has to be cleared by the engine.
        const isLab = existsSync(labDir);
        try {
            await stack.shown(["destroy", "--yes", "--skip-preview"]);
        } catch (error) {
            if (!isLab) {
                throw error;
            }
            console.error("  The hypervisor goes with everything on it.");
        }
        await stack.remove();
    }
    if (existsSync(labDir)) {
        await step("stopping the hypervisor", () => labDown(labName, labDir));
    }
    rmSync(fusionDir, { recursive: true, force: true });
});
