/**
 * What a chip may have made of a request that was damaged on its way: what completes half of one without harm, and what its
 * answer says that it did instead. Knows the frames, not the conversation. Source: docs/protocol.md ("Resynchronising").
 */
import { alignDown, readU32 } from "../../base/bytes";
import { split, type Range } from "../../base/ranges";
import type { CommandName, ProtocolProfile } from "../chips/types";
import { EFUSE_CONTROL } from "./refusals";
import { COMMAND_BLOCK, COMMAND_SECTOR, ERASE_SIZES, type EraseSizeCode } from "./commandRows";

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

/**
 * For a session that knows nothing of the one before: whatever it cut, on whatever chip, comes out as the least there is.
 * As the top of an address it is negative, which flash loaders refuse to erase, and of a write it leaves the flash command as it
 * is; as the third byte it lies in the middle of the application on every flash; in a status register it sets no bit that
 * stays; in a register it starts no eFuse. Each bit of it is one of these reasons.
 */
export const LEFT_BY_UNKNOWN = 0x84;
/**
 * A flash loader refuses it as the top of an erase's address, and in that of a write it makes a flash command that there is
 * not. Not FF: a streamed write from FFFFFFxx runs over into address 0.
 */
export const LEFT_BY_LOADER_JOB = 0x90;
/** As long as a boot ROM is only asked, or its status register written: no lock, no fuse, and nothing is erased meanwhile. */
export const LEFT_BY_ROM_QUESTIONS = 0x00;

/** What completes a cut frame of a session in which nothing is erased or written yet. */
export function fillerAtRest({ resyncFiller }: ProtocolProfile): number {
  return resyncFiller === "inside-plan" ? LEFT_BY_ROM_QUESTIONS : LEFT_BY_LOADER_JOB;
}

/** Codes of commands and sizes of erases, where the cut was in front of those. */
const MEANS_SOMETHING: ReadonlySet<number> = new Set([
  ...[
    0x00, 0x01, 0x02, 0x03, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f, 0x10, 0x11, 0x12, 0x70, 0xaa,
    0xfe,
  ],
  ...Object.keys(ERASE_SIZES).map(Number),
]);

/**
 * While a boot ROM, which has no limit, erases and writes in `ranges`: the byte that as the rest of any of their addresses
 * points into them again. Where no byte always does (a plan of a few sectors), the one that does most often.
 */
export function leftInside(ranges: readonly Range[], flashSize: number): number {
  const sectors = new Set(split(ranges, COMMAND_SECTOR).map(({ start }) => start));
  const whole = split(ranges, COMMAND_BLOCK).filter(({ start, end }) => end - start === COMMAND_BLOCK);
  const blocks = new Set(whole.map(({ start }) => start));
  /** How many sectors there are at each place within a block: as much of an address came, with two bytes of it missing. */
  const places = new Map<number, number>();
  for (const sector of sectors) places.set(sector % COMMAND_BLOCK, (places.get(sector % COMMAND_BLOCK) ?? 0) + 1);
  let best = { filler: LEFT_BY_UNKNOWN as number, inside: 0 };
  for (let filler = 0; filler < 0x100; filler++) {
    if (MEANS_SOMETHING.has(filler)) continue;
    const block = (filler * COMMAND_BLOCK) % flashSize;
    // With more of it missing, all that came is an offset within a sector.
    const sector = alignDown((filler * 0x010100) % flashSize, COMMAND_SECTOR);
    let inside = (sectors.has(sector) ? 2 * sectors.size : 0) + (blocks.has(block) ? 3 * blocks.size : 0);
    for (const [place, count] of places) if (sectors.has(block + place)) inside += count;
    if (inside > best.inside) best = { filler, inside };
  }
  return best.filler;
}

/** Where an erase, by the first byte of what it erases, or a write says that it went; undefined for requests that go nowhere. */
export function addressEchoed(name: CommandName, echoed: Uint8Array): number | undefined {
  if (name === "writeFlash" || name === "writeFlash4k") return readU32(echoed, 0);
  if (name !== "eraseFlash") return undefined;
  return alignDown(readU32(echoed, 1), ERASE_SIZES[echoed[0] as EraseSizeCode] ?? COMMAND_SECTOR);
}

/** True where the chip repeats a register write, address and value, that has made its eFuse burn. */
export function burnsFuse(name: CommandName, echoed: Uint8Array): boolean {
  if (name !== "writeRegister" || echoed.length < 8 || readU32(echoed, 0) !== EFUSE_CONTROL) return false;
  return (readU32(echoed, 4) & EFUSE_BURNS) === EFUSE_BURNS;
}
