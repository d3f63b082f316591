/** An erase frame that a byte is sent twice of, read as a flash loader reads it: every sector and block of every usual flash. */
import assert from "node:assert/strict";
import { alignDown, hexAddress, readU32 } from "../../../src/core/base/bytes";
import { encodeRequest } from "../../../src/core/beken/protocol/commandTable";
import { ERASE_SIZES, INSIDE_ERASE, type EraseSizeCode } from "../../../src/core/beken/protocol/commandRows";
import { BLOCK, SECTOR } from "../../flashUnits";

/** Where boot code ends on every BK72xx. */
const BOOTLOADER_END = 0x11000;

const CODE_AT = 7;
const ERASE = 0x0f;

/** Where the loader's erase begins; undefined for what it refuses or does nothing for. Addresses from 0x80000000 are negative to it. */
function erasedBy(frame: Uint8Array, flashSize: number): number | undefined {
  const size = ERASE_SIZES[frame[CODE_AT + 1] as EraseSizeCode] as number | undefined;
  const address = readU32(frame, CODE_AT + 2);
  if (frame[CODE_AT] !== ERASE || size === undefined || address >= 0x80000000) return undefined;
  return alignDown(address % flashSize, size);
}

function doubled(frame: Uint8Array, at: number): Uint8Array {
  return Uint8Array.of(...frame.subarray(0, at + 1), ...frame.subarray(at));
}

describe("an erase that points inside its unit", () => {
  for (const [sizeCode, unit] of [
    [0x20, SECTOR],
    [0xd8, BLOCK],
  ] as const) {
    it(`is the same erase, and with a byte sent twice never one of boot code: ${unit / 1024} KiB`, () => {
      for (const flashSize of [0x200000, 0x400000]) {
        for (let address = alignDown(BOOTLOADER_END + unit - 1, unit); address < flashSize; address += unit) {
          const frame = encodeRequest("eraseFlash", { address, sizeCode, inside: INSIDE_ERASE });
          assert.equal(erasedBy(frame, flashSize), address);
          for (let at = CODE_AT; at < frame.length; at++) {
            const start = erasedBy(doubled(frame, at), flashSize);
            const harmless = start === undefined || start >= BOOTLOADER_END;
            assert.ok(harmless, `${hexAddress(address)}, byte ${at}: ${hexAddress(start ?? 0)} is erased`);
          }
        }
      }
    });
  }

  it("does not point into another sector", () => {
    assert.throws(() => encodeRequest("eraseFlash", { address: 0x20000, sizeCode: 0x20, inside: SECTOR }));
  });
});
