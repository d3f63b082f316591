// Where boot code says that it jumps to and looks for packages: believed only where that can be.
import assert from "node:assert/strict";
import { concat } from "../../../src/core/base/bytes";
import { BK72XX } from "../../../src/core/beken/chips/geometry";
import { addCrcBlocks, toLogical } from "../../../src/core/beken/images/crcBlocks";
import { bootPartition, jumpTarget } from "../../../src/core/beken/images/fal";
import { FlashAfter } from "../../../src/core/plan/flashAfter";
import { noise } from "../../../src/simulator/prng";

const SIZE = 0x200000;

interface Row {
  readonly name: string;
  readonly flash: string;
  readonly offset: number;
  readonly length: number;
}

/** A row of RT-Thread's table as boot code has it: docs/formats.md, "FAL partition table". */
function row({ name, flash, offset, length }: Row): Uint8Array {
  const bytes = Buffer.alloc(64);
  bytes.writeUInt32LE(0x45503130, 0);
  bytes.write(name, 4);
  bytes.write(flash, 28);
  bytes.writeUInt32LE(offset, 52);
  bytes.writeUInt32LE(length, 56);
  return bytes;
}

/** A flash with this table behind some code, and what of it was read. */
function flashWith(rows: readonly Row[], from = 0): FlashAfter {
  const boot = addCrcBlocks(concat(noise(2, 0x1000), ...rows.map(row), new Uint8Array(64)));
  return new FlashAfter(SIZE, [{ address: from, data: boot.subarray(from) }], undefined);
}

const app: Row = { name: "app", flash: "beken_onchip_crc", offset: 0x10000, length: 0x108700 };
const download: Row = { name: "download", flash: "beken_onchip", offset: 0x132000, length: 0xa6000 };

describe("the partitions of boot code", () => {
  it("are as its table says, where the code is counted with its sums", () => {
    const flash = flashWith([app, download]);
    assert.deepEqual(bootPartition(flash, "app", BK72XX), { start: 0x11000, end: 0x129f70 });
    assert.deepEqual(bootPartition(flash, "download", BK72XX), { start: 0x132000, end: 0x1d8000 });
    assert.equal(bootPartition(flash, "kvs", BK72XX), undefined);
    const moved = flashWith([{ ...app, offset: toLogical(0x22000) }, download]);
    assert.equal(jumpTarget(moved, BK72XX), 0x22000);
  });

  it("are found in what was read of it, wherever that begins", () => {
    for (const from of [0x800, 0x801, 0xfff])
      assert.equal(jumpTarget(flashWith([app, download], from), BK72XX), 0x11000);
    const none = new FlashAfter(SIZE, [], undefined);
    assert.equal(bootPartition(none, "app", BK72XX), undefined);
    assert.equal(jumpTarget(none, BK72XX), BK72XX.applicationStart);
  });

  it("are not believed inside the boot code, inside a sector, or behind the flash", () => {
    const at = (offset: number): unknown =>
      bootPartition(flashWith([app, { ...download, offset }]), "download", BK72XX);
    for (const offset of [0, 0x10000, 0x132010, SIZE, SIZE + 0x1000]) assert.equal(at(offset), undefined);
    for (const offset of [0x11000, SIZE - 0x1000])
      assert.deepEqual(at(offset), { start: offset, end: offset + download.length });
  });
});
