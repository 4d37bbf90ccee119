import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectDir } from "../../tools/paths";
import { type Argument, byName, declared, isLiteral } from "../support/declared";

const withoutType = ({ type: _, ...argument }: Argument): Omit<Argument, "type"> => argument;

/** The rows of the first table below a heading of the README. */
function documented(heading: string): Omit<Argument, "type">[] {
    const text = readFileSync(join(projectDir, "README.md"), "utf8");
    const lines = text.slice(text.indexOf(`\n### ${heading}\n`)).split("\n");
    const first = lines.findIndex((line) => line.startsWith("|"));
    const table = lines.slice(first, first + lines.slice(first).findIndex((line) => !line.startsWith("|")));
    return table
        .slice(2)
        .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim()))
        .map(([, name = "", , given = ""]) => {
            const code = /^`(.*)`/.exec(given)?.[1] ?? "";
            const literal = isLiteral(code) ? code : undefined;
            return { name: name.replaceAll("`", ""), required: given === "required", default: literal };
        })
        .sort(byName);
}

const GROUPS = ["healthCheck", "canary", "volumes"];

describe("the README's table of arguments", () => {
    for (const [component, folder, ...more] of [
        ["FusionHypervisor", "hypervisor"],
        ["FusionVm", "vm", "machineArgs", "guestSpec", "dockerSpec", "proxySpec"],
    ] as const) {
        it(`of ${component} has its arguments and their defaults`, () => {
            const expected = declared(
                `lib/${folder}/${component}.ts`,
                `${component}Args`,
                more.map((file) => `lib/${folder}/${file}.ts`),
            );
            assert.ok(expected.length > 4);
            assert.deepEqual(documented(component), expected.map(withoutType));
        });
    }

    it("of FusionContainerSet has its arguments and their defaults, those of a placement's service included", () => {
        const service = declared("lib/placement/types.ts", "PlacementService").map(({ name }) => name);
        const isPassedOn = ({ name }: { name: string }) => /^placement\.(?!objective$|move\.)/.test(name);
        // Rows that say what it means to leave a group of arguments out.
        const rows = documented("FusionContainerSet").filter(({ name }) => !GROUPS.includes(name));
        assert.deepEqual(
            rows.filter((row) => !isPassedOn(row)),
            declared("lib/containers/FusionContainerSet.ts", "FusionContainerSetArgs", [
                "lib/images/imageArgs.ts",
                "lib/swarm/serviceArgs.ts",
                ...["canarySpec", "healthSpec", "updateSpec", "volumeSpec"].map((file) => `lib/containers/${file}.ts`),
            ]).map(withoutType),
        );
        const passedOn = rows.filter(isPassedOn).map(({ name }) => name.replace("placement.", ""));
        assert.ok(passedOn.length > 4);
        assert.deepEqual(
            passedOn.filter((name) => !service.some((field) => field.split(".")[0] === name)),
            [],
        );
    });

    it("of FusionBalancer has its arguments and their defaults, those of listeners and backends included", () => {
        const files = ["lib/balancer/balancerArgs.ts", "lib/balancer/haproxySpec.ts"];
        const own = declared("lib/balancer/FusionBalancer.ts", "FusionBalancerArgs", files);
        const inner = [
            ["listen", "Listener"],
            ["backends", "BackendArgs"],
        ].flatMap(([path, name = ""]) =>
            declared("lib/balancer/balancerArgs.ts", name, files)
                // One row says that they are as those of all backends.
                .filter((one) => !one.name.startsWith("timeouts."))
                .map((one) => ({ ...one, name: `${path}[].${one.name}` })),
        );
        const rows = documented("FusionBalancer").filter(({ name }) => name !== "backends[].timeouts");
        assert.deepEqual(rows, [...own, ...inner].sort(byName).map(withoutType));
    });

    it("of FusionJob has its arguments and those of a set that it has too", () => {
        const images = ["lib/images/imageArgs.ts"];
        const shared = declared("lib/containers/FusionContainerSet.ts", "FusionContainerSetArgs").filter(({ name }) =>
            /^(command|files|resources\..*)$/.test(name),
        );
        assert.equal(shared.length, 6);
        const own = declared("lib/jobs/FusionJob.ts", "FusionJobArgs", images);
        assert.deepEqual(documented("FusionJob"), [...own, ...shared].sort(byName).map(withoutType));
    });
});
