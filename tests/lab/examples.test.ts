import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { projectDir } from "../../tools/paths";
import { type Made, makeCertificate } from "../support/certificates";
import { DockerHosts } from "../support/dockerHosts";
import { haproxyCheck } from "../support/haproxy";
import { changes } from "../support/machines";
import { Pebble } from "../support/pebble";
import { needPrograms } from "../support/programs";
import { eventually } from "../support/webfarm";

const example = (name: string) => readFileSync(join(projectDir, "examples", name, "index.ts"), "utf8");

/** An example's program on real Docker hosts, in turn; those with machines of their own have tests elsewhere. */
describe("examples on machines that exist already", () => {
    let farm: DockerHosts;
    before(async () => {
        farm = await DockerHosts.create("test-examples", { program: example("secrets") });
    });
    after(() => farm?.dispose());

    const set = (key: string, value: string, ...more: string[]) =>
        farm.stack.pulumi(["config", "set", ...more, key, value]);
    async function up() {
        const result = await farm.stack.up();
        assert.equal(result.ok, true, result.text);
        const balancers = (await farm.stack.export()).filter(({ type }) => type === "fusion:index:FusionBalancer");
        const configs = balancers.map(({ outputs }) => String(outputs?.config));
        assert.deepEqual(
            await haproxyCheck(configs),
            configs.map(() => undefined),
        );
        const preview = await farm.stack.preview();
        return { text: result.text, next: changes(preview) };
    }
    const names = async (host: string) => (await farm.docker(host, "ps", "--format", "{{.Names}}")).split("\n");

    it("secrets: a file that inspect does not show, an environment that the state encrypts", async () => {
        await set("image", await farm.image("v1"));
        await set("password", "hunter2", "--secret");
        await set("token", "swordfish", "--secret");
        const { text, next } = await up();
        assert.deepEqual(next, []);
        const [name = ""] = await names("h1");
        const inside = "cat $PASSWORD_FILE; stat -c ' %a' $PASSWORD_FILE; echo $TOKEN";
        assert.equal(await farm.docker("h1", "exec", name, "sh", "-c", inside), "hunter2 400\nswordfish");
        assert.doesNotMatch(await farm.docker("h1", "inspect", name), /hunter2/);
        const state = JSON.stringify(await farm.stack.export());
        assert.doesNotMatch(state + text, /hunter2|swordfish/);
        assert.equal((await farm.stack.destroy()).ok, true);
    });

    it("database: its data outlives a new version", async () => {
        farm.stack.setProgram(example("database"));
        await set("check", JSON.stringify(["test", "-d", "/var/lib/postgresql/data"]));
        await set("protect", "false");
        assert.deepEqual((await up()).next, []);
        const [name = ""] = await names("h1");
        assert.match(name, /^db-0-/);
        await farm.docker("h1", "exec", name, "touch", "/var/lib/postgresql/data/kept");
        await set("image", await farm.image("v2"));
        const { text } = await up();
        assert.match(text, /db replaces 1 of 1 replicas.*db does not serve meanwhile/);
        const [next = ""] = await names("h1");
        assert.notEqual(next, name);
        assert.equal(await farm.docker("h1", "exec", next, "ls", "/var/lib/postgresql/data"), "kept");
        // Its data is on h1, so it cannot go elsewhere.
        await set("hosts", JSON.stringify(farm.hosts.slice(1)));
        const moved = await farm.stack.preview();
        assert.equal(moved.ok, false);
        assert.match(moved.text, /db\.hosts: lacks "h1", where the data of db-0 is; keep it among the hosts/);
        await set("hosts", JSON.stringify(farm.hosts));
        assert.equal((await farm.stack.destroy()).ok, true);
    });

    it("canary: a tenth of the requests, then all", async () => {
        farm.stack.setProgram(example("canary"));
        await set("image", await farm.image("v1"));
        assert.deepEqual((await up()).next, []);
        await set("image", await farm.image("v2"));
        const { text, next } = await up();
        assert.match(text, /as a canary on web-3/);
        assert.ok(next.includes("replace web-0") || next.some((step) => / web-0$/.test(step)), next.join());
        const { endpoints } = await farm.stack.outputs();
        assert.ok(Array.isArray(endpoints));
        assert.deepEqual(
            endpoints.map(({ weight }) => weight),
            [256, 256, 256, 85],
        );
        assert.deepEqual((await up()).next, []);
        assert.equal((await farm.stack.destroy()).ok, true);
    });

    const curl = (...words: string[]) => farm.inside("curl", "--silent", "--insecure", "--max-time", "10", ...words);

    it("tls-site: sends everybody to TLS, and has a renewed certificate after one up", async () => {
        farm.stack.setProgram(example("tls-site"));
        await set("image", await farm.image("v1"));
        const give = ({ certificate, key }: Made) => {
            const values = ["--plaintext", `certificate=${certificate}`, "--secret", `key=${key}`];
            return farm.stack.pulumi(["config", "set-all", ...values]);
        };
        await give(await makeCertificate("www.example.org"));
        assert.deepEqual((await up()).next, []);
        const told = ["--output", "/dev/null", "--write-out", "%{http_code} %{redirect_url}"];
        assert.equal(await curl(...told, "http://127.0.0.1/a"), "301 https://127.0.0.1/a");
        const answer = await curl("--include", "https://127.0.0.1/");
        assert.match(answer, /^HTTP\/2 200[\s\S]*strict-transport-security: max-age=31536000[\s\S]*v1/);
        const served = () =>
            farm.inside("sh", "-c", "openssl s_client -connect 127.0.0.1:443 </dev/null 2>/dev/null | openssl x509");
        const renewed = await makeCertificate("www.example.org");
        assert.notEqual((await served()).trim(), renewed.certificate.trim());
        await give(renewed);
        const { text, next } = await up();
        assert.deepEqual(next, []);
        assert.doesNotMatch(text, /PRIVATE KEY/);
        assert.equal((await served()).trim(), renewed.certificate.trim());
        assert.equal((await farm.stack.destroy()).ok, true);
    });

    it("acme-site: has a certificate from its authority, for all its names", async () => {
        const names = ["www.example.org", "example.org"];
        await needPrograms("lego", "pebble", "openssl");
        const pebble = await Pebble.start(farm.namespace, { names, at: ["127.0.0.1", 80] });
        try {
            farm.stack.setProgram(example("acme-site"));
            await set("image", await farm.image("v1"));
            await set("domains", JSON.stringify(names));
            const values = { email: "ops@example.org", server: pebble.url, authority: pebble.authority };
            await farm.stack.pulumi([
                ...["config", "set-all"],
                ...Object.entries(values).flatMap(([key, value]) => ["--plaintext", `${key}=${value}`]),
            ]);
            assert.deepEqual((await up()).next, []);
            const root = join(farm.stack.dir, "root.pem");
            writeFileSync(root, await pebble.root());
            for (const name of names) {
                const url = ["--resolve", `${name}:443:127.0.0.1`, `https://${name}/`];
                assert.match(await farm.inside("curl", "-sSf", "--cacert", root, "--max-time", "10", ...url), /v1/);
            }
            assert.equal((await farm.stack.destroy()).ok, true);
        } finally {
            await pebble.close();
        }
    });

    it("two-services: each by its host name", async () => {
        farm.stack.setProgram(example("two-services"));
        await set("web", await farm.image("v1"));
        await set("api", await farm.image("v2"));
        assert.deepEqual((await up()).next, []);
        const page = (host: string) => curl("--header", `Host: ${host}`, "http://127.0.0.1/");
        assert.match(await page("api.example.org"), /v2/);
        assert.match(await page("www.example.org"), /v1/);
        assert.equal((await farm.stack.destroy()).ok, true);
    });

    it("pair: the other balancer when the first is gone", async () => {
        farm.stack.setProgram(example("pair"));
        const balancers = farm.hosts.map(({ address, ssh }) => ({ address, ...ssh }));
        const [network] = /^.*[.]/.exec(balancers[0]?.address ?? "") ?? [];
        await set("address", `${network}10/24`);
        await set("balancers", JSON.stringify(balancers));
        await set("image", await farm.image("v1"));
        assert.deepEqual((await up()).next, []);
        const { url } = await farm.stack.outputs();
        assert.equal(url, `http://${network}10/`);
        assert.match(await curl(String(url)), /v1/);
        await farm.onHost("h1", "kill -KILL $(cat /var/lib/fusion/lb/haproxy.pid)");
        await eventually("the standby serves", 20, async () =>
            /v1/.test(await curl(String(url)).catch(String)) ? true : undefined,
        );
        assert.equal((await farm.stack.destroy()).ok, true);
        // Another example has one of that name too.
        await farm.stack.pulumi(["config", "rm", "address"]);
    });

    it("balancer-container: HAProxy by Docker, another image of it by an update, and nothing left", async () => {
        farm.stack.setProgram(example("balancer-container"));
        await set("image", await farm.image("v1"));
        await set("haproxy", await farm.haproxy("one"));
        assert.deepEqual((await up()).next, []);
        assert.match(await curl("http://10.78.0.11/"), /v1/);
        assert.match(await curl("http://10.78.0.11:8405/metrics"), /^haproxy_backend_active_servers/m);
        assert.match((await names("h1")).join(), /fusion-haproxy-lb-/);
        await set("haproxy", await farm.haproxy("two"));
        // The component, and its command.
        assert.deepEqual(changes(await farm.stack.preview()), ["update lb", "update lb"]);
        assert.equal((await farm.stack.destroy()).ok, true);
        assert.deepEqual(await names("h1"), [""]);
        assert.equal(await farm.onHost("h1", "ls /var/lib/fusion"), "");
    });

    it("tcp-database: the standby when the primary is gone", async () => {
        farm.stack.setProgram(example("tcp-database"));
        // What answers on both is their sshd.
        const [primary, standby] = farm.hosts.map(({ address }) => address);
        for (const [key, value] of Object.entries({ primary, standby, port: "22" })) await set(key, String(value));
        assert.deepEqual((await up()).next, []);
        assert.equal((await farm.stack.outputs()).url, "tcp://127.0.0.1:22");
        // Without -t socat hangs up half a second after it has said all, and a busy sshd takes longer to begin.
        const greeting = () => farm.inside("sh", "-c", "socat -t 10 - TCP:127.0.0.1:22 </dev/null | head -n 1");
        assert.match(await greeting(), /^SSH-2\.0-/);
        await farm.kill("h1");
        await eventually("the standby answers", 60, async () =>
            /^SSH-2\.0-/.test(await greeting().catch(String)) ? true : undefined,
        );
        assert.equal((await farm.stack.destroy()).ok, true);
    });
});
