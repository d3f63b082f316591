/**
 * What a job knows of the chip's flash, sector by sector: what it has read, and what it has left there itself. A chip that has
 * nothing of its own to be told by is told by this after a gap in the link. Pure; asks nothing.
 */
import { SECTOR } from "../base/bytes";
import { crc32 } from "../base/checksum";
import { rangeOf, split, type Range } from "../base/ranges";

export interface Witness {
  readonly address: number;
  /** CRC-32 of the sector. */
  readonly crc: number;
  /** Erased or programmed by this job, which no firmware has done meanwhile. */
  readonly isOurs: boolean;
}

const BLANK = crc32(new Uint8Array(SECTOR).fill(0xff));
/** So many of each kind are asked for: a chip without calibration is rare, and so are gaps. */
const ASKED = 6;

export class KnownSectors {
  private readonly sectors = new Map<number, Witness>();

  read(address: number, sector: Uint8Array): void {
    const crc = crc32(sector);
    const before = this.sectors.get(address);
    this.put({ address, crc, isOurs: before?.isOurs === true && before.crc === crc });
  }

  /** @param data what was programmed; left out, it was erased */
  changed(address: number, length: number, data?: Uint8Array): void {
    for (const { start } of split([rangeOf(address, length)], SECTOR))
      this.put({ address: start, crc: data ? crc32(data) : BLANK, isOurs: true });
  }

  /** What came out other than it should, or is about to change. */
  forget(range: Range): void {
    for (const { start } of split([range], SECTOR)) this.sectors.delete(start);
  }

  clear(): void {
    this.sectors.clear();
  }

  /** The best to tell a chip by: what was done last, what is not blank, and what lies behind applications. */
  witnesses(flashSize: number): readonly Witness[] {
    // Addresses past the end reach the boot code again.
    const all = [...this.sectors.values()].filter(({ address }) => address < flashSize);
    const ours = all.filter(({ isOurs }) => isOurs).reverse();
    const telling = [...ours.filter(({ crc }) => crc !== BLANK), ...ours.filter(({ crc }) => crc === BLANK)];
    const read = all.filter(({ isOurs, crc }) => !isOurs && crc !== BLANK).sort((a, b) => b.address - a.address);
    return [...telling.slice(0, ASKED), ...read.slice(0, ASKED)];
  }

  /** Latest last. */
  private put(witness: Witness): void {
    this.sectors.delete(witness.address);
    this.sectors.set(witness.address, witness);
  }
}

/** True where too much of what was known is something else now; one sector alone may have been worn, or written by firmware. */
export function speakAgainst(witnesses: readonly Witness[], differing: ReadonlySet<number>): boolean {
  return [true, false].some((isOurs) => {
    const asked = witnesses.filter((witness) => witness.isOurs === isOurs);
    const other = asked.filter(({ address }) => differing.has(address));
    return asked.length > 0 && 2 * other.length >= asked.length;
  });
}
