import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keepPrivateKey } from "../../lib/sshFolder";

describe("a private key given as text", () => {
    const dir = mkdtempSync(join(tmpdir(), "fusion-key-"));
    const folder = join(dir, ".ssh");
    const generate = (name: string, passphrase = "") => {
        const file = join(dir, name);
        execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", passphrase, "-C", "me@home", "-f", file]);
        return { text: readFileSync(file, "utf8"), publicKey: readFileSync(`${file}.pub`, "utf8") };
    };
    const key = generate("one");
    after(() => rmSync(dir, { recursive: true, force: true }));

    it("is put where ssh finds it, for the operator alone", () => {
        const { file, publicKey } = keepPrivateKey(key.text, folder);
        assert.match(file, /^~\/\.ssh\/fusion-[0-9a-f]{16}\.key$/);
        assert.ok(key.publicKey.startsWith(`${publicKey} me@home`));
        const path = file.replace("~", dir);
        assert.equal(readFileSync(path, "utf8"), key.text);
        assert.equal(statSync(path).mode & 0o777, 0o600);
        assert.equal(statSync(folder).mode & 0o777, 0o700);
        assert.deepEqual(readdirSync(folder).length, 1, "nothing else is left there");
    });

    it("has the same name however its lines end, and is put there again when it is gone", () => {
        const { file } = keepPrivateKey(key.text, folder);
        rmSync(file.replace("~", dir));
        assert.deepEqual(keepPrivateKey(`\n${key.text.trim().replaceAll("\n", "\r\n")}`, folder).file, file);
        assert.ok(existsSync(file.replace("~", dir)));
        assert.notEqual(keepPrivateKey(generate("two").text, folder).file, file);
    });

    it("replaces a file that others could read", () => {
        const { file } = keepPrivateKey(key.text, folder);
        chmodSync(file.replace("~", dir), 0o644);
        keepPrivateKey(key.text, folder);
        assert.equal(statSync(file.replace("~", dir)).mode & 0o777, 0o600);
    });

    for (const [title, text] of [
        ["no key", "-----BEGIN SECRET-----"],
        ["a public key", key.publicKey],
        ["a key with a passphrase", generate("locked", "long secret").text],
    ] as const) {
        it(`is refused without being shown when it is ${title}`, () => {
            const before = readdirSync(folder);
            assert.throws(
                () => keepPrivateKey(text, folder),
                (error: Error) =>
                    /^is no private key .* without a passphrase; give/.test(error.message) &&
                    !error.message.includes(text.slice(12, 36)),
            );
            assert.deepEqual(readdirSync(folder), before);
        });
    }
});
