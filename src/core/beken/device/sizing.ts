/**
 * How large a chip's flash really is, by where its content comes again: ids can lie, and a flash taken for larger than it is
 * turns an erase behind its end into one of the boot code. Reads and hashes only; a CRC only where it locks nothing.
 */
import { equalBytes, isFilledWith } from "../../base/bytes";
import { crc32 } from "../../base/checksum";
import { readAll, readTwice } from "../../driver/readings";
import type { ChipAccess } from "./chipAccess";

/** Powers of two that flashes of these modules have; 16 MiB is all that 24 address bits reach. */
const POSSIBLE_SIZES = [0x20000, 0x40000, 0x80000, 0x100000, 0x200000, 0x400000, 0x800000, 0x1000000] as const;

/** Something in the flash that is not the same everywhere, and would be seen again one turn further on. */
interface Landmark {
  /** Whether it is also at that distance. A difference counts only when it is found twice. */
  isAlsoAt(distance: number): Promise<boolean>;
}

/**
 * The smallest size at which everything comes again that was looked at. Content that repeats itself looks like a smaller flash:
 * then the smaller one is what can be told apart, and safe.
 * @param sectors whole sectors as they were read, by address
 * @param claimed what an id or a table says, looked at first
 * @returns undefined when there is nothing to tell by: every sector is of one byte throughout
 */
export async function provenSize(
  device: ChipAccess,
  sectors: ReadonlyMap<number, Uint8Array>,
  claimed: number,
  signal: AbortSignal,
): Promise<number | undefined> {
  const mayHash = device.profile.crcLocks === "never";
  const telling = [...sectors].filter(([, bytes]) => !isFilledWith(bytes, bytes[0] ?? 0));
  const isPossible = POSSIBLE_SIZES.some((size) => size === claimed);
  if (!mayHash && isPossible && (await isExactly(device, telling, claimed, signal))) return claimed;
  let landmarks = telling.map(([address, bytes]) =>
    mayHash ? hashed(device, address, bytes, signal) : read(device, address, bytes, signal),
  );
  if (landmarks.length === 0 && mayHash) landmarks = await findLandmark(device, claimed, signal);
  if (landmarks.length === 0) return undefined;
  const repeatsAt = async (size: number): Promise<boolean> => {
    for (const landmark of landmarks) if (!(await landmark.isAlsoAt(size))) return false;
    return true;
  };
  if (mayHash && isPossible) {
    const isSmaller = claimed > POSSIBLE_SIZES[0] && (await repeatsAt(claimed / 2));
    if (!isSmaller && (await repeatsAt(claimed))) return claimed;
  }
  for (const size of POSSIBLE_SIZES) if (await repeatsAt(size)) return size;
  // Nothing repeats, not even where every flash must: then what is compared with is not what the flash holds.
  return undefined;
}

/** Sizes are powers of two: one at which all of it comes again, and at half of which something does not, is the flash's. */
async function isExactly(
  device: ChipAccess,
  sectors: readonly (readonly [number, Uint8Array])[],
  size: number,
  signal: AbortSignal,
): Promise<boolean> {
  const [first] = sectors;
  if (!first) return false;
  const places = [first[0] + size / 2, ...sectors.map(([address]) => address + size)];
  const [half, ...whole] = (await readAll(device, places, signal)) as [Uint8Array, ...Uint8Array[]];
  if (!isAnother(half, first[1])) return false;
  return sectors.every(([, bytes], i) => equalBytes(whole[i] as Uint8Array, bytes));
}

/** Damage on the wire changes a few bytes; such a part of them is other content, of which one reading is proof. */
const MANY = 1 / 8;

function isAnother(read: Uint8Array, than: Uint8Array): boolean {
  let differing = 0;
  for (let i = 0; i < read.length; i++) if (read[i] !== than[i]) differing++;
  return differing >= MANY * read.length;
}

function read(device: ChipAccess, address: number, bytes: Uint8Array, signal: AbortSignal): Landmark {
  return {
    isAlsoAt: async (distance) =>
      equalBytes(await device.readSector(address + distance, signal), bytes) ||
      equalBytes(await readTwice(device, address + distance, signal), bytes),
  };
}

function hashed(device: ChipAccess, address: number, bytes: Uint8Array, signal: AbortSignal): Landmark {
  return byCrc(device, address, bytes.length, crc32(bytes), signal);
}

function byCrc(device: ChipAccess, address: number, length: number, crc: number, signal: AbortSignal): Landmark {
  const isThere = async (distance: number): Promise<boolean> =>
    (await device.crc(address + distance, length, signal)) === crc;
  return { isAlsoAt: async (distance) => (await isThere(distance)) || (await isThere(distance)) };
}

/** Hashed at once while something is looked for. */
const PIECE = 0x10000;
const UNIFORM: ReadonlySet<number> = new Set([0xff, 0x00].map((byte) => crc32(new Uint8Array(PIECE).fill(byte))));

/** On a chip of which nothing is known that is not blank: the first 64 KiB that are not. None: there is nothing to lose. */
async function findLandmark(device: ChipAccess, claimed: number, signal: AbortSignal): Promise<Landmark[]> {
  for (let address = 0; address + PIECE <= claimed; address += PIECE) {
    const crc = await device.crc(address, PIECE, signal);
    if (!UNIFORM.has(crc)) return [byCrc(device, address, PIECE, crc, signal)];
  }
  return [];
}
