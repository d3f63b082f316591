/**
 * What a chip may have made of a request that was damaged on its way: what completes half of one without harm, and what its
 * answer says that it did instead. Knows the frames, not the conversation. Source: docs/protocol.md ("Resynchronising").
 */
import { SECTOR, alignDown, readU32 } from "../base/bytes";
import type { CommandName } from "../chips/types";
import { EFUSE_CONTROL } from "./refusals";
import { ERASE_SIZES, type EraseSizeCode } from "./rows";

/** In the eFuse control register: a transfer starts, and it burns. */
const EFUSE_BURNS = 0x03;

/**
 * The byte to send behind such a request. An address of FFs is refused or means nothing, and FF programs nothing. But as the
 * rest of a status register it locks the flash for good, and as that of a register it can start the eFuse with something to
 * burn: there zeros go out, which ask for nothing.
 */
export function fillerAfter(name: CommandName): 0x00 | 0xff {
  return name === "writeStatusRegister" || name === "writeRegister" ? 0x00 : 0xff;
}

/** Where an erase, by the first byte of what it erases, or a write says that it went; undefined for requests that go nowhere. */
export function addressEchoed(name: CommandName, echoed: Uint8Array): number | undefined {
  if (name === "writeFlash" || name === "writeFlash4k") return readU32(echoed, 0);
  if (name !== "eraseFlash") return undefined;
  return alignDown(readU32(echoed, 1), ERASE_SIZES[echoed[0] as EraseSizeCode] ?? SECTOR);
}

/** True where the chip repeats a register write, address and value, that has made its eFuse burn. */
export function burnsFuse(name: CommandName, echoed: Uint8Array): boolean {
  if (name !== "writeRegister" || echoed.length < 8 || readU32(echoed, 0) !== EFUSE_CONTROL) return false;
  return (readU32(echoed, 4) & EFUSE_BURNS) === EFUSE_BURNS;
}
