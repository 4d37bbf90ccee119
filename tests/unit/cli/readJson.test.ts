import assert from "node:assert/strict";
import fc from "fast-check";
import { JsonSyntaxError, readJson } from "../../../lib/cli/readJson";

const faults = (text: string) => readJson(text).faults.map(({ propertyPath, reason }) => `${propertyPath}: ${reason}`);

describe("reading JSON", () => {
    it("gives what JSON.parse gives", () => {
        fc.assert(
            fc.property(fc.json(), fc.constantFrom(0, 2, "\t"), (text, indent) => {
                const expected: unknown = JSON.parse(text);
                const { value } = readJson(JSON.stringify(expected, undefined, indent));
                assert.deepEqual(value, expected);
            }),
        );
        const odd = '{"__proto__":{"a":1},"constructor":[],"":"\\u00e9\\n\\ud83d\\ude00","x":[-0,1E2,2.50]}';
        assert.deepEqual(readJson(odd).value, JSON.parse(odd));
    });

    it("refuses what JSON.parse refuses", () => {
        const wrong = [
            "",
            "{",
            "[1,]",
            '{"a":1,}',
            "{a:1}",
            "01",
            "1.",
            ".5",
            "+1",
            "NaN",
            "'a'",
            '"a',
            '"\t"',
            '"\\x"',
            "tru",
            "1 2",
            "[1 2]",
            '{"a" 1}',
            "{1:2}",
            "//",
            "\ufeff{}",
        ];
        for (const text of wrong) {
            assert.throws(() => JSON.parse(text), text);
            assert.throws(() => readJson(text), JsonSyntaxError, text);
        }
        fc.assert(
            fc.property(
                fc.json(),
                fc.nat(),
                fc.constantFrom(",", "]", "}", '"', "x", "\\", ":", ""),
                (text, at, char) => {
                    const broken = text.slice(0, at % text.length) + char + text.slice((at % text.length) + 1);
                    const good = (read: (text: string) => unknown) => {
                        try {
                            read(broken);
                            return true;
                        } catch {
                            return false;
                        }
                    };
                    assert.equal(good(readJson), good(JSON.parse), broken);
                },
            ),
        );
    });

    it("tells line and column of what is no JSON", () => {
        for (const [text, where, message] of [
            [
                '{\n  "hosts": [\n    { "name": "vm1" }\n    { "name": "vm2" }\n  ]\n}',
                "4:5",
                'has "{" where a comma or "]" must be',
            ],
            ["{", "1:2", "has its end where a name in double quotes must be"],
            ['{ "a": é }', "1:8", 'has "é" where a value must be'],
            ["[1]\n\n]", "3:1", 'has "]" after its end'],
            ["[".repeat(300), "1:202", "is nested more than 200 deep"],
        ] as const) {
            assert.throws(
                () => readJson(text),
                (error) => {
                    assert.ok(error instanceof JsonSyntaxError);
                    assert.equal(`${error.line}:${error.column}`, where);
                    assert.ok(error.message.startsWith(message), error.message);
                    return true;
                },
            );
        }
    });

    it("tells numbers that would be rounded, by their paths", () => {
        const remedy = "give a whole number up to 2^53 - 1";
        assert.deepEqual(faults('{"a":[0,9007199254740993],"b.c":{"x":1e400}}'), [
            `a[1]: is a number that would be rounded, got 9007199254740993; ${remedy}`,
            `["b.c"].x: is a number that would be rounded, got 1e400; ${remedy}`,
        ]);
        for (const text of [
            "9007199254740992",
            "-9007199254740992",
            "1e16",
            "1.00000000000000000001",
            "1e-400",
            "9007199254740991.5",
        ]) {
            assert.equal(faults(text).length, 1, text);
        }
        for (const text of [
            "9007199254740991",
            "-9007199254740991",
            "1e3",
            "1.50e1",
            "120e-1",
            "1.0",
            "0.0e-99",
            "0.1",
            "-0",
            "2.5e-3",
        ]) {
            assert.deepEqual(faults(text), [], text);
        }
    });

    it("tells keys that are given twice", () => {
        assert.deepEqual(faults('{"a":1,"services":[{"name":"web","n\\u0061me":"db"}],"a":2}'), [
            "services[0].name: is given twice; leave one of them out",
            "a: is given twice; leave one of them out",
        ]);
    });

    it("reads 10 MB", () => {
        const hosts = Array.from({ length: 100_000 }, (_, i) => ({
            name: `vm${i}`,
            capacity: { cpu: 4000, memory: 8192 },
            labels: { zone: "a" },
        }));
        const text = JSON.stringify({ hosts }, undefined, 2);
        assert.ok(text.length > 10_000_000);
        assert.deepEqual(readJson(text), { value: { hosts }, faults: [] });
    });
});
