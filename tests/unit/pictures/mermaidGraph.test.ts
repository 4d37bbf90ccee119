import assert from "node:assert/strict";
import { mermaidGraph } from "../../../lib/pictures";

describe("the graph as Mermaid text", () => {
    it("writes odd names as numbers of characters, so that they are no Mermaid, Markdown or HTML", () => {
        const name = 'a"b]<br/>`*x*`;#35;\n%%';
        const text = mermaidGraph({ hosts: [{ name }], assignment: { [`${name}-0`]: name } });
        assert.match(text, /^ {4}h0\["a#34;b#93;#60;br#47;#62;#96;#42;x#42;#96;#59;#35;35#59;#10;#37;#37;"\]$/m);
        assert.ok(
            text.split("\n").every((line) => /^(flowchart LR|| {4}.*)$/.test(line)),
            text,
        );
    });

    it("has edges to each host while they are few, and to groups of hosts above", () => {
        const hosts = (n: number) =>
            Array.from({ length: n }, (_, i) => ({ name: `vm${i}`, labels: { zone: `z${i % 2}` } }));
        const assignment = (n: number) => Object.fromEntries(hosts(n).map(({ name }, i) => [`web-${i}`, name]));
        const edges = (n: number) =>
            mermaidGraph({ hosts: hosts(n), assignment: assignment(n) }).match(/---\|\d+\|.*/g);
        assert.equal(edges(120)?.length, 120);
        assert.deepEqual(edges(122), ["---|61| g0", "---|61| g1"]);
    });
});
