import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import * as fusion from "../../lib";
import { answers } from "../../lib/images/resolveImage";
import { isRecord } from "../../lib/isRecord";
import { account, amd64, digest, FakeRegistry } from "../support/fakeRegistry";
import { farm } from "../support/farm";
import { savedFiles, writeTar } from "../support/imageArchive";
import { type ProgramResult, type Registered, runProgram } from "../support/mocks";
import { stateAfter } from "../support/state";
import { healthySurvey, surveyAs } from "../support/survey";

const CONTAINER = "docker:index/container:Container";
const hosts = ["h1", "h2"].map((name, index) => ({ name, address: `10.78.0.1${index + 1}` }));
const absent = `127.0.0.1:1/web@${digest}`;

describe("a set's image", () => {
    const dir = mkdtempSync(join(tmpdir(), "fusion-images-"));
    let registry: FakeRegistry;
    before(async () => {
        registry = await FakeRegistry.start();
        mkdirSync(join(dir, "site"));
        writeFileSync(join(dir, "site", "Dockerfile"), "FROM scratch\n");
        writeFileSync(join(dir, "site", "-x.js"), "");
    });
    after(() => {
        registry.stop();
        rmSync(dir, { recursive: true, force: true });
    });

    const run = (args: Omit<fusion.FusionContainerSetArgs, "hosts">, last?: ProgramResult) =>
        runProgram(() => {
            const web = new fusion.FusionContainerSet("web", {
                // Each program has hosts of its own.
                hosts: hosts.map((host) => ({ ...host })),
                replicas: 3,
                ports: [{ container: 80 }],
                ...args,
            });
            return { endpoints: web.endpoints };
        }, last?.outputs);
    const made = async (args: Omit<fusion.FusionContainerSetArgs, "hosts">, last?: ProgramResult) => {
        const result = await run(args, last);
        assert.deepEqual(result.errors, []);
        return result;
    };
    const one = ({ registered }: ProgramResult, name: string): Registered => {
        const found = registered.find((resource) => resource.name === name && !/providers/.test(resource.type));
        assert.ok(found, `there is no ${name}`);
        return found;
    };
    /** The shell text that a command runs. */
    const script = (result: ProgramResult, name: string): string => {
        const { environment } = one(result, name).inputs;
        return isRecord(environment) ? String(environment.FUSION_SCRIPT) : "";
    };
    const imagesOf = ({ registered }: ProgramResult) => [
        ...new Set(registered.filter(({ type }) => type === CONTAINER).map(({ inputs }) => inputs.image)),
    ];

    it("is brought to each host before its containers, and again for each new one", async () => {
        const first = await made({ image: absent });
        const { type, parent, inputs, secrets } = one(first, "web-h1");
        assert.equal(`${type} < ${parent}`, "command:local:Command < fusion:index:FusionContainerSet::web");
        assert.equal(inputs.create, 'sh -c "$FUSION_SCRIPT"');
        assert.match(script(first, "web-h1"), /^ssh -o BatchMode=yes .* 10\.78\.0\.11 /);
        assert.equal(inputs.stdin, undefined);
        assert.equal(inputs.delete, undefined);
        assert.equal(inputs.triggers, undefined, "which would replace it");
        assert.deepEqual(secrets, []);
        const names = (host: string, result: ProgramResult) => {
            const { environment } = one(result, `web-${host}`).inputs;
            return isRecord(environment) && String(environment.FUSION_CONTAINERS).replaceAll(/-[0-9a-f]{8}-/g, "-V-");
        };
        assert.equal(names("h1", first), "web-0-V-0 web-2-V-0");
        assert.equal(names("h2", first), "web-1-V-0");
        assert.ok(one(first, "web-2").dependsOn.includes("command:local:Command::web-h1"));
        assert.ok(!one(first, "web-1").dependsOn.includes("command:local:Command::web-h1"));
        const more = await made({ image: absent, replicas: 4 }, first);
        assert.equal(names("h2", more), "web-1-V-0 web-3-V-0");
        assert.equal(names("h1", more), names("h1", first));
    });

    it("is brought again where a refresh has found a container gone, and the image maybe with it", async () => {
        const first = await made({ image: absent });
        const names = (result: ProgramResult) => {
            const { environment } = one(result, "web-h1").inputs;
            return isRecord(environment) && String(environment.FUSION_CONTAINERS);
        };
        /** The state with the image's command, and without what is gone. */
        const stateOf = (result: ProgramResult, gone = "none"): ProgramResult => {
            const kept = Object.entries(result.outputs).filter(([urn]) => !urn.endsWith(gone));
            const urn = "urn:pulumi:dev::project::fusion:index:FusionContainerSet$command:local:Command::web-h1";
            const { type, inputs } = one(result, "web-h1");
            return { ...result, outputs: { ...Object.fromEntries(kept), [urn]: { type, outputs: inputs } } };
        };
        const same = await made({ image: absent }, stateOf(first));
        assert.equal(names(same), names(first));
        const again = await made({ image: absent }, stateOf(first, "::web-2"));
        assert.equal(names(again), `${names(first)}+1`);
        assert.equal(names(await made({ image: absent }, stateOf(again))), names(again), "nothing to do");
    });

    it("is what its tag leads to at each preview: another digest is another version", async () => {
        const image = `${registry.host}/open:1`;
        const first = await made({ image });
        const version = (result: ProgramResult) => one(result, "web-0").inputs.name;
        assert.equal(version(await made({ image }, first)), version(first));
        registry.digest = amd64;
        answers.clear();
        try {
            const next = await made({ image }, first);
            assert.deepEqual(imagesOf(next), [`${registry.host}/open@${amd64}`]);
            assert.notEqual(version(next), version(first));
        } finally {
            registry.digest = digest;
            answers.clear();
        }
    });

    it("may be private: its password is secret everywhere", async () => {
        const { username, password } = account;
        const result = await made({ image: `${registry.host}/token:1`, registryAuth: { username, password } });
        assert.deepEqual(imagesOf(result), [`${registry.host}/token@${digest}`]);
        const { inputs, secrets } = one(result, "web-h2");
        assert.deepEqual(secrets, ["stdin"]);
        const auth = Buffer.from(`${username}:${password}`).toString("base64");
        assert.equal(inputs.stdin, `{"auths":{"${registry.host}":{"auth":"${auth}"}}}\n`);
        const open = result.registered.map((resource) =>
            Object.entries(resource.inputs).filter(([key]) => !resource.secrets.includes(key)),
        );
        assert.ok(!JSON.stringify(open).includes(password), "a password given in plain");
        assert.ok(!JSON.stringify(open).includes(auth));
        assert.ok(one(result, "web").secrets.includes("registryAuth"));
    });

    it("is of one platform where that is asked for", async () => {
        const result = await made({ image: `${registry.host}/several:1`, platform: "linux/amd64" });
        assert.deepEqual(imagesOf(result), [`${registry.host}/several@${amd64}`]);
        assert.match(script(result, "web-h1"), /^option=--platform=linux\/amd64$/m);
    });

    it("may be never pulled, or each time, and is kept for a time", async () => {
        const never = await made({ image: "web:1", pull: "never", keepImagesDays: 2 });
        assert.deepEqual(imagesOf(never), ["web:1"]);
        assert.match(script(never, "web-h1"), /^KEEP=172800\n[\s\S]*^PULL=never$/m);
        const always = await made({ image: absent, pull: "always" });
        assert.match(script(always, "web-h1"), /^KEEP=604800\n[\s\S]*^PULL=always$/m);
    });

    it("may be in an archive", async () => {
        const { files, config } = savedFiles();
        const result = await made({ image: { archive: await writeTar(dir, "web.tar", files) } });
        assert.deepEqual(imagesOf(result), [`localhost/fusion/web:${config.slice(0, 12)}`]);
        assert.match(script(result, "web-h1"), /^FILE=\/.*web\.tar$/m);
    });

    it("may be built on the first of its hosts, before any of them needs it", async () => {
        const image = { build: { context: join(dir, "site"), args: { A: "1" } }, push: `${registry.host}/basic` };
        const result = await made({ image, registryAuth: account });
        const [name] = imagesOf(result);
        assert.match(String(name), /^127\.0\.0\.1:\d+\/basic:fusion-[0-9a-f]{16}$/);
        const { inputs, secrets, parent } = one(result, "web-build");
        assert.equal(parent, "fusion:index:FusionContainerSet::web");
        assert.match(script(result, "web-build"), /10\.78\.0\.11 [\s\S]*--build-arg=A=1/);
        assert.deepEqual(secrets, ["stdin"]);
        assert.match(String(inputs.stdin), /^\{"auths":.*\}\n\.\/-x\.js\n\.\/Dockerfile\n$/);
        for (const host of ["web-h1", "web-h2"]) {
            assert.ok(one(result, host).dependsOn.includes("command:local:Command::web-build"));
        }
        const open = await made({ image });
        assert.deepEqual(one(open, "web-build").secrets, []);
        assert.equal(one(open, "web-build").inputs.stdin, "\n./-x.js\n./Dockerfile\n");
    });

    describe("that is held at an earlier one by a rollback", () => {
        const earlier = `127.0.0.1:1/web@sha256:${"e".repeat(64)}`;
        const back = async (image: fusion.FusionContainerSetArgs["image"]) => {
            const second = await made({ image: absent }, await made({ image: earlier }));
            return made({ image, rollback: true }, second);
        };

        it("asks no registry for the one that is wanted", async () => {
            const result = await back("127.0.0.1:1/web:bad");
            assert.deepEqual(imagesOf(result), [earlier]);
            assert.match(script(result, "web-h1"), new RegExp(`^IMAGE=${earlier}$`, "m"));
            assert.deepEqual(imagesOf(await back(`${registry.host}/open:9`)), [earlier], "it was deleted there");
        });

        it("reads no archive and builds nothing", async () => {
            assert.deepEqual(imagesOf(await back({ archive: "/no/such.tar" })), [earlier]);
            const result = await back({ build: { context: "/no/such" }, push: `${registry.host}/basic` });
            assert.deepEqual(imagesOf(result), [earlier]);
            assert.ok(!result.registered.some(({ name }) => name === "web-build"));
        });

        it("is an error where it was in an archive and its machine is made anew without it", async () => {
            const { files } = savedFiles();
            const archive = await writeTar(dir, "web.tar", files);
            const on = (set: Partial<fusion.FusionContainerSetArgs>, vm = {}) =>
                farm({ vms: ["vm1"], replicas: 1, set, vm });
            const first = await runProgram(() => on({ image: { archive } }));
            const second = await runProgram(() => on({ image: absent }), stateAfter(first));
            const running = { uuid: "", state: "running", memoryMiB: 2048, vcpus: 1, autostart: true };
            surveyAs(async () => ({ ...healthySurvey, domains: new Map([["vm1", running]]) }));
            const back = { image: absent, rollback: true };
            const there = await runProgram(() => on(back), stateAfter(second));
            assert.deepEqual(there.errors, []);
            const anew = await runProgram(() => on(back, { timezone: "Etc/UTC" }), stateAfter(second)).finally(() =>
                surveyAs(),
            );
            assert.match(
                anew.errors.join(),
                /is another archive than that of localhost\/fusion\/web:[0-9a-f]{12}, which containers are held at, and vm1 is made anew without/,
            );
        });
    });

    it("is written down on a host under the stack's name, and by whom it was brought", async () => {
        const pulled = script(await made({ image: absent }), "web-h1");
        assert.match(pulled, /^LIST=project--dev-web\n[\s\S]*^brought='[^a-z]*$/m);
        const image = { build: { context: join(dir, "site") }, push: `${registry.host}/open` };
        assert.match(script(await made({ image }), "web-h1"), /^brought=yes$/m);
    });

    it("may be another resource's output, and so may be the credentials of one by digest", async () => {
        const result = await runProgram(() => {
            const made = new command.local.Command("made", { create: "true" });
            const image = made.urn.apply(() => absent);
            const registryAuth = { username: "me", password: made.urn };
            const web = new fusion.FusionContainerSet("web", { hosts, image, registryAuth });
            return { endpoints: web.endpoints };
        });
        assert.deepEqual(result.errors, []);
        assert.deepEqual(imagesOf(result), [absent]);
        assert.deepEqual(one(result, "web-h1").secrets, ["stdin"]);
    });

    it("with wrong arguments is told with all that is wrong, and nothing is created", async () => {
        const wrong = { username: "me", password: "Tr0ub4dor" };
        const { errors, registered } = await runProgram(() => {
            const set = (name: string, args: Omit<fusion.FusionContainerSetArgs, "hosts">) =>
                new fusion.FusionContainerSet(name, { hosts, ...args });
            const { endpoints } = set("refused", {
                image: `${registry.host}/basic:1`,
                registryAuth: wrong,
                replicas: -1,
            });
            set("elsewhere", { image: `${registry.host}/several:1`, platform: "linux/s390x" });
            set("archive", { image: { archive: "/no/such.tar" } });
            set("build", { image: { build: { context: "/no/such" }, push: "r.io/web" } });
            set("several", { image: { build: { context: "" }, push: "r.io/web:1" }, pull: "never", platform: "x" });
            return { endpoints };
        });
        assert.equal(errors.length, 1);
        const paths = (errors[0] ?? "")
            .split("\n")
            .slice(1)
            .map((line) => line.replace(/: .*/, ""));
        assert.deepEqual(paths, [
            "archive.image",
            "build.image",
            "elsewhere.platform",
            "refused.registryAuth",
            "refused.replicas",
            "several.image.build.context",
            "several.image.push",
            "several.platform",
            "several.pull",
        ]);
        assert.doesNotMatch(errors.join(), /Tr0ub4dor/);
        assert.deepEqual(
            registered.filter(({ type }) => !/fusion:index/.test(type)),
            [],
        );
    });

    it("that is an output and is not there fails what depends on it, with its path", async () => {
        const { errors } = await run({ image: pulumi.output(`${registry.host}/open:9`) });
        assert.match(errors.join("\n"), /is not there: "127.*\/open:9" is unknown to 127/);
    });
});
