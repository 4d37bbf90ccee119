import assert from "node:assert/strict";
import { debianRelease, sourcesFrom, sourcesOf } from "../../../tools/lab/debian";

describe("lab: the machine's Debian", () => {
    it("knows the release of Debian and of nothing else", () => {
        assert.equal(debianRelease('PRETTY_NAME="Debian"\nID=debian\nVERSION_CODENAME=bookworm\n'), "bookworm");
        assert.equal(debianRelease("ID=ubuntu\nVERSION_CODENAME=jammy\nID_LIKE=debian\n"), undefined);
        assert.equal(debianRelease(""), undefined);
    });

    it("takes Debian's archives of the release from apt's own list, once each and in order", () => {
        const targets = [
            "Debian\tbookworm-updates\thttp://mirror.test/debian/\tmain",
            "Debian\tbookworm\thttp://mirror.test/debian/\tmain",
            "Debian\tbookworm\thttp://mirror.test/debian/\tmain",
            "Debian\tbookworm-security\thttp://mirror.test/security/\tmain",
            "Debian\tbookworm\thttp://mirror.test/debian/\tcontrib",
            "Debian\ttrixie\thttp://mirror.test/debian/\tmain",
            "Node\tnodistro\thttps://node.test/\tmain",
        ].join("\n");
        assert.deepEqual(sourcesFrom(targets, "bookworm", "/keys.gpg"), [
            "deb [signed-by=/keys.gpg] http://mirror.test/debian/ bookworm main",
            "deb [signed-by=/keys.gpg] http://mirror.test/debian/ bookworm-updates main",
            "deb [signed-by=/keys.gpg] http://mirror.test/security/ bookworm-security main",
        ]);
        assert.deepEqual(sourcesFrom("", "bookworm"), []);
    });

    it("has another release's archives where its own are, and leaves mirrors' names alone", () => {
        const own = [
            "deb http://bookworm.test/debian/ bookworm main",
            "deb http://mirror.test/s/ bookworm-security main",
        ];
        assert.deepEqual(sourcesOf("trixie", own, "bookworm"), [
            "deb http://bookworm.test/debian/ trixie main",
            "deb http://mirror.test/s/ trixie-security main",
        ]);
        assert.deepEqual(sourcesOf("bookworm", own, "bookworm"), own);
    });
});
