import assert from "node:assert/strict";
import { bootArea } from "../../../tools/lab/disk";

describe("lab: the boot area of the guests' disk", () => {
    const boot = Buffer.alloc(512, 0xaa);
    const core = Buffer.alloc(30_000, 0xcc);

    it("has GRUB's two images around one active Linux partition that fills the disk", () => {
        const area = bootArea(boot, core, 4_194_304, 0xf0510000);
        assert.equal(area.length, 512 + 30_000);
        assert.equal(area[439], 0xaa, "boot code reaches up to the signature");
        assert.equal(area.readUInt32LE(440), 0xf0510000);
        assert.equal(area[446], 0x80);
        assert.equal(area[450], 0x83);
        assert.equal(area.readUInt32LE(454), 2048);
        assert.equal(area.readUInt32LE(458), 4_194_304 - 2048);
        assert.ok(
            area.subarray(462, 510).every((byte) => byte === 0),
            "no other partition",
        );
        assert.equal(area.readUInt16LE(510), 0xaa55);
        assert.ok(area.subarray(512).equals(core));
    });

    it("refuses a core image that would reach into the partition", () => {
        assert.doesNotThrow(() => bootArea(boot, Buffer.alloc(2047 * 512), 4_194_304, 1));
        assert.throws(() => bootArea(boot, Buffer.alloc(2047 * 512 + 1), 4_194_304, 1), /does not fit/);
    });
});
