// `npm start`: from nothing to a page served by two virtual machines.
import { joinPort } from "../lab";
import { build } from "../build";
import { findHypervisor } from "./hypervisor";
import { main } from "./main";
import { listenPort } from "./listenPort";
import { FarmStack } from "./stack";

main(async () => {
    await build();
    const hypervisor = await findHypervisor();
    const stack = await FarmStack.open(hypervisor);
    const listen = await listenPort(hypervisor);
    await stack.configure({ ...hypervisor.config, listen: String(listen) });
    await stack.shown(["up", "--yes", "--skip-preview", "--suppress-permalink"]);
    let url = await stack.output("url");
    if (hypervisor.lab) {
        url = `http://127.0.0.1:${await joinPort(hypervisor.lab, { address: "127.0.0.1", port: listen }, 80)}/`.replace(":80/", "/");
    }
    console.log(url);
});
