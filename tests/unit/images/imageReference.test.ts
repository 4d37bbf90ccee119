import assert from "node:assert/strict";
import { parseImageReference } from "../../../lib/images/imageReference";

const digest = `sha256:${"a".repeat(64)}`;

describe("image references", () => {
    const table: [string, string, string, string | undefined, string | undefined][] = [
        ["httpd", "docker.io", "library/httpd", "latest", undefined],
        ["httpd:2.4", "docker.io", "library/httpd", "2.4", undefined],
        ["team/web:1", "docker.io", "team/web", "1", undefined],
        ["ghcr.io/team/web:1", "ghcr.io", "team/web", "1", undefined],
        [`10.0.0.5:5000/web@${digest}`, "10.0.0.5:5000", "web", undefined, digest],
        [`registry:5000/a/b:c@${digest}`, "registry:5000", "a/b", "c", digest],
        ["localhost/web", "localhost", "web", "latest", undefined],
    ];
    for (const [text, registry, repository, tag, found] of table) {
        it(text, () => assert.deepEqual(parseImageReference(text), { registry, repository, tag, digest: found }));
    }
    for (const text of [
        "",
        "Httpd",
        "httpd:",
        "httpd 2",
        "httpd@sha256:abc",
        "-x",
        "a//b",
        "httpd:2.4\nx",
        "http://x/y",
    ]) {
        it(`${JSON.stringify(text)} is none`, () => assert.equal(parseImageReference(text), undefined));
    }
});
