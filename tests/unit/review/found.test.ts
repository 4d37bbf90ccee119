import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { reviewMarkdown, summarisePreview } from "../../../lib";
import { changesOf, type LastResource } from "../../../lib/review/deployment";
import { weigh } from "../../../lib/review/judged";
import { maskText } from "../../../lib/review/mask";
import { projectDir } from "../../../tools/paths";
import { runCli } from "../../support/cli";

const SET = "fusion:index:FusionContainerSet";
const CONTAINER = "docker:index/container:Container";
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const PREFIX = "urn:pulumi:dev::shop::";

/** A preview of the real engine. */
function recorded(name: string): { steps: { op: string; urn: string; oldState?: object; newState?: object }[] } {
    return JSON.parse(readFileSync(join(projectDir, "tests", "golden", "review", `${name}.json`), "utf8"));
}

/** @param at what stands behind the prefix of the URN: `aws:rds/cluster:Cluster::db` */
function step(op: string, at: string, more: { parent?: string; old?: object; new?: object } = {}) {
    const type = at.split("::")[0]?.split("$").at(-1) ?? "";
    const urn = `${PREFIX}${at}`;
    const state = (given: object) => ({
        ...{ urn, type, custom: !type.startsWith("fusion:"), inputs: {}, outputs: {} },
        ...(more.parent !== undefined && { parent: `${PREFIX}${more.parent}` }),
        ...given,
    });
    const old = op !== "create" && state(more.old ?? {});
    const fresh = op !== "delete" && op !== "discard" && state(more.new ?? {});
    return { op, urn, ...(old && { oldState: old }), ...(fresh && { newState: fresh }) };
}
const review = (...steps: object[]) => summarisePreview({ steps, diagnostics: [], changeSummary: {} });

