import assert from "node:assert/strict";
import { createServer, type Server } from "node:net";
import { listenPort } from "../../../tools/farm/listenPort";

describe("the port that npm start listens on", () => {
    const here = { wrap: [], config: { libvirtUri: "qemu:///system" } };
    const stack = (port?: string) => ({ configured: async () => port });
    let taken: Server;
    before((done) => {
        taken = createServer();
        // Where something else has it already, it is taken as well.
        taken.once("error", () => done());
        taken.listen({ port: 80, host: "0.0.0.0" }, () => done());
    });
    after(() => taken.close());

    it("is another where 80 is taken on this machine", async () => {
        const port = await listenPort(here, stack());
        assert.ok([8080, 8000, 8888].includes(port), String(port));
    });

    it("stays what it was, although the balancer itself has it now", async () => {
        assert.equal(await listenPort(here, stack("80")), 80);
    });

    it("is 80 on a machine that is reached over ssh", async () => {
        const there = { wrap: [], config: { libvirtUri: "qemu+ssh://root@rack1/system" } };
        assert.equal(await listenPort(there, stack()), 80);
    });
});
