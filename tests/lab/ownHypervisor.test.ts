import assert from "node:assert/strict";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ownHypervisor } from "../../tools/farm/hypervisor";
import { type Lab, labDown, labUp } from "../../tools/lab";
import { run } from "../../tools/run";

// A lab's libvirt stands for a hypervisor of the user's own here: it is one, reached by its URI alone.
describe("npm start with a hypervisor of the user's own", () => {
    let lab: Lab;
    const before_ = { ...process.env };
    before(async () => {
        lab = await labUp("test-own", mkdtempSync(join(tmpdir(), "fusion-test-own-")));
    });
    afterEach(() => {
        for (const key of Object.keys(process.env).filter((name) => name.startsWith("FUSION_") && !(name in before_))) {
            delete process.env[key];
        }
    });
    after(() => labDown(lab.name, lab.dir));

    it("takes the hypervisor as it is, and emulation where no guest starts under KVM", async () => {
        Object.assign(process.env, {
            FUSION_IMAGE: lab.image.source,
            FUSION_IMAGE_SHA256: lab.image.sha256,
            FUSION_CIDR: "10.88.0.0/24",
            FUSION_WEB_IMAGE: lab.httpd,
        });
        const found = await ownHypervisor(lab.uri);
        assert.equal(found.lab, undefined);
        assert.deepEqual(found.wrap, []);
        assert.deepEqual(found.config, {
            libvirtUri: lab.uri,
            domainType: lab.domainType,
            imageSource: lab.image.source,
            imageSha256: lab.image.sha256,
            cidr: "10.88.0.0/24",
            image: lab.httpd,
        });
    });

    it("leaves no probe behind on it", async () => {
        assert.equal((await run("virsh", ["--connect", lab.uri, "list", "--all", "--name"])).stdout.trim(), "");
    });

    it("says what is missing before anything long begins", async () => {
        await assert.rejects(
            ownHypervisor(lab.uri),
            /Set FUSION_IMAGE to a cloud image .* and FUSION_IMAGE_SHA256 to its checksum/,
        );
    });

    it("says what to look at when it cannot be reached", async () => {
        Object.assign(process.env, {
            FUSION_IMAGE: "/image",
            FUSION_IMAGE_SHA256: "0".repeat(64),
        });
        await assert.rejects(
            ownHypervisor("qemu+unix:///system?socket=/run/no-such-socket"),
            /cannot be reached: .*no-such-socket.*\nstart libvirt on this machine: systemctl start libvirtd/s,
        );
    });
});