describe("a review", () => {
    it("hears a set whose name ends like a secret's", () => {
        const text = JSON.stringify(recorded("database-image"));
        const renamed = text.replaceAll(/\bdb\b/g, "shop-valkey");
        const [was, is] = [text, renamed].map((one) => summarisePreview(JSON.parse(one)));
        assert.deepEqual(
            [is?.stops.map(({ rule }) => rule), is?.services.map(({ lowest }) => lowest)],
            [was?.stops.map(({ rule }) => rule), was?.services.map(({ lowest }) => lowest)],
        );
        assert.match(is?.headline ?? "", /DOES NOT SERVE meanwhile/);
        assert.equal(maskText("run --db-password hunter2"), "run --db-password [secret]");
    });

    it("tells versions of an image with a secret's word in its name apart", () => {
        const image = (tag: string) => ({ inputs: { image: `bitnami/sealed-secrets:${tag}` } });
        const set = { outputs: { placement: { "web-0": "h1" } } };
        const { services } = review(
            step("update", `${SET}::web`, { old: set }),
            step("replace", `${SET}$${CONTAINER}::web-0`, { parent: `${SET}::web`, old: image("1"), new: image("2") }),
        );
        assert.deepEqual(
            services.map(({ imageBefore, imageAfter }) => [imageBefore, imageAfter]),
            [["bitnami/sealed-secrets:1", "bitnami/sealed-secrets:2"]],
        );
    });

    for (const [what, more] of [
        ["what is read", step("read", "docker:index/network:Network::net")],
        ["what is refreshed", step("refresh", "docker:index/network:Network::net")],
        ["what is protected from now on", step("same", "aws:s3/bucket:Bucket::b", { new: { protect: true } })],
    ] as const) {
        it(`does not take ${what} for all that stays as it is`, () => {
            const preview = recorded("image-without-sames");
            const before = summarisePreview(preview);
            const after = summarisePreview({ ...preview, steps: [...preview.steps, more] });
            assert.deepEqual([before.complete, after.complete], [false, false]);
            assert.deepEqual(after.stops, before.stops);
            assert.deepEqual(after.services, before.services);
        });
    }

    it("says that it does not know who serves while a machine is away, where it is not shown", () => {
        const preview = recorded("vm-restarted");
        const steps = preview.steps.filter(({ op }) => op !== "same");
        const note = /nor what serves while a machine is away \(rule `leastServing`\): add `--show-sames`/;
        assert.match(reviewMarkdown(summarisePreview({ ...preview, steps })), note);
        assert.doesNotMatch(reviewMarkdown(summarisePreview(preview)), note);
    });

    it("says nothing of a configuration of HAProxy that is known only later but that", () => {
        const text = "frontend lb\n    bind *:80\n    default_backend web\nbackend web\n    server web-0 10.0.0.1:80\n";
        const balancer = "fusion:index:FusionBalancer";
        const deploy = (op: string) =>
            step(op, `${balancer}$command:local:Command::lb`, {
                parent: `${balancer}::lb`,
                old: { inputs: { stdin: text } },
                new: { inputs: { stdin: UNKNOWN } },
            });
        const changed = review(step("update", `${balancer}::lb`), deploy("update"));
        assert.match(changed.headline, /^lb is reloaded with another configuration/);
        assert.equal(changed.unknowns[0]?.property, "stdin");
        const made = review(step("create", `${balancer}::lb`), deploy("create"));
        assert.match(made.headline, /^lb is new; /);
    });

    it("lists what other providers lose, with others below it, and below a set", () => {
        const cluster = step("delete", "aws:rds/cluster:Cluster::db");
        const instance = step("update", "aws:rds/cluster:Cluster$aws:rds/instance:Instance::i", {
            parent: "aws:rds/cluster:Cluster::db",
        });
        const bucket = step("delete", `${SET}$aws:s3/bucket:Bucket::b`, { parent: `${SET}::web` });
        const component = step("delete", "my:index:Shop::shop", { old: { custom: false } });
        const inside = step("delete", "my:index:Shop$aws:s3/bucket:Bucket::c", { parent: "my:index:Shop::shop" });
        const { losses, headline } = review(cluster, instance, bucket, component, inside);
        assert.deepEqual(
            losses.map(({ what }) => what),
            ["`aws:rds/cluster:Cluster` `db`", "`aws:s3/bucket:Bucket` `b`", "`aws:s3/bucket:Bucket` `c`"],
        );
        assert.doesNotMatch(headline, /nothing is deleted/);
    });

    describe("of a volume that the program has no longer", () => {
        const at = "docker:index/volume:Volume::data";
        const last = (more: object): LastResource => {
            const { oldState } = step("delete", at, { old: more });
            return {
                urn: `${PREFIX}${at}`,
                id: "data",
                state: { ...JSON.parse(JSON.stringify(oldState)), parent: "" },
            };
        };
        const packs = (more: object) =>
            weigh(changesOf({ last: [last(more)], wanted: [] }), new Map(), () => 0).judged.losses;

        it("tells that its data is lost, once", () => {
            const { losses } = review(step("delete", at));
            assert.deepEqual(
                losses.map(({ data, cause }) => [data, cause]),
                [[true, "the program has it no longer"]],
            );
            assert.deepEqual(packs({}), losses);
        });

        it("tells that it stays where it is to", () => {
            const { losses } = review(step("delete", at, { old: { retainOnDelete: true } }));
            assert.deepEqual(
                losses.map(({ data, lost }) => [data, lost]),
                [[false, "nothing: it stays (`retainOnDelete`)"]],
            );
            assert.deepEqual(packs({ retainOnDelete: true }), losses);
        });

        it("tells nothing where the stack has only read it", () => {
            assert.deepEqual(review(step("discard", at, { old: { external: true } })).losses, []);
            assert.deepEqual(packs({ external: true }), []);
        });
    });

    it("counts a set once that has another parent, of which something goes", () => {
        const [old, fresh] = [`${SET}::web`, `my:index:Shop$${SET}::web`];
        const label = { inputs: { labels: [{ label: "fusion.host", value: "h1" }] } };
        const before = { urn: `${PREFIX}${old}`, outputs: { placement: { "web-0": "h1", "web-1": "h1" } } };
        const { services } = review(
            step("update", fresh, { parent: "my:index:Shop::shop", old: before }),
            step("update", `my:index:Shop$${SET}$${CONTAINER}::web-0`, { parent: fresh, old: label, new: label }),
            step("delete", `${SET}$${CONTAINER}::web-1`, { parent: old, old: label }),
        );
        assert.deepEqual(
            services.map(({ name, before: was, after: is }) => [name, was, is]),
            [["web", 2, 1]],
        );
    });

    it("leaves words alone that the name of a machine is a part of, and NAME in the user's text", () => {
        const inputs = (command: string) => ({ inputs: { commands: [command, "ping h1 h1-b", "nginx-h1dav"] } });
        const { guests } = review(
            step("update", "fusion:index:FusionVm::h1", { old: inputs("true"), new: inputs("echo $HOSTNAME h1") }),
        );
        assert.match(guests[0]?.diff ?? "", /^\+.*echo \$HOSTNAME h1/m);
    });

    it("names the first of many that move alike, from where to where, and how many more there are", () => {
        const move = (i: number) => ({ replica: `web-${i}`, from: "h3", to: "h4", why: "h3 is gone" });
        const text = reviewMarkdown({ ...review(), moves: Array.from({ length: 250 }, (_, i) => move(i)) });
        assert.match(text, /^\| `web-0`, .*`web-19` and 230 more \| `h3` \| `h4` \| h3 is gone \|$/m);
    });

    it("fails where pulumi fails and does not say why in what it prints", async () => {
        const dir = mkdtempSync(join(tmpdir(), "fusion-review-"));
        const { PATH } = process.env;
        try {
            const pulumi = join(dir, "pulumi");
            const script = `#!/bin/sh\necho '{"steps":[],"diagnostics":[],"changeSummary":{}}'\necho "error: a policy refuses" >&2\nexit 1\n`;
            writeFileSync(pulumi, script, { mode: 0o755 });
            process.env.PATH = dir + delimiter + PATH;
            const { code, err } = await runCli(["review", "--stack", "dev"]);
            assert.equal(code, 2);
            assert.match(err, /pulumi preview .*--stack dev failed: error: a policy refuses/);
        } finally {
            process.env.PATH = PATH;
            rmSync(dir, { recursive: true });
        }
    });
});
