import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { DockerHosts } from "../support/dockerHosts";
import { done } from "../support/sets";
import { eventually } from "../support/webfarm";

const program = `
import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import * as fusion from "pulumi-fusion";

const { pair, ...args } = JSON.parse(readFileSync("args.json", "utf8"));
const hosts = new pulumi.Config().requireObject<{ address: string; ssh: object }[]>("hosts");
const [first, second] = hosts.map(({ address, ssh }) => ({ ssh: { address, ...ssh } }));
// What answers on both is their sshd.
const servers = hosts.map(({ address }, index) => ({ name: "s" + index, address, port: 22 }));
const lb = new fusion.FusionBalancer("lb", {
    mode: "tcp", listen: 2222, backends: [{ name: "web", servers }], host: first, ...args,
    ...(pair && { standby: { host: second, address: "10.78.0.10/24" } }),
});
export const url = lb.url;
`;
const DIRECTORY = "/var/lib/fusion/lb";

// Each test begins with what the one before has left.
describe("a pair of balancers on two machines, by the engine", () => {
    let farm: DockerHosts;
    before(async () => {
        farm = await DockerHosts.create("test-pair", { program });
    });
    after(() => farm?.dispose());

    const give = (args: object) => writeFileSync(join(farm.stack.dir, "args.json"), JSON.stringify(args));
    async function up(): Promise<string[]> {
        const result = await farm.stack.up();
        assert.ok(result.ok, result.text);
        return done(result).filter((step) => / Command /.test(step));
    }
    // It says nothing, not even that it has nothing to say: that could be there before the server is.
    const answer = (address = "10.78.0.10") =>
        farm.inside("sh", "-c", `socat -u -T 5 TCP:${address}:2222,connect-timeout=5 - | head -n 1`);
    const holder = async () => {
        const found = ["h1", "h2"].map(async (host) => [
            host,
            await farm.onHost(host, "ip -o address show to 10.78.0.10"),
        ]);
        return (await Promise.all(found)).flatMap(([host, text]) => (text === "" ? [] : [host])).join();
    };
    const running = (host: string) =>
        farm.onHost(host, `echo "show info" | socat - UNIX-CONNECT:${DIRECTORY}/admin.sock | grep -i ^description`);

    it("is made of one that serves already, whose clients notice nothing", async () => {
        give({ pair: false });
        assert.deepEqual(await up(), ["create Command lb"]);
        const pid = await farm.onHost("h1", `cat ${DIRECTORY}/haproxy.pid`);
        give({ pair: true });
        assert.deepEqual(await up(), [
            ...["create Command lb-standby", "update Command lb"],
            ...["create Command lb-standby-keepalived", "create Command lb-keepalived"],
        ]);
        assert.equal(await holder(), "h1");
        for (const address of ["10.78.0.10", farm.hosts[0]?.address]) assert.match(await answer(address), /^SSH-2\.0-/);
        assert.equal(await farm.onHost("h1", `cat ${DIRECTORY}/haproxy.pid`), pid);
        assert.equal((await farm.stack.outputs()).url, "tcp://10.78.0.10:2222");
        assert.deepEqual(await up(), []);
    });

    it("is changed on the standby, then on the first", async () => {
        give({ pair: true, maxConnections: 1000 });
        assert.deepEqual(await up(), ["update Command lb-standby", "update Command lb"]);
        assert.equal(await running("h1"), await running("h2"));
        assert.equal(await holder(), "h1");
    });

    it("leaves the first as it is while the standby is dead, and repairs it by the next up", async () => {
        const before = await running("h1");
        const [haproxy, keepalived] = ["haproxy", "keepalived"].map((name) => `$(cat ${DIRECTORY}/${name}.pid)`);
        await farm.onHost("h2", `kill -KILL ${haproxy}; kill -TERM ${keepalived}`);
        // What takes its port keeps it from coming back.
        const wait = "until ! ss -Hltn sport = :2222 | grep -q .; do sleep 0.1; done";
        await farm.onHost(
            "h2",
            `${wait}; socat TCP-LISTEN:2222,fork,reuseaddr /dev/null >/dev/null 2>&1 & echo $! >/run/occupied`,
        );
        give({ pair: true, maxConnections: 2000 });
        const refused = await farm.stack.up();
        assert.equal(refused.ok, false);
        assert.match(refused.text, /HAProxy does not start on h2/);
        assert.equal(await running("h1"), before);
        assert.equal(done(refused).filter((step) => /Command lb$/.test(step)).length, 0);
        assert.match(await answer(), /^SSH-2\.0-/);
        await farm.onHost("h2", "kill $(cat /run/occupied)");
        assert.deepEqual(await up(), ["update Command lb-standby", "update Command lb"]);
        assert.notEqual(await running("h1"), before);
        assert.equal(await running("h1"), await running("h2"));
        assert.equal(await holder(), "h1");
        assert.deepEqual(await up(), []);
    });

    it("serves on when the first is without power", async () => {
        await farm.kill("h1");
        await eventually("the standby serves", 20, async () =>
            /^SSH-2\.0-/.test(await answer().catch(String)) ? true : undefined,
        );
        await farm.start("h1");
    });

    it("is one again, keepalived gone first, and leaves nothing on the other", async () => {
        give({ pair: false, maxConnections: 2000 });
        const steps = await up();
        assert.deepEqual(steps, [
            "update Command lb",
            ...["delete Command lb-keepalived", "delete Command lb-standby-keepalived", "delete Command lb-standby"],
        ]);
        assert.equal(await holder(), "");
        assert.equal(await farm.onHost("h2", `ls -d ${DIRECTORY} 2>/dev/null || echo gone`), "gone");
        assert.match(await answer(farm.hosts[0]?.address), /^SSH-2\.0-/);
        assert.ok((await farm.stack.destroy()).ok);
    });
});
