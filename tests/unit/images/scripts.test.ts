import assert from "node:assert/strict";
import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { buildCommand } from "../../../lib/images/buildScript";
import { dockerConfig } from "../../../lib/images/dockerConfig";
import { type HostImage, loadCommand, pullCommand } from "../../../lib/images/hostImageScript";
import { run } from "../../../tools/run";
import { assertGolden } from "../../support/golden";
import { StubDockerHost } from "../../support/stubDocker";

const ssh = { address: "10.77.0.11", user: "fusion" };
const one = `r.io/web@sha256:${"1".repeat(64)}`;
const two = `r.io/web@sha256:${"2".repeat(64)}`;
const three = `r.io/web@sha256:${"3".repeat(64)}`;
const pull = (more: Partial<HostImage> = {}) =>
    pullCommand(ssh, {
        image: one,
        vm: "vm1",
        list: "web",
        pull: "missing",
        platform: undefined,
        keepSeconds: 7 * 86_400,
        own: false,
        ...more,
    });
const login = dockerConfig("r.io", { username: "me", password: "hunter2" });
const pulled = (image: string) => `docker pull --quiet ${image}`;

describe("Docker's configuration", () => {
    it("has the credentials for one registry on one line", () => {
        assert.equal(login, `{"auths":{"r.io":{"auth":"${Buffer.from("me:hunter2").toString("base64")}"}}}`);
        assert.match(
            dockerConfig("docker.io", { username: "a", password: "b" }),
            /"https:\/\/index\.docker\.io\/v1\/"/,
        );
    });
});

