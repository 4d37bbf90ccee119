import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { Faults } from "../../../lib/faults";
import type { ImageArgs } from "../../../lib/images/imageArgs";
import { imageSpec } from "../../../lib/images/imageSpec";
import { assertFault, faultsOf, type WrongCase } from "../../support/faults";

const check = (args: object, faults: Faults) => imageSpec("web", { image: "httpd:2.4", ...args } as ImageArgs, faults);
const build = (more: object, push: unknown = "r.example.org/team/web") => ({
    image: { build: { context: "./web", ...more }, push },
});
const auth = { username: "me", password: "secret" };

describe("arguments of an image", () => {
    it("have defaults", () => {
        const faults = new Faults();
        assert.deepEqual(check({}, faults), { pull: "missing", platform: undefined, keepSeconds: 7 * 86_400 });
        assert.deepEqual(check({ pull: "always", platform: "linux/arm/v7", keepImagesDays: 0 }, faults), {
            pull: "always",
            platform: "linux/arm/v7",
            keepSeconds: 0,
        });
        assert.equal(faults.size, 0);
    });

    for (const [what, args] of [
        ["an output", { image: pulumi.output("httpd:2.4") }],
        ["an archive", { image: { archive: "./web.tar" } }],
        ["a build", build({ dockerfile: "docker/Dockerfile", args: { COLOUR: "it's green" }, target: "prod" })],
        ["a build for Docker Hub", build({}, "team/web")],
        ["a build for a registry with a port", build({}, "10.0.0.5:5000/web")],
        ["credentials", { registryAuth: { username: pulumi.output("me"), password: pulumi.secret("x") } }],
    ] as const) {
        it(`may be ${what}`, () =>
            assert.deepEqual(
                faultsOf((faults) => check(args, faults)),
                [],
            ));
    }

    const wrong: WrongCase<object>[] = [
        ["no image", { image: undefined }, "web.image", /is no image: undefined; give a name such as/],
        ["an empty name", { image: "" }, "web.image", /is no image: ""; give/],
        ["an image of no kind", { image: { tar: "x" } }, "web.image", /is no image: \{"tar":"x"\}; give/],
        [
            "an archive without a path",
            { image: { archive: "" } },
            "web.image.archive",
            /must be the path.*got ""; give/,
        ],
        [
            "a build without a context",
            build({ context: 3 }),
            "web.image.build.context",
            /path of a folder, got 3; give/,
        ],
        ["a push without a build", { image: { push: "r.io/web" } }, "web.image.build.context", /got undefined; give/],
        [
            "a Dockerfile elsewhere",
            build({ dockerfile: "../Dockerfile" }),
            "web.image.build.dockerfile",
            /in the context, got "\.\.\/Dockerfile"; give/,
        ],
        ["a stage of no name", build({ target: "a b" }), "web.image.build.target", /no name of a stage: "a b"; give/],
        [
            "a build argument of no name",
            build({ args: { "A B": "" } }),
            "web.image.build.args",
            /no name for an argument: "A B"; use/,
        ],
        ["a number for a build argument", build({ args: { A: 1 } }), "web.image.build.args.A", /plain text, got 1; /],
        [
            "a secret build argument",
            build({ args: { A: pulumi.secret("x") } }),
            "web.image.build.args.A",
            /got an output or a secret; .*history.*env/,
        ],
        [
            "a push with a tag",
            build({}, "r.example.org/web:1"),
            "web.image.push",
            /without a tag, got "r.example.org\/web:1"; give/,
        ],
        [
            "a push to a digest",
            build({}, `r.example.org/web@sha256:${"a".repeat(64)}`),
            "web.image.push",
            /without a tag/,
        ],
        ["a push to nowhere", build({}, null), "web.image.push", /got null; give/],
        ["an unknown policy", { pull: "often" }, "web.pull", /is not known: "often"; use one of/],
        ["a policy for an archive", { image: { archive: "x.tar" }, pull: "never" }, "web.pull", /leave it out/],
        [
            "an unknown form of platform",
            { platform: "arm64" },
            "web.platform",
            /is no platform: "arm64"; give one such as/,
        ],
        [
            "a negative grace",
            { keepImagesDays: -1 },
            "web.keepImagesDays",
            /must be a whole number from 0 .* got -1; give days/,
        ],
        [
            "a user without a password",
            { registryAuth: { username: "me" } },
            "web.registryAuth.password",
            /is missing; give/,
        ],
        [
            "an empty password",
            { registryAuth: { ...auth, password: "" } },
            "web.registryAuth.password",
            /is missing; give/,
        ],
        [
            "a user with a colon",
            { registryAuth: { ...auth, username: "a:b" } },
            "web.registryAuth.username",
            /has a colon.*"a:b"; correct/,
        ],
        [
            "credentials for an archive",
            { image: { archive: "x.tar" }, registryAuth: auth },
            "web.registryAuth",
            /no registry is asked with an archive; leave/,
        ],
        [
            "credentials where nothing is pulled",
            { pull: "never", registryAuth: auth },
            "web.registryAuth",
            /no registry is asked with pull: "never"; leave/,
        ],
    ];
    for (const [title, args, path, says] of wrong) {
        it(`refuse ${title}`, () => assertFault(path, says, (faults) => check(args, faults)));
    }

    it("are all told at once, a password never", () => {
        const told = faultsOf((faults) =>
            check(
                { image: "", pull: "x", platform: "x", keepImagesDays: 0.5, registryAuth: { password: "hunter2" } },
                faults,
            ),
        );
        assert.equal(told.length, 5);
        assert.doesNotMatch(told.join(), /hunter2/);
    });
});
