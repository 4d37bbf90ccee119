import { open } from "node:fs/promises";

const SECTOR = 512;
/** Where the only partition begins: the usual 1 MiB, which leaves room for GRUB's core image before it. */
export const PARTITION_START = 2048;

/**
 * The first sectors of a BIOS disk with one Linux partition: GRUB's boot sector, the partition table and GRUB's core image.
 *
 * GRUB's two images are made so that they find each other in sectors 0 and 1 without patches; `grub-install` would need a
 * loop device for the same result.
 *
 * @param boot GRUB's boot.img, 512 bytes
 * @param core what grub-mkimage made
 * @param sectors size of the disk in sectors of 512 bytes
 * @param signature the disk's signature, which `PARTUUID` is made from
 * @throws Error when the core image does not fit before the partition
 */
export function bootArea(boot: Buffer, core: Buffer, sectors: number, signature: number): Buffer {
    if (core.length > (PARTITION_START - 1) * SECTOR) {
        throw new Error(`GRUB's core image has ${core.length} bytes and does not fit before the first partition`);
    }
    const area = Buffer.alloc(SECTOR + core.length);
    boot.copy(area, 0, 0, 440);
    area.writeUInt32LE(signature, 440);
    const entry = 446;
    area.writeUInt8(0x80, entry); // active
    area.fill(0xfe, entry + 1, entry + 4); // cylinders and heads are of no use: the sector numbers count
    area.writeUInt8(0x83, entry + 4); // Linux
    area.fill(0xfe, entry + 5, entry + 8);
    area.writeUInt32LE(PARTITION_START, entry + 8);
    area.writeUInt32LE(sectors - PARTITION_START, entry + 12);
    area.writeUInt16LE(0xaa55, 510);
    core.copy(area, SECTOR);
    return area;
}

/** Writes `area` to the beginning of an existing raw disk. */
export async function writeBootArea(disk: string, area: Buffer): Promise<void> {
    const file = await open(disk, "r+");
    try {
        await file.write(area, 0, area.length, 0);
    } finally {
        await file.close();
    }
}
