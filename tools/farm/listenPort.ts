import { createServer } from "node:net";
import type { Hypervisor } from "./hypervisor";
import type { FarmStack } from "./stack";

/**
 * The port that HAProxy listens on: 80, or another where 80 is taken on this machine. In the embedded hypervisor's network
 * and on a machine that is asked over ssh it is 80; there HAProxy itself says when it is taken.
 */
export async function listenPort({ lab, config }: Hypervisor, stack: Pick<FarmStack, "configured">): Promise<number> {
    if (lab || /\+ssh:/.test(config.libvirtUri ?? "")) {
        return 80;
    }
    // A balancer that runs already has its port.
    const configured = await stack.configured("listen");
    if (configured !== undefined) {
        return Number(configured);
    }
    for (const port of [80, 8080, 8000, 8888]) {
        if (await isFree(port)) {
            return port;
        }
    }
    throw new Error("The ports 80, 8080, 8000 and 8888 are all taken; free one of them.");
}

function isFree(port: number): Promise<boolean> {
    return new Promise((resolve) => {
        const server = createServer();
        server.once("error", () => resolve(false));
        server.listen({ port, host: "0.0.0.0" }, () => server.close(() => resolve(true)));
    });
}
