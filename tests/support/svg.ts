import assert from "node:assert/strict";
import { textWidth } from "../../lib/pictures/measure";

/** Where a text of a picture is. */
export interface TextBox {
    text: string;
    left: number;
    right: number;
    top: number;
    bottom: number;
}

const TOKEN = /<(\/)?([a-z]+)((?: [a-zA-Z:-]+="[^"<&]*(?:&[a-z]+;[^"<&]*)*")*)(\/)?>|([^<>]+)/y;

/** Every element of an SVG, whose elements must be closed in order; attributes as they stand there, texts unescaped. */
export function elementsOf(svg: string): { name: string; attributes: Map<string, string>; text: string }[] {
    const found: { name: string; attributes: Map<string, string>; text: string }[] = [];
    const open: (typeof found)[number][] = [];
    for (let at = 0; at < svg.length; ) {
        TOKEN.lastIndex = at;
        const [whole, close, name = "", attributes = "", empty, text] = TOKEN.exec(svg) ?? [];
        assert.ok(whole !== undefined, `is not well-formed: ${svg.slice(at, at + 80)}`);
        at += whole.length;
        if (text !== undefined) {
            const last = open.at(-1);
            if (last !== undefined) last.text += unescapeXml(text);
        } else if (close !== undefined) {
            assert.equal(open.pop()?.name, name);
        } else {
            const pairs = [...attributes.matchAll(/([a-zA-Z:-]+)="([^"]*)"/g)].map(
                ([, key = "", value = ""]) => [key, value] as const,
            );
            const element = { name, attributes: new Map(pairs), text: "" };
            found.push(element);
            if (empty === undefined) open.push(element);
        }
    }
    assert.deepEqual(open, []);
    return found;
}

/** The texts of a picture with the room that they take in a wide font. */
export function textBoxes(svg: string): TextBox[] {
    return elementsOf(svg)
        .filter(({ name }) => name === "text")
        .map(({ attributes, text }) => {
            const value = (key: string): number => Number(attributes.get(key));
            const size = value("font-size");
            const width = textWidth(text, size, attributes.has("font-weight"));
            const anchor = attributes.get("text-anchor");
            const left = value("x") - (anchor === "end" ? width : anchor === "middle" ? width / 2 : 0);
            return { text, left, right: left + width, top: value("y") - size * 0.76, bottom: value("y") + size * 0.24 };
        });
}

/** The pairs of texts that cover each other, and the texts that leave the picture. */
export function clashes(svg: string): string[] {
    const root = elementsOf(svg)[0];
    const [, , width = 0, height = 0] = (root?.attributes.get("viewBox") ?? "").split(" ").map(Number);
    const boxes = textBoxes(svg).sort((a, b) => a.top - b.top);
    const outside = boxes.filter(
        ({ left, right, top, bottom }) => left < 0 || top < 0 || right > width || bottom > height,
    );
    const covered = boxes.flatMap((box, i) => {
        const others: TextBox[] = [];
        for (let j = i + 1; j < boxes.length; j++) {
            const other = boxes[j];
            if (other === undefined || other.top >= box.bottom) break;
            if (other.left < box.right && box.left < other.right) others.push(other);
        }
        return others.map((other) => `"${box.text}" and "${other.text}"`);
    });
    return [...outside.map(({ text }) => `"${text}" leaves the picture`), ...covered];
}

function unescapeXml(text: string): string {
    return text.replace(
        /&(lt|gt|quot|amp);/g,
        (_, name) => ({ lt: "<", gt: ">", quot: '"', amp: "&" })[String(name)] ?? "",
    );
}
