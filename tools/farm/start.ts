// `npm start`: from nothing to a page served by two virtual machines.
import { setTimeout as pause } from "node:timers/promises";
import { build } from "../build";
import { ensureEngine } from "../engine";
import { joinPort, labDown } from "../lab";
import { ensurePackages } from "../lab/packages";
import { step } from "../progress";
import { embeddedHypervisor, type Hypervisor, labDir, labName, ownHypervisor } from "./hypervisor";
import { listenPort } from "./listenPort";
import { main } from "./main";
import { FarmStack } from "./stack";

main(async () => {
    // What is missing is said before anything long begins.
    const uri = process.env.FUSION_LIBVIRT_URI;
    const own = uri ? await ownHypervisor(uri) : undefined;
    if (own === undefined) {
        await ensurePackages();
    }
    await build();
    await ensureEngine();
    const url = own === undefined ? await startEmbedded() : await bringUp(own, await FarmStack.open(own));
    if (url === undefined) {
        throw new Error(
            "Everything is up to date, but the page does not answer. Where the balancer's machine has been restarted, HAProxy " +
                "is no longer there: npm stop, then npm start.",
        );
    }
    console.log(url);
});

/** On the embedded hypervisor; afresh where the last start was killed, or the machine restarted. */
async function startEmbedded(): Promise<string | undefined> {
    const hypervisor = await embeddedHypervisor();
    const stack = await FarmStack.open(hypervisor);
    const url = (await stack.wasKilled()) ? undefined : await bringUp(hypervisor, stack);
    if (url !== undefined) {
        return url;
    }
    console.error("  The last start was killed in the midst of its work, or the machine restarted: starting afresh.");
    await stack.remove();
    await labDown(labName, labDir);
    const fresh = await embeddedHypervisor();
    return bringUp(fresh, await FarmStack.open(fresh));
}

/** Runs `pulumi up`. Returns the URL once it answers, undefined when it does not. */
async function bringUp(hypervisor: Hypervisor, stack: FarmStack): Promise<string | undefined> {
    const running = await stack.configured("libvirtUri");
    if (running !== undefined && running !== hypervisor.config.libvirtUri) {
        throw new Error(
            `The farm runs on another hypervisor (${running}). Run npm stop first, with the settings of that one.`,
        );
    }
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
