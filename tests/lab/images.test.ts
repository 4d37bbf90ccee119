import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, readlinkSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { namespaceFile } from "../../tools/lab/namespace";
import { projectDir } from "../../tools/paths";
import { run } from "../../tools/run";
import { DockerHosts } from "../support/dockerHosts";
import { changes } from "../support/machines";
import type { EngineResult } from "../support/stack";

/** One set on two hosts; its image and the like are told in the configuration. */
const program = `
import * as pulumi from "@pulumi/pulumi";
import * as fusion from "pulumi-fusion";
const config = new pulumi.Config();
const registryAuth = { username: config.require("registryUser"), password: config.requireSecret("registryPassword") };
new fusion.FusionContainerSet("web", {
    hosts: config.requireObject<fusion.ExistingHost[]>("hosts"),
    ports: [{ container: 80 }], healthCheck: { http: {} }, replicas: 2,
    ...(config.getBoolean("login") && { registryAuth }),
    ...config.requireObject<Pick<fusion.FusionContainerSetArgs, "image" | "replicas">>("set"),
});
`;
const example = readFileSync(join(projectDir, "examples", "private-registry", "index.ts"), "utf8");

describe("images", () => {
    let farm: DockerHosts;
    let password: string;

    before(async () => {
        farm = await DockerHosts.create("test-images", { program: example });
        const { account } = farm.privateRegistry;
        password = account.password;
        await set({ registryUser: account.user, keepImagesDays: 0 });
        await setPassword(password);
    });
    after(() => farm?.dispose());

    const setPassword = (text: string) => farm.stack.pulumi(["config", "set", "--secret", "registryPassword", text]);
    const set = async (values: Record<string, unknown>) => {
        const told = Object.entries(values).map(([key, value]) => [
            key,
            typeof value === "string" ? value : JSON.stringify(value),
        ]);
        await farm.stack.pulumi([
            "config",
            "set-all",
            ...told.flatMap(([key, value]) => ["--plaintext", `${key}=${value}`]),
        ]);
    };
    const up = async (values: Record<string, unknown> = {}): Promise<EngineResult> => {
        await set(values);
        const result = await farm.stack.up();
        assert.equal(result.ok, true, result.text);
        return result;
    };
    const assertNothingToDo = async () => {
        const preview = await farm.stack.preview();
        assert.equal(preview.ok, true, preview.text);
        assert.deepEqual(changes(preview), []);
    };
    const images = (host: string) => farm.docker(host, "images", "--digests", "--no-trunc");
    const containers = async (host: string) => (await farm.docker(host, "ps", "--quiet")).split("\n");
    /** The image of a host's containers, as these were told. */
    const running = async (host: string) => {
        const told = await farm.docker(host, "inspect", "--format", "{{.Config.Image}}", ...(await containers(host)));
        return [...new Set(told.split("\n"))].join(" ");
    };
    /** All forms in which a password may be met. */
    const forms = () => [password, Buffer.from(`puller:${password}`).toString("base64")];
    const assertHidden = (text: string, where: string) => {
        const found = text.split("\n").filter((line) => forms().some((form) => line.includes(form)));
        assert.deepEqual(found, [], `the password is in ${where}`);
    };

    describe("of a private registry", () => {
        it("are pulled with credentials that nobody else sees", async () => {
            const image = await farm.image("p1", { private: true });
            const watch = watchCommandLines(farm);
            const { text } = await up({ image, replicas: 2 });
            const lines = watch();
            assert.ok(
                lines.some((line) => /docker.pull/.test(line)),
                "the pull was seen",
            );
            assertHidden(lines.join("\n"), "a command line");
            assertHidden(text, "what the engine says");
            assertHidden(await farm.stack.pulumi(["stack", "export"]), "the state");
            for (const host of ["h1", "h2"]) {
                assert.equal(await running(host), image);
                const left = await farm.onHost(
                    host,
                    "ls -d /dev/shm/fusion-* /tmp/fusion-??????/config.json ~/.docker 2>/dev/null; grep -r auth ~ || true",
                );
                assert.equal(left, "");
            }
        });

        it("make no difference in a second preview", assertNothingToDo);

        it("are pulled again where they were deleted, before another container needs them", async () => {
            const image = await farm.image("p1", { private: true });
            await farm.docker("h1", "image", "rm", "--force", image);
            assert.ok(!(await images("h1")).includes(digestOf(image)));
            await up({ image, replicas: 4 });
            assert.equal((await containers("h1")).length, 2);
            assert.ok((await images("h1")).includes(digestOf(image)));
        });

        it("are pulled again where they were deleted with the container, which has the name that it had", async () => {
            const image = await farm.image("p1", { private: true });
            const [container = ""] = await containers("h1");
            const name = await farm.docker("h1", "inspect", "--format", "{{.Name}}", container);
            await farm.docker("h1", "rm", "--force", ...(await containers("h1")));
            await farm.docker("h1", "image", "rm", "--force", image);
            const refreshed = await farm.stack.refresh();
            assert.equal(refreshed.ok, true, refreshed.text);
            await up({ image, replicas: 4 });
            const made = await farm.docker("h1", "inspect", "--format", "{{.Name}}", ...(await containers("h1")));
            assert.ok(made.split("\n").includes(name), `${name} is made again: ${made}`);
            await assertNothingToDo();
        });

        it("say what a registry answers to a wrong password", async () => {
            await setPassword("wrong");
            await set({ image: await farm.image("p2", { private: true }), replicas: 4 });
            const result = await farm.stack.up();
            await setPassword(password);
            assert.equal(result.ok, false);
            assert.match(result.text, /unauthorized|no basic auth credentials/);
            assert.match(result.text, /h1: docker pull \S+ has failed/);
        });
    });

    describe("that are used no more", () => {
        it("go after their grace, with the change after the next", async () => {
            const old = await running("h1");
            await up({ image: await farm.image("p3", { private: true }) });
            assert.ok((await images("h1")).includes(digestOf(old)), "its containers ran still");
            await up({ image: await farm.image("p4", { private: true }) });
            assert.ok(!(await images("h1")).includes(digestOf(old)), await images("h1"));
            await assertNothingToDo();
        });
    });

    describe("in archives", () => {
        before(async () => {
            farm.stack.setProgram(program);
            await set({ login: false });
        });

        it("of an OCI layout are loaded on each host", async () => {
            await farm.image("a1");
            const layout = join(farm.dir, "images", "a1-serves");
            await run("tar", ["-chzf", join(farm.stack.dir, "a1.tar"), "-C", layout, "."]);
            await up({ set: { image: { archive: "./a1.tar" } } });
            assert.match(await running("h1"), /^localhost\/fusion\/web:[0-9a-f]{12}$/);
            assert.match(await page("h2"), /<h1>a1<\/h1>/);
            await assertNothingToDo();
        });

        it("of docker save are loaded too, and again where they were deleted", async () => {
            const image = await farm.image("a2");
            await farm.docker("h1", "pull", image);
            await farm.docker("h1", "save", "--output", join(farm.stack.dir, "a2.tar"), image);
            await farm.docker("h1", "image", "rm", image);
            await up({ set: { image: { archive: "./a2.tar" } } });
            assert.match(await page("h1"), /<h1>a2<\/h1>/);
            await assertNothingToDo();
            await farm.docker("h1", "image", "rm", "--force", await running("h2"));
            await up({ set: { image: { archive: "./a2.tar" }, replicas: 4 } });
            assert.equal(await running("h1"), await running("h2"));
            assert.equal((await containers("h1")).length, 2);
        });
    });

    describe("built from a Dockerfile", () => {
        const args = () => ({
            image: {
                build: { context: "./site", args: { COLOUR: "it's 'green'" } },
                push: `${farm.privateRegistry.host}/site`,
            },
        });
        const write = (name: string, text: string) => {
            mkdirSync(join(farm.stack.dir, "site"), { recursive: true });
            writeFileSync(join(farm.stack.dir, "site", name), text);
        };
        before(async () => {
            farm.stack.setProgram(program);
            await set({ login: true });
            const from = await farm.image("b1", { private: true });
            write(
                "Dockerfile",
                `FROM ${from}\nARG COLOUR\nLABEL colour="$COLOUR"\nRUN echo built >/built\nCOPY . /site/\n`,
            );
            write(".dockerignore", "*.log\n");
            write("page.html", "one");
            write("big.log", "not in the image");
        });

        it("are built once, on one host, and pulled by the other", async () => {
            const watch = watchCommandLines(farm);
            const { text } = await up({ set: args() });
            assertHidden(watch().join("\n"), "a command line");
            assertHidden(text, "what the engine says");
            assertHidden(await farm.stack.pulumi(["stack", "export"]), "the state");
            const [container = ""] = await containers("h2");
            assert.match(await running("h2"), /\/site:fusion-[0-9a-f]{16}$/);
            assert.equal(
                await farm.docker("h2", "exec", container, "sh", "-c", "cat /site/page.html /built; ls -A /site"),
                "onebuilt\n.dockerignore\nDockerfile\npage.html",
            );
            assert.equal(
                await farm.docker("h2", "inspect", "--format", "{{.Config.Labels.colour}}", container),
                "it's 'green'",
            );
            assert.equal(
                await farm.docker("h2", "images", "--quiet", "--filter", "label=colour", "--filter", "dangling=true"),
                "",
            );
        });

        it("make no difference in a second preview, also with another file that is ignored", async () => {
            write("big.log", "another one");
            await assertNothingToDo();
        });

        it("are built anew with another file, and not again with the earlier one", async () => {
            write("page.html", "two");
            assert.match((await up({ set: args() })).text, /was built on h1 and pushed/);
            write("page.html", "one");
            assert.match((await up({ set: args() })).text, /is in its registry already/);
        });

        it("show the last lines of a build that fails, and the old containers serve on", async () => {
            const before = await running("h1");
            write(
                "Dockerfile",
                `FROM ${await farm.image("b1", { private: true })}\nRUN echo no such luck >&2; exit 3\n`,
            );
            await set({ set: args() });
            const { ok, text } = await farm.stack.up();
            assert.equal(ok, false);
            assert.match(
                text,
                /h1: docker build has failed; its last lines:[\s\S]*no such luck[\s\S]*returned a non-zero code: 3/,
            );
            assert.equal(await running("h1"), before);
        });
    });

    const page = (host: string) =>
        farm.onHost(host, `wget -qO- "http://$(docker port $(docker ps -q | head -n 1) 80 | head -n 1)/"`);
});

const digestOf = (image: string): string => image.split("@")[1] ?? "no digest";

/** Looks at the command lines of the hosts and of their clients until it is told to stop. @returns them */
function watchCommandLines(farm: DockerHosts): () => string[] {
    const hosts = ["h1", "h2"].map((host) => farm.namespaceOf(host));
    // Other labs of this machine have the same password.
    const files = [...hosts, ...hosts.map((name) => name.replace(/-h\d$/, ""))].map(namespaceFile);
    const ours = new Set(files.map((file) => `net:[${statSync(file).ino}]`));
    const seen = new Set<string>();
    let watching = true;
    const watch = async () => {
        for (; watching; await pause(20, undefined, { ref: false })) {
            for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
                try {
                    if (ours.has(readlinkSync(`/proc/${pid}/ns/net`))) {
                        seen.add(readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " "));
                    }
                } catch {
                    // It has just ended.
                }
            }
        }
    };
    watch();
    return () => {
        watching = false;
        return [...seen];
    };
}
