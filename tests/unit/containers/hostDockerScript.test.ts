import assert from "node:assert/strict";
import { hostDockerScript, rootShell } from "../../../lib/containers/hostDockerScript";
import type { DockerArgs } from "../../../lib/vm/dockerSpec";
import { installDockerScript } from "../../../lib/vm/installDocker";
import { run } from "../../../tools/run";
import { osReleases, StubMachine } from "../../support/stubs";

const script = (args: DockerArgs = {}) => hostDockerScript("old1", { source: "distribution" }, args);

describe("Docker on a machine that exists already", () => {
    const machines: StubMachine[] = [];
    const machine = (programs: Record<string, string> = {}) => {
        const made = new StubMachine(
            { flock: "", systemctl: "", usermod: ': >"$BIN/member"', sleep: "", docker: "", sudo: "", ...programs },
            osReleases.debian12,
        );
        made.write("run/empty", "");
        machines.push(made);
        return made;
    };
    afterEach(() => {
        for (const made of machines.splice(0)) made.dispose();
    });
    const present = { dockerd: "echo Docker version 20.10.24" };

    it("is installed by the text that installs it in a virtual machine", () => {
        const body = installDockerScript({ source: "distribution" }).split("\n").slice(6).join("\n");
        assert.ok(body.length > 3000 && script().includes(body));
    });

    it("is left alone where it is, and only asked whether it answers", async () => {
        const on = machine(present);
        const { code, stdout, stderr } = await on.run(script());
        assert.equal(code, 0, stderr);
        assert.deepEqual(on.calls(), [
            "flock -w 1800 9",
            "dockerd --version",
            "systemctl is-enabled --quiet docker",
            "systemctl start docker",
            "docker info",
        ]);
        assert.match(stdout, /^Docker answers on old1$/m);
    });

    it("may be used by the user who logs in", async () => {
        const on = machine({ ...present, sudo: '[ -e "$BIN/member" ]' });
        assert.equal((await on.run(script(), { SUDO_USER: "ops" })).code, 0);
        const asked = "sudo -n -u ops docker info";
        assert.deepEqual(on.calls().slice(-3), [asked, "usermod -aG docker ops", asked]);
        assert.equal((await on.run(script(), { SUDO_USER: "ops" })).code, 0);
        assert.deepEqual(on.calls().slice(-2), ["docker info", asked]);

        const never = machine({ ...present, sudo: "exit 1" });
        const { code, stderr } = await never.run(script(), { SUDO_USER: "ops" });
        assert.equal(code, 1);
        assert.equal(stderr, "old1: ops may not use Docker, even in the group docker\n");
    });

    it("gets its configuration before it starts, and a changed one later; a second run changes nothing", async () => {
        const install = {
            "apt-get": `cp "$BIN/docker" "$BIN/dockerd"; cat "$BIN/../etc/docker/daemon.json" >"$BIN/seen"`,
        };
        const on = machine(install);
        const one = { daemon: { debug: true }, registryMirrors: ["https://m.example.org"] };
        assert.equal((await on.run(script(one))).code, 0);
        const text = '{\n  "debug": true,\n  "registry-mirrors": [\n    "https://m.example.org"\n  ]\n}\n';
        assert.equal(on.read("bin/seen"), text, "it was there when Docker was installed");
        on.calls();
        assert.equal((await on.run(script(one))).code, 0);
        assert.ok(!on.calls().includes("systemctl reload docker"));
        assert.equal((await on.run(script({ daemon: { debug: false } }))).code, 0);
        assert.ok(on.calls().includes("systemctl reload docker"));
        assert.equal(on.read("etc/docker/daemon.json"), '{\n  "debug": false\n}\n');
    });

    it("keeps a configuration that somebody else wrote, and says so", async () => {
        const on = machine(present);
        on.write("etc/docker/daemon.json", "{}\n");
        const { code, stderr } = await on.run(script({ daemon: { debug: true } }));
        assert.equal(code, 1);
        assert.match(stderr, /^old1: \/etc\/docker\/daemon\.json has something else than docker\.daemon says.*; merge/);
        assert.equal(on.read("etc/docker/daemon.json"), "{}\n");
        assert.ok(!on.calls().includes("systemctl start docker"));
        assert.equal((await on.run(script())).code, 0, "without a wish for it nothing is wrong");
    });

    it("must answer", async () => {
        const on = machine({ ...present, docker: "echo no daemon; exit 1" });
        const { code, stderr } = await on.run(script());
        assert.equal(code, 1);
        assert.equal(stderr, "old1: Docker does not answer: no daemon; see journalctl -u docker there\n");
    });

    it("is installed as root, or by a sudo that asks for no password", async () => {
        const shell = async (programs: Record<string, string>) => {
            const on = machine(programs);
            const input = "echo ran as $WHO";
            const env = { PATH: `${on.dir}/bin`, WHO: "itself" };
            const result = await run("/bin/sh", ["-c", rootShell], { input, env, allowFailure: true });
            return { ...result, calls: on.calls() };
        };
        const id = "case $1 in -u) echo 1000 ;; *) echo ops ;; esac";
        assert.equal((await shell({ id: "echo 0" })).stdout, "ran as itself\n");
        const sudo = '[ "$2" = true ] || { shift; WHO=root exec "$@"; }';
        assert.equal((await shell({ id, sudo })).stdout, "ran as root\n");
        const { code, stderr } = await shell({ id, sudo: "exit 1", uname: "echo old1" });
        assert.equal(code, 1);
        assert.match(
            stderr,
            /^Docker cannot be installed: sudo asks ops for a password on old1; let it not \(NOPASSWD\), or/,
        );
    });
});
