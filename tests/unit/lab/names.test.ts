import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { haproxyConfig } from "../../../tools/lab/join";
import { labStatus } from "../../../tools/lab/lab";
import { libvirtUri, socketLink } from "../../../tools/lab/libvirtd";
import { cableEnds } from "../../../tools/lab/link";
import { locked } from "../../../tools/lab/lock";
import { namespaceName } from "../../../tools/lab/namespace";
import { missing } from "../../../tools/lab/packages";

describe("lab: names", () => {
    it("gives labs of one name in two checkouts two namespaces, short enough for a file name", () => {
        const one = namespaceName("webfarm", "/a/.fusion/lab/webfarm");
        assert.match(one, /^fusion-webfarm-[0-9a-f]{6}$/);
        assert.notEqual(one, namespaceName("webfarm", "/b/.fusion/lab/webfarm"));
    });

    it("reaches the socket by a path that fits into a socket address, however deep the checkout is", () => {
        const dir = `/${"deep/".repeat(60)}lab`;
        assert.ok(`${socketLink(dir)}/libvirt-sock`.length < 60);
        assert.equal(libvirtUri(dir), `qemu+unix:///system?socket=${socketLink(dir)}/libvirt-sock`);
    });

    it("refuses a name that could not be a namespace", async () => {
        for (const name of ["", "Web", "a b", "../x", "x".repeat(41)]) {
            await assert.rejects(labStatus(name, "/nowhere"), /lower-case letters, digits and hyphens/);
        }
    });

    it("puts a cable of its own between two labs, with names that Linux takes", () => {
        const [one, other] = cableEnds("/a", "/b");
        assert.ok(one.device.length <= 15);
        assert.notEqual(one.address, other.address);
        const all = Array.from({ length: 50 }, (_, i) => cableEnds("/a", `/${i}`).map(({ address }) => address)).flat();
        assert.ok(new Set(all).size > 90, "pairs of labs have addresses of their own");
        assert.ok(all.every((address) => /^10\.254(\.(\d|\d\d|1\d\d|2[0-4]\d|25[0-5])){2}$/.test(address)));
    });

    it("joins a port with HAProxy's own step into the namespace", () => {
        const config = haproxyConfig("fusion-x-1", 8080, { address: "10.77.0.1", port: 80 });
        assert.match(config, /^ {4}bind 127\.0\.0\.1:8080$/m);
        assert.match(config, /^ {4}server inside 10\.77\.0\.1:80 namespace fusion-x-1$/m);
    });
});

describe("lab: what a machine lacks", () => {
    it("names programs that are nowhere on the path, and files that are not there", () => {
        const folder = mkdtempSync(join(tmpdir(), "fusion-path-"));
        writeFileSync(join(folder, "there"), "", { mode: 0o755 });
        writeFileSync(join(folder, "plain"), "", { mode: 0o644 });
        const needs = ["there", "plain", "gone", "/no/such/driver.so"].map((file) => ({ file, package: `p-${file}` }));
        try {
            assert.deepEqual(
                missing(needs, `/nowhere:${folder}`).map((need) => need.file),
                ["plain", "gone", "/no/such/driver.so"],
            );
        } finally {
            rmSync(folder, { recursive: true });
        }
    });
});

describe("lab: the lock", () => {
    it("lets one in at a time, says that others wait, and opens after a failure", async () => {
        const key = `test ${process.pid}`;
        const order: string[] = [];
        let waited = 0;
        const enter = (name: string) =>
            locked(
                key,
                () => waited++,
                async () => {
                    order.push(`${name} in`);
                    await new Promise((resolve) => setTimeout(resolve, 30));
                    order.push(`${name} out`);
                },
            );
        await assert.rejects(
            locked(
                key,
                () => {},
                () => Promise.reject(new Error("broken")),
            ),
            /broken/,
        );
        await Promise.all([enter("a"), enter("b")]);
        assert.equal(waited, 1);
        assert.deepEqual(
            order.map((entry) => entry.split(" ")[1]),
            ["in", "out", "in", "out"],
        );
    });
});
