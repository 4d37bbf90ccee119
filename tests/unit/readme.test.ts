import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { projectDir } from "../../tools/paths";

/** An argument as the library or the README has it. The default is undefined where it is told in words. */
interface Argument {
    name: string;
    required: boolean;
    default: string | undefined;
}

const isLiteral = (text: string): boolean => /^("[^"]*"|-?\d+|\{\}|\[\])$/.test(text);
const byName = (a: Argument, b: Argument): number => (a.name < b.name ? -1 : 1);

/** The interfaces of a file by their names. */
function interfacesOf(file: string): [string, ts.InterfaceDeclaration][] {
    const text = readFileSync(join(projectDir, file), "utf8");
    const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
    return source.statements.filter(ts.isInterfaceDeclaration).map((one) => [one.name.text, one]);
}

/**
 * The arguments that an interface declares or inherits, those in nested object types by their paths: `ports[].container`.
 *
 * @param more files with interfaces that it refers to
 */
function declared(file: string, name: string, more: readonly string[] = []): Argument[] {
    const interfaces = new Map([...more, file].flatMap(interfacesOf));
    const found: Argument[] = [];
    const readAll = (members: ts.NodeArray<ts.TypeElement>, prefix: string) => {
        for (const member of members.filter(ts.isPropertySignature)) {
            const path = `${prefix}${member.name.getText()}`;
            if (member.type === undefined || !readNested(member.type, path)) {
                const tag = ts.getJSDocTags(member).find(({ tagName }) => tagName.text === "default");
                const told = ts.getTextOfJSDocComment(tag?.comment)?.trim();
                const literal = told !== undefined && isLiteral(told) ? told : undefined;
                found.push({ name: path, required: member.questionToken === undefined, default: literal });
            }
        }
    };
    const readNested = (type: ts.TypeNode, path: string): boolean => {
        if (ts.isTypeOperatorNode(type)) return readNested(type.type, path);
        if (ts.isArrayTypeNode(type)) return readNested(type.elementType, `${path}[]`);
        if (ts.isIntersectionTypeNode(type)) return type.types.filter((part) => readNested(part, path)).length > 0;
        if (ts.isTypeLiteralNode(type)) {
            readAll(type.members, `${path}.`);
            return true;
        }
        const reference = ts.isTypeReferenceNode(type) ? type.typeName.getText() : "";
        const target = interfaces.get(reference);
        if (target !== undefined) readAll(target.members, `${path}.`);
        return target !== undefined;
    };
    const readInherited = (one: ts.InterfaceDeclaration | undefined) => {
        for (const base of one?.heritageClauses?.flatMap((clause) => [...clause.types]) ?? []) {
            readInherited(interfaces.get(base.expression.getText()));
        }
        readAll(one?.members ?? ts.factory.createNodeArray(), "");
    };
    readInherited(interfaces.get(name));
    return found.sort(byName);
}

/** The rows of the first table below a heading of the README. */
function documented(heading: string): Argument[] {
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
        ["FusionBalancer", "balancer"],
    ] as const) {
        it(`of ${component} has its arguments and their defaults`, () => {
            const expected = declared(
                `lib/${folder}/${component}.ts`,
                `${component}Args`,
                more.map((file) => `lib/${folder}/${file}.ts`),
            );
            assert.ok(expected.length > 4);
            assert.deepEqual(documented(component), expected);
        });
    }

    it("of FusionContainerSet has its arguments and their defaults, those of a placement's service included", () => {
        const service = declared("lib/placement/types.ts", "PlacementService").map(({ name }) => name);
        const isPassedOn = ({ name }: Argument) => /^placement\.(?!objective$|move\.)/.test(name);
        // Rows that say what it means to leave a group of arguments out.
        const rows = documented("FusionContainerSet").filter(({ name }) => !GROUPS.includes(name));
        assert.deepEqual(
            rows.filter((row) => !isPassedOn(row)),
            declared("lib/containers/FusionContainerSet.ts", "FusionContainerSetArgs", [
                "lib/images/imageArgs.ts",
                ...["canarySpec", "healthSpec", "updateSpec", "volumeSpec"].map((file) => `lib/containers/${file}.ts`),
            ]),
        );
        const passedOn = rows.filter(isPassedOn).map(({ name }) => name.replace("placement.", ""));
        assert.ok(passedOn.length > 4);
        assert.deepEqual(
            passedOn.filter((name) => !service.some((field) => field.split(".")[0] === name)),
            [],
        );
    });

    it("of FusionJob has its arguments and those of a set that it has too", () => {
        const images = ["lib/images/imageArgs.ts"];
        const shared = declared("lib/containers/FusionContainerSet.ts", "FusionContainerSetArgs").filter(({ name }) =>
            /^(hosts|command|files|resources\..*)$/.test(name),
        );
        assert.equal(shared.length, 7);
        const own = declared("lib/jobs/FusionJob.ts", "FusionJobArgs", images);
        assert.deepEqual(documented("FusionJob"), [...own, ...shared].sort(byName));
    });
});
