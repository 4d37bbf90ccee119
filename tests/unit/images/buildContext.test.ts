import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { readContext } from "../../../lib/images/buildContext";

describe("a build's context", () => {
    let dir: string;
    beforeEach(() => {
        dir = mkdtempSync(join(tmpdir(), "fusion-context-"));
        write("Dockerfile", "FROM scratch\n");
        write("src/main.js", "main");
        write("src/lib/a.js", "a");
    });
    afterEach(() => rmSync(dir, { recursive: true, force: true }));

    const write = (path: string, text: string) => {
        mkdirSync(dirname(join(dir, path)), { recursive: true });
        writeFileSync(join(dir, path), text);
        chmodSync(join(dir, path), 0o644);
    };
    const hash = async (dockerfile = "Dockerfile") => (await readContext(dir, dockerfile)).hash;
    const entries = async (dockerfile = "Dockerfile") => (await readContext(dir, dockerfile)).entries;

    it("is listed by folders of which all is in", async () => assert.deepEqual(await entries(), ["Dockerfile", "src"]));

    it("is without what .dockerignore names, in Docker's own sense", async () => {
        write("src/debug.log", "");
        write("node_modules/x/index.js", "");
        write(".dockerignore", "# a comment\nnode_modules\n**/*.log\n*.md\n!KEEP.md\nDockerfile\n");
        write("README.md", "");
        write("KEEP.md", "");
        write("docs/README.md", "");
        assert.deepEqual(await entries(), [".dockerignore", "Dockerfile", "KEEP.md", "docs", "src/lib", "src/main.js"]);
        write("src/.hidden", "");
        write(".dockerignore", "src/lib\n");
        assert.deepEqual(
            (await entries()).filter((entry) => entry.startsWith("src")),
            ["src/.hidden", "src/debug.log", "src/main.js"],
        );
        write(".dockerignore", "*\n!src/lib\n");
        assert.deepEqual(await entries(), ["Dockerfile", "src/lib"]);
    });

    it("may have a Dockerfile elsewhere, with its own .dockerignore, which is always in", async () => {
        write("docker/web/Dockerfile", "FROM scratch");
        write(".dockerignore", "src\ndocker\n");
        assert.deepEqual(await entries("docker/web/Dockerfile"), [
            ".dockerignore",
            "Dockerfile",
            "docker/web/Dockerfile",
        ]);
        write("docker/web/Dockerfile.dockerignore", "*\n");
        assert.deepEqual(await entries("docker/web/Dockerfile"), ["docker/web/Dockerfile"]);
    });

    it("is another one with another content, name, mode or link, and with nothing else", async () => {
        const first = await hash();
        const seen = new Set([first]);
        const isNew = async (what: string) => {
            const now = await hash();
            assert.ok(!seen.has(now), what);
            seen.add(now);
        };
        write("src/main.js", "niam");
        await isNew("content");
        write("src/main.js", "main");
        assert.equal(await hash(), first, "the same again, at another time");
        chmodSync(join(dir, "src/main.js"), 0o664);
        assert.equal(await hash(), first, "the group's right to write depends on the umask");
        chmodSync(join(dir, "src/main.js"), 0o755);
        await isNew("mode");
        chmodSync(join(dir, "src/main.js"), 0o644);
        symlinkSync("main.js", join(dir, "src/link"));
        await isNew("link");
        rmSync(join(dir, "src/link"));
        symlinkSync("lib", join(dir, "src/link"));
        await isNew("target of a link");
        rmSync(join(dir, "src/link"));
        mkdirSync(join(dir, "empty"));
        await isNew("an empty folder");
        rmSync(join(dir, "empty"), { recursive: true });
        write(".dockerignore", "*.log\n");
        await isNew(".dockerignore itself");
        const before = await hash();
        write("x.log", "");
        assert.equal(await hash(), before, "an ignored file");
    });

    it("cannot have names that a list would break", async () => {
        write("src/a\nb", "");
        await assert.rejects(
            readContext(dir, "Dockerfile"),
            /"src\/a\\nb" has a line break or a backslash.*; rename it/,
        );
    });
});