describe("the image on a host", () => {
    let host: StubDockerHost;
    beforeEach(() => {
        host = new StubDockerHost();
    });
    afterEach(() => host.dispose());
    const list = (name = "web") => host.machine.read(`.fusion/images/${name}`).replace(/^\d+ /gm, "");

    it("comes with ports that are free: what a failed deployment has left there goes, what is wanted and others' stay", async () => {
        const host = new StubDockerHost();
        const names = ["web-0-22222222-1", "web-1-11111111-0"];
        host.machine.write(
            "lab/ports",
            "20001 web-0-33333333-1\n20000 web-0-11111111-0\n20008 web-1-11111111-0\n20001 web-0-22222222-1\n",
        );
        const to = { names, ports: [20001, 20008], set: "web", stack: "project/dev" };
        const { code, calls, stderr } = await host.run(pull({ to }));
        assert.equal(code, 0, stderr);
        assert.deepEqual(calls, [pulled(one), "docker rm --force web-0-33333333-1"]);
        assert.match(
            stderr,
            /^web-0-33333333-1, which a failed deployment has left on port 20001 of vm1, was removed$/m,
        );
        assert.doesNotMatch(pull(), /docker rm/);
    });

    it("comes by the command in tests/golden", () =>
        assertGolden("containers/pull.sh", `${pull({ platform: "linux/arm64" })}\n`));

    it("is pulled where it is missing, and looked at otherwise", async () => {
        const first = await host.run(pull());
        assert.deepEqual([first.code, first.stdout], [0, `${one} is on vm1\n`], first.stderr);
        assert.deepEqual(first.calls, [pulled(one)]);
        assert.equal(host.lab("login"), undefined, "without credentials Docker has the user's own");
        assert.deepEqual((await host.run(pull())).calls, []);
        assert.deepEqual((await host.run(pull({ pull: "always" }))).calls, [pulled(one)]);
        assert.deepEqual((await host.run(pull({ platform: "linux/amd64" }))).calls, []);
        assert.deepEqual((await host.run(pull({ platform: "linux/arm64" }))).calls, [
            `docker pull --quiet --platform=linux/arm64 ${one}`,
        ]);
    });

    it("is pulled with credentials that are in no file afterwards", async () => {
        const result = await host.run(pull(), `${login}\n`);
        assert.equal(result.code, 0, result.stderr);
        assert.equal(host.lab("login"), `${login}\ndrwx------\n`);
        host.machine.write("lab/refuse", "");
        const refused = await host.run(pull({ image: two }), login);
        assert.equal(refused.code, 1);
        assert.equal(refused.stderr, `unauthorized: ${two}\nvm1: docker pull ${two} has failed\n`);
        assert.deepEqual(
            readdirSync(host.machine.dir).filter((name) => name.startsWith("fusion-")),
            [],
        );
        assert.doesNotMatch(result.stdout + result.stderr + refused.stdout, /hunter2|bWU6aHVudGVyMg/);
    });

    it("that is never pulled must be there", async () => {
        const { code, stderr, calls } = await host.run(pull({ pull: "never", image: "web:1" }));
        assert.equal(code, 1);
        assert.match(
            stderr,
            /^vm1: web:1 is not there, and pull is "never"; bring it there with "docker load".* or set/,
        );
        assert.deepEqual(calls, []);
        host.machine.write("lab/images", "web:1\n");
        assert.equal((await host.run(pull({ pull: "never", image: "web:1" }))).code, 0);
    });

    it("is removed when its grace is over, counted from when another took its place", async () => {
        await host.run(pull());
        await host.at(30).run(pull({ image: two }));
        assert.equal(list(), `${one}\n${two}\n`);
        await host.at(36).run(pull({ image: two }));
        assert.equal(host.lab("images"), `${one}\n${two}\n`);
        const { calls, stderr } = await host.at(37).run(pull({ image: two }));
        assert.deepEqual(calls, [`docker image rm ${one}`]);
        assert.match(stderr, /was removed from vm1: not used any more/);
        assert.equal(list(), `${two}\n`);
        assert.equal(host.lab("images"), `${two}\n`);
    });

    it("stays while a container uses it, or another set, and as long as it is used", async () => {
        await host.run(pull({ keepSeconds: 0 }));
        await host.run(pull({ keepSeconds: 0, list: "api" }));
        host.machine.write("lab/used", `${two}\n`);
        await host.at(0.5).run(pull({ image: two, keepSeconds: 0 }));
        assert.equal(list(), `${one}\n${two}\n`, "the other set's containers may be about to be made");
        const later = await host.at(2).run(pull({ image: three, keepSeconds: 0 }));
        assert.deepEqual(later.calls, [pulled(three), `docker image rm ${one}`]);
        assert.equal(list(), `${two}\n${three}\n`, "a container's");
        host.machine.write("lab/used", "");
        const { calls } = await host.at(3).run(pull({ image: three, keepSeconds: 0 }));
        assert.deepEqual(calls, [`docker image rm ${two}`]);
        await host.at(99).run(pull({ image: three, keepSeconds: 0 }));
        assert.equal(list(), `${three}\n`);
    });

    for (const how of ["missing", "always", "never"] as const) {
        it(`that somebody else has brought is never removed (pull: "${how}")`, async () => {
            host.machine.write("lab/images", `${one}\n${two}\n`);
            const of = (image: string) => host.run(pull({ image, pull: how, keepSeconds: 0 }));
            await of(one);
            assert.equal(list(), `${one} not-ours\n`);
            await host.at(1).run(pull({ image: one, pull: how, keepSeconds: 0 }));
            host.at(2);
            await of(two);
            host.at(30);
            const { code, calls } = await of(two);
            assert.equal(code, 0);
            assert.deepEqual(
                calls.filter((call) => call.startsWith("docker image rm")),
                [],
            );
            assert.equal(list(), `${two} not-ours\n`);
        });
    }

    it("is kept for its grace also when one that somebody else has brought took its place", async () => {
        await host.run(pull());
        host.machine.write("lab/images", `${one}\n${two}\n`);
        await host.at(30).run(pull({ image: two }));
        assert.equal(list(), `${one}\n${two} not-ours\n`);
        assert.deepEqual((await host.at(36).run(pull({ image: two }))).calls, []);
        assert.deepEqual((await host.at(37).run(pull({ image: two }))).calls, [`docker image rm ${one}`]);
    });

    it("is the library's when another set has brought it, and when it was built, whoever asks first", async () => {
        await host.run(pull({ list: "api" }));
        await host.run(pull());
        host.machine.write("lab/images", `${one}\n${two}\n`);
        await host.run(pull({ image: two, own: true }));
        assert.equal(list(), `${one}\n${two}\n`);
    });

    it("is there also where nothing can be written down", async () => {
        host.machine.write(".fusion", "a file");
        const { code, stderr } = await host.run(pull());
        assert.equal(code, 0);
        assert.match(stderr, /vm1: .*\.fusion\/images\/web could not be written, so old images stay/);
        host.machine.write(".fusion", "");
    });

    it("does not mind a list that somebody has written into", async () => {
        await host.run(pull());
        host.machine.write(".fusion/images/web", "x\n$(reboot) y\n9a z\n");
        const { code, stderr } = await host.run(pull({ image: two }));
        assert.deepEqual([code, stderr, list()], [0, "", `${two}\n`]);
    });

    describe("of an archive", () => {
        const image = "localhost/fusion/web:0123456789ab";
        const load = (file: string, gzip = false) => {
            const archive = { file, gzip, digest: "0".repeat(64), prefix: Buffer.from("before\0").toString("base64") };
            return loadCommand(
                ssh,
                { image, vm: "vm1", list: "web", pull: "missing", platform: undefined, keepSeconds: 0, own: true },
                archive,
            );
        };

        it("comes by the command in tests/golden", () => assertGolden("containers/load.sh", load("./web.tar")));

        for (const gzip of [false, true]) {
            it(`is loaded where it is missing${gzip ? ", uncompressed" : ""}`, async () => {
                const file = join(host.machine.dir, "it's.tar");
                writeFileSync(file, gzip ? gzipSync("archive") : "archive");
                const first = await host.run(load(file, gzip));
                assert.equal(first.code, 0, first.stderr);
                assert.equal(host.lab("loaded"), "before\0archive");
                assert.deepEqual(first.calls, [
                    "docker load --quiet",
                    `docker tag sha256:${"0".repeat(64)} ${image}`,
                    `docker tag web:1 ${image}`,
                ]);
                assert.deepEqual((await host.run(load("/no/such/file", gzip))).calls, [], "it is there now");
                assert.equal(list(), `${image}\n`);
            });
        }

        it("that image does not name any more is not pulled, and what to do is said", async () => {
            const { code, stderr, calls } = await host.run(pull({ image }));
            assert.deepEqual([code, calls], [1, []]);
            assert.match(
                stderr,
                /^vm1: localhost\/fusion\/web:0123456789ab is not there, and is of another archive than image names now; copy it from a host that has it \("docker save", "docker load"\), or give that archive as image, without rollback\n$/,
            );
            host.machine.write("lab/images", `${image}\n`);
            const there = await host.run(pull({ image, pull: "always" }));
            assert.deepEqual([there.code, there.calls], [0, []]);
        });

        it("says that the file has gone, or that it has something else", async () => {
            const gone = await host.run(load("/no/such/file"));
            assert.deepEqual([gone.code, gone.stderr], [1, "/no/such/file is not there\n"]);
            const file = join(host.machine.dir, "web.tar");
            writeFileSync(file, "archive");
            const other = await host.run(load(file), "", { TAGGABLE: "nothing" });
            assert.equal(other.code, 1);
            assert.match(other.stderr, /^vm1: docker load has loaded something else: Loaded image: web:1$/m);
        });
    });

    describe("of a Dockerfile", () => {
        const image = "r.io/site:fusion-0123456789abcdef";
        const build = (more: object = {}) => {
            const context = join(host.machine.dir, "site");
            const given = { context, dockerfile: "Dockerfile", args: {}, target: undefined, platform: undefined };
            return buildCommand(ssh, { image, vm: "vm1", ...given, ...more });
        };
        const input = `${login}\n./Dockerfile\n./src\n`;
        beforeEach(() => {
            host.machine.write("site/Dockerfile", "FROM scratch\n");
            host.machine.write("site/src/it's.js", "main");
            host.machine.write("site/x.log", "ignored");
            // The registry has not got it.
            host.machine.write("lab/refuse", "");
        });

        it("comes by the command in tests/golden", () => {
            const given = { context: "./site", args: { B: "it's", A: "" }, target: "prod", platform: "linux/amd64" };
            assertGolden("containers/build.sh", build(given));
        });

        it("is built of the listed files and pushed", async () => {
            const args = { B: "it's $HOME", A: "" };
            const { code, stderr, calls } = await host.run(build({ args, target: "prod" }), input);
            const options = "--file=Dockerfile --build-arg=A= --build-arg=B=it's $HOME --target=prod";
            assert.deepEqual(calls, [
                pulled(image),
                `docker build ${options} --tag ${image} -`,
                `docker push ${image}`,
            ]);
            assert.deepEqual([code, stderr], [1, `vm1: docker push ${image} has failed: denied\n`]);
            const { stdout } = await run("tar", ["-tf", join(host.machine.dir, "lab/context.tar")]);
            assert.deepEqual(stdout.trim().split("\n"), ["./Dockerfile", "./src/", "./src/it's.js"]);
            assert.equal(host.lab("login"), `${login}\ndrwx------\n`);
            const left = readdirSync(host.machine.dir).filter((name) => /^(fusion-|tmp)/.test(name));
            assert.deepEqual(left, []);
        });

        it("is left alone where its registry has it", async () => {
            rmSync(join(host.machine.dir, "lab/refuse"));
            const { code, stdout, calls } = await host.run(build(), input);
            assert.deepEqual([code, stdout], [0, `${image} is in its registry already\n`]);
            assert.deepEqual(calls, [pulled(image)]);
        });

        it("shows the last lines of a build that fails", async () => {
            host.machine.write("lab/broken", "");
            const { code, stderr, calls } = await host.run(build(), "\n./Dockerfile\n");
            assert.deepEqual(
                [code, stderr],
                [1, "vm1: docker build has failed; its last lines:\nStep 1/2\nno such luck\n"],
            );
            assert.equal(calls.length, 2);
        });

        it("is not built of a part of its files", async () => {
            const { code, stderr, calls } = await host.run(build(), "\n./Dockerfile\n./gone\n");
            assert.notEqual(code, 0);
            assert.match(stderr, /gone/);
            assert.deepEqual(calls, [pulled(image)]);
        });
    });
});
