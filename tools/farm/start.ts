// `npm start`: from nothing to a page served by two virtual machines.
import { setTimeout as pause } from "node:timers/promises";
import { build } from "../build";
import { ensureEngine } from "../engine";
import { joinPort, labDown } from "../lab";
import { ensurePackages } from "../lab/packages";
import { step } from "../progress";
import { findHypervisor, type Hypervisor, labDir, labName } from "./hypervisor";
import { listenPort } from "./listenPort";
import { main } from "./main";
import { FarmStack } from "./stack";

main(async () => {
    // What is missing is said before anything long begins.
    if (!process.env.FUSION_LIBVIRT_URI) {
        await ensurePackages();
    }
    await build();
    await ensureEngine();
    const hypervisor = await findHypervisor();
    const stack = await FarmStack.open(hypervisor);
    let url = hypervisor.lab && (await stack.wasKilled()) ? undefined : await bringUp(hypervisor, stack);
    if (url === undefined && hypervisor.lab) {
        console.error(
            "  The last start was killed in the midst of its work, or the machine restarted: starting afresh.",
        );
        await stack.remove();
        await labDown(labName, labDir);
        const fresh = await findHypervisor();
        url = await bringUp(fresh, await FarmStack.open(fresh));
    }
    if (url === undefined) {
        throw new Error(
            "The balancer runs, but the page does not answer; look at what `pulumi stack output url` gives.",
        );
    }
    console.log(url);
});

/** Runs `pulumi up`. Returns the URL once it answers, undefined when it does not. */
async function bringUp(hypervisor: Hypervisor, stack: FarmStack): Promise<string | undefined> {
    const listen = await listenPort(hypervisor, stack);
    await stack.configure({ ...hypervisor.config, listen: String(listen) });
    await stack.shown(["up", "--yes", "--skip-preview", "--suppress-permalink"]);
    const { lab } = hypervisor;
    const port = lab && (await joinPort(lab, { address: "127.0.0.1", port: listen }, 80));
    const url = port === undefined ? await stack.output("url") : `http://127.0.0.1${port === 80 ? "" : `:${port}`}/`;
    return (await step(`asking ${url}`, () => answers(url))) ? url : undefined;
}

/** Whether a URL answers with a page, asked for 30 seconds at the most. */
async function answers(url: string): Promise<boolean> {
    for (const end = Date.now() + 30_000; Date.now() < end; await pause(500)) {
        const status = await fetch(url, { signal: AbortSignal.timeout(10_000) }).then(
            (response) => response.status,
            () => 0,
        );
        if (status === 200) {
            return true;
        }
    }
    return false;
}
