import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { projectDir } from "../../tools/paths";

/** An argument as the library or the README has it. The default is undefined where it is told in words. */
export interface Argument {
    name: string;
    /** As it stands in the interface. */
    type: string;
    required: boolean;
    default: string | undefined;
}

export const isLiteral = (text: string): boolean => /^("[^"]*"|-?\d+|\{\}|\[\])$/.test(text);
export const byName = (a: { name: string }, b: { name: string }): number => (a.name < b.name ? -1 : 1);

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
export function declared(file: string, name: string, more: readonly string[] = []): Argument[] {
    const interfaces = new Map([...more, file].flatMap(interfacesOf));
    const found: Argument[] = [];
    const readAll = (members: ts.NodeArray<ts.TypeElement>, prefix: string) => {
        for (const member of members.filter(ts.isPropertySignature)) {
            const path = `${prefix}${member.name.getText()}`;
            if (member.type === undefined || !readNested(member.type, path)) {
                const tag = ts.getJSDocTags(member).find(({ tagName }) => tagName.text === "default");
                const told = ts.getTextOfJSDocComment(tag?.comment)?.trim();
                const literal = told !== undefined && isLiteral(told) ? told : undefined;
                const type = member.type?.getText().replace(/\s+/g, " ") ?? "";
                found.push({ name: path, type, required: member.questionToken === undefined, default: literal });
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
        const part = ts.isTypeReferenceNode(type) ? partOf(reference, type.typeArguments) : undefined;
        const members = part ?? interfaces.get(reference)?.members;
        // An interface that refers to itself ends there.
        if (members === undefined || reference === name) return false;
        readAll(members, `${path}.`);
        return true;
    };
    /** The members of `Pick<T, "a" | "b">` and `Omit<T, "a">`. */
    const partOf = (word: string, [whole, keys]: readonly ts.TypeNode[] = []) => {
        const all = interfaces.get(whole?.getText() ?? "")?.members;
        if (all === undefined || keys === undefined || (word !== "Pick" && word !== "Omit")) return undefined;
        const names = new Set([...keys.getText().matchAll(/"(\w+)"/g)].map(([, key]) => key));
        const isIn = ({ name: member }: ts.TypeElement) => names.has(member?.getText() ?? "") === (word === "Pick");
        return ts.factory.createNodeArray(all.filter(isIn));
    };
    const readInherited = (one: ts.InterfaceDeclaration | undefined) => {
        for (const base of one?.heritageClauses?.flatMap((clause) => [...clause.types]) ?? []) {
            const part = partOf(base.expression.getText(), base.typeArguments);
            if (part !== undefined) readAll(part, "");
            else readInherited(interfaces.get(base.expression.getText()));
        }
        readAll(one?.members ?? ts.factory.createNodeArray(), "");
    };
    readInherited(interfaces.get(name));
    return found.sort(byName);
}
