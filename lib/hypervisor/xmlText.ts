// libvirt writes its XML by itself, in one form. What is read here are its own elements of known names, so that no parser
// is needed.

const ENTITIES: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

const decode = (value: string): string =>
    value
        .replace(/&#(x?)([0-9a-fA-F]+);/g, (_, hex, digits) => String.fromCodePoint(parseInt(digits, hex ? 16 : 10)))
        .replace(/&(\w+);/g, (whole, name) => ENTITIES[name] ?? whole);

/** The contents of all elements of a name that are not inside one another. */
export const elements = (xml: string, name: string): string[] =>
    [...xml.matchAll(new RegExp(`<${name}(?:\\s[^>]*)?>([\\s\\S]*?)</${name}>`, "g"))].map(
        ([, content = ""]) => content,
    );

/** The text of the first element of a name, `""` where there is none. */
export const text = (xml: string, name: string): string => decode(elements(xml, name)[0] ?? "").trim();

/** An attribute in the inside of a tag. */
export function attribute(tag: string, name: string): string | undefined {
    const value = new RegExp(`(?:^|\\s)${name}=(?:'([^']*)'|"([^"]*)")`).exec(tag);
    return value === null ? undefined : decode(value[1] ?? value[2] ?? "");
}
