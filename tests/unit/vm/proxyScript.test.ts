import assert from "node:assert/strict";
import { proxyScript } from "../../../lib/vm/cloudInit/proxyScript";
import { StubMachine } from "../../support/stubs";

const script = proxyScript({
    http: "http://10.0.0.5:3128",
    https: "http://10.0.0.6:3128",
    noProxy: ["localhost", ".lan"],
});

describe("a proxy in a guest", () => {
    const machines: StubMachine[] = [];
    const machine = (...programs: string[]) => {
        const made = new StubMachine(Object.fromEntries([...programs, "systemctl"].map((name) => [name, ""])));
        machines.push(made);
        return made;
    };
    afterEach(() => {
        for (const made of machines.splice(0)) made.dispose();
    });

    it("is known to logins, apt and Docker; a second start changes nothing", async () => {
        const on = machine("apt-get");
        on.write("etc/environment", 'PATH="/usr/bin"\nHTTPS_PROXY=http://old\nLANG=C');
        for (const _ of [1, 2]) {
            const { code, stderr } = await on.run(script);
            assert.equal(code, 0, stderr);
            assert.equal(
                on.read("etc/environment"),
                'PATH="/usr/bin"\nLANG=C\nhttp_proxy=http://10.0.0.5:3128\nhttps_proxy=http://10.0.0.6:3128\nno_proxy=localhost,.lan\n',
            );
            assert.equal(
                on.read("etc/apt/apt.conf.d/90-fusion-proxy"),
                'Acquire::http::Proxy "http://10.0.0.5:3128";\nAcquire::https::Proxy "http://10.0.0.6:3128";\n',
            );
            assert.equal(
                on.read("etc/systemd/system/docker.service.d/10-fusion-proxy.conf"),
                '[Service]\nEnvironment="HTTP_PROXY=http://10.0.0.5:3128"\nEnvironment="HTTPS_PROXY=http://10.0.0.6:3128"\nEnvironment="NO_PROXY=localhost,.lan"\n',
            );
            assert.deepEqual(on.calls(), ["systemctl daemon-reload"]);
        }
    });

    it("is known to dnf, beside what was there", async () => {
        const on = machine("dnf");
        on.write("etc/dnf/dnf.conf", "# see man\n[main]\ngpgcheck=1\nproxy=http://old\nbest=True\n");
        for (const _ of [1, 2]) {
            const { code, stderr } = await on.run(script);
            assert.equal(code, 0, stderr);
            assert.equal(
                on.read("etc/dnf/dnf.conf"),
                "# see man\n[main]\nproxy=http://10.0.0.6:3128\ngpgcheck=1\nbest=True\n",
            );
        }
        const bare = machine("dnf");
        assert.equal((await bare.run(script)).code, 0);
        assert.equal(bare.read("etc/dnf/dnf.conf"), "[main]\nproxy=http://10.0.0.6:3128\n");
    });
});
