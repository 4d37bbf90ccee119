// `npm stop`: takes away what `npm start` made. The cache outside the checkout stays.
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { labDown } from "../lab";
import { libvirtUri } from "../lab/libvirtd";
import { projectDir } from "../paths";
import { step } from "../progress";
import { labDir, labName } from "./hypervisor";
import { main } from "./main";
import { FarmStack, stackName } from "./stack";

main(async () => {
    const isLab = existsSync(labDir);
    if (existsSync(join(projectDir, `Pulumi.${stackName}.yaml`))) {
        const stack = await FarmStack.open({ wrap: [] });
        const uri = await stack.configured("libvirtUri");
        if (uri !== undefined && uri !== libvirtUri(labDir)) {
            await stack.shown(["destroy", "--yes", "--skip-preview"]);
        }
        await stack.remove();
    }
    if (isLab) {
        // The embedded hypervisor takes everything on it with it, in whatever state that is.
        await step("stopping the hypervisor and all that runs on it", () => labDown(labName, labDir));
    }
    rmSync(join(projectDir, ".fusion"), { recursive: true, force: true });
});
