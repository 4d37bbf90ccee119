import assert from "node:assert/strict";
import { assertGolden } from "../support/golden";
import type { EngineResult } from "../support/stack";
import { Webfarm } from "../support/webfarm";

describe("the first preview of the web farm, before any machine exists", () => {
    let farm: Webfarm;
    let preview: EngineResult;
    before(async () => {
        farm = await Webfarm.create("test-preview");
        preview = await farm.stack.preview("--diff");
    });
    after(() => farm?.dispose());

    const inputs = (type: string, name: string): Record<string, unknown> => {
        const step = preview.steps.find((one) => one.type === type && one.name === name);
        assert.ok(step?.new, `${type} ${name} is not in the preview`);
        return step.new.inputs;
    };

    it("knows all that will be: nothing is [unknown]", () => {
        assert.equal(preview.ok, true, preview.text);
        assert.doesNotMatch(preview.text, /\[unknown\]|output</);
    });

    it("shows every resource, below its component", () => {
        const tree = preview.steps.map(({ urn }) => urn.split("::").slice(2).join(" ")).sort();
        // The base image and the registry differ from machine to machine.
        assertGolden("webfarm-preview.txt", `${tree.join("\n").replace(/base-[0-9a-f]{16}/g, "base-HASH")}\n`);
    });

    it("shows HAProxy's whole configuration", () => {
        const text = String(inputs("command:local:Command", "lb").stdin);
        assertGolden(
            "webfarm-haproxy.cfg",
            text.replace(/fusion-[0-9a-f]{16}/, "fusion-HASH").replace(/\/run\/fusion-[0-9a-f]+/, "/run/fusion-LAB"),
        );
    });

    it("shows addresses, ports and the image's digest", () => {
        const domain = inputs("libvirt:index/domain:Domain", "vm2");
        assert.match(JSON.stringify(domain.networkInterfaces), /52:54:00:4D:00:0C/i);
        const container = inputs("docker:index/container:Container", "web-1");
        assert.equal(container.image, farm.lab.httpd);
        // Beside what we give, the bridge to Terraform's providers keeps notes of its own.
        assert.match(
            JSON.stringify(container.ports),
            /"external":20000,"internal":80,"ip":"10\.77\.0\.12","protocol":"tcp"/,
        );
    });

    it("shows no secret", () => {
        assert.doesNotMatch(preview.text, /PRIVATE KEY/);
        assert.equal(typeof inputs("command:local:Command", "vm1-seed").stdin, "object");
    });

    it("creates nothing", async () => {
        assert.equal(await farm.virsh("list", "--all", "--name"), "");
        assert.deepEqual(await farm.stack.export(), []);
    });
});

describe("a hypervisor that cannot be reached", () => {
    it("fails the preview with the connection it tried and what to do, and nothing else", async () => {
        const farm = await Webfarm.create("test-unreachable");
        try {
            await farm.stack.pulumi(["config", "set", "libvirtUri", "qemu+unix:///system?socket=/run/no-such-socket"]);
            const preview = await farm.stack.preview();
            assert.equal(preview.ok, false);
            assert.match(
                preview.text,
                /1 wrong argument, nothing was created:\n\s*rack\.uri: "\S*no-such-socket" cannot be reached: .*; start libvirt on this machine/,
            );
            assert.doesNotMatch(preview.text, /^\s+at .*\.js:\d+/m);
        } finally {
            await farm.dispose();
        }
    });
});
