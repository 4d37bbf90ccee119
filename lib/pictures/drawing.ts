import { INK, LINE, PAPER } from "./colours";
import { shorten } from "./measure";

interface TextStyle {
    size?: number;
    bold?: boolean;
    colour?: string;
    anchor?: "start" | "middle" | "end";
    /** The text is shortened to this width. */
    width?: number;
}

/** Collects the elements of an SVG. Coordinates are rounded, so that the text is the same on every machine. */
export class Drawing {
    private readonly parts: string[] = [];

    rect(
        x: number,
        y: number,
        width: number,
        height: number,
        fill: string,
        more: { r?: number; stroke?: string } = {},
    ) {
        const round = more.r === undefined ? "" : ` rx="${num(more.r)}"`;
        const stroke = more.stroke === undefined ? "" : ` stroke="${more.stroke}"`;
        this.parts.push(
            `<rect x="${num(x)}" y="${num(y)}" width="${num(width)}" height="${num(height)}"${round} fill="${fill}"${stroke}/>`,
        );
    }

    /** @param y of the middle of the letters */
    text(x: number, y: number, content: string, style: TextStyle = {}) {
        const { size = 12, bold = false, colour = INK, anchor = "start", width } = style;
        const shown = width === undefined ? content : shorten(content, width, size, bold);
        if (shown === "") return;
        const where = anchor === "start" ? "" : ` text-anchor="${anchor}"`;
        const weight = bold ? ' font-weight="bold"' : "";
        this.parts.push(
            `<text x="${num(x)}" y="${num(y + size * 0.35)}" font-size="${num(size)}"${weight}${where} fill="${colour}">${escapeXml(shown)}</text>`,
        );
    }

    /** A curve from left to right that leaves and arrives level. */
    curve(
        from: { x: number; y: number },
        to: { x: number; y: number },
        width: number,
        colour: string,
        opacity: number,
    ) {
        const bend = (to.x - from.x) * 0.5;
        const path = `M${num(from.x)} ${num(from.y)}C${num(from.x + bend)} ${num(from.y)} ${num(to.x - bend)} ${num(to.y)} ${num(to.x)} ${num(to.y)}`;
        this.parts.push(
            `<path d="${path}" fill="none" stroke="${colour}" stroke-width="${num(width)}" stroke-opacity="${num(opacity)}"/>`,
        );
    }

    line(x1: number, y1: number, x2: number, y2: number, colour = LINE) {
        this.parts.push(`<line x1="${num(x1)}" y1="${num(y1)}" x2="${num(x2)}" y2="${num(y2)}" stroke="${colour}"/>`);
    }

    /** A point to the right. */
    arrow(x: number, y: number, size: number, colour: string) {
        const path = `M${num(x)} ${num(y)}l${num(-size)} ${num(-size * 0.6)}v${num(size * 1.2)}z`;
        this.parts.push(`<path d="${path}" fill="${colour}"/>`);
    }

    /** Elements that tell something together when they are pointed at. */
    group(title: string, draw: () => void) {
        this.parts.push(`<g><title>${escapeXml(title)}</title>`);
        draw();
        this.parts.push("</g>");
    }

    /** The whole picture on paper of its own, so that it can be read on any background. */
    svg(width: number, height: number, title: string, description: string): string {
        const [w, h] = [num(Math.ceil(width)), num(Math.ceil(height))];
        return [
            `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${w} ${h}" width="${w}" height="${h}" role="img" aria-labelledby="title description" font-family="'Helvetica Neue', Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif">`,
            `<title id="title">${escapeXml(title)}</title>`,
            `<desc id="description">${escapeXml(description)}</desc>`,
            `<rect x="0.5" y="0.5" width="${num(Math.ceil(width) - 1)}" height="${num(Math.ceil(height) - 1)}" rx="8" fill="${PAPER}" stroke="${LINE}"/>`,
            ...this.parts,
            "</svg>",
            "",
        ].join("\n");
    }
}

function num(value: number): string {
    return String(Math.round(value * 10) / 10);
}

/** Text as XML takes it; what XML cannot hold at all becomes a replacement character. */
export function escapeXml(text: string): string {
    return (
        text
            .replaceAll("&", "&amp;")
            .replaceAll("<", "&lt;")
            .replaceAll(">", "&gt;")
            .replaceAll('"', "&quot;")
            // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is replaced
            .replace(/[\u0000-\u001f\u007f-\u009f\ufffe\uffff]|\p{Surrogate}/gu, "\ufffd")
    );
}
