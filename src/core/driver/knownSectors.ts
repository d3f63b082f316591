/**
 * What a job knows of the chip's flash, sector by sector: what it has read, and what it has left there itself. After a
 * gap in the link this identifies a chip that has no MAC and no calibration of its own. Pure; asks nothing.
 */
import { crc32 } from "../base/checksum";
import { rangeOf, split, type Range } from "../base/ranges";

export interface Witness {
  readonly address: number;
  /** CRC-32 of the sector. */
  readonly crc: number;
  readonly isBlank: boolean;
  /** Erased or programmed by this job, which no firmware has done meanwhile. */
  readonly isOurs: boolean;
}

/** Programmed by this job, erased by it, read and not blank. */
const KINDS: readonly ((witness: Witness) => boolean)[] = [
  ({ isOurs, isBlank }) => isOurs && !isBlank,
  ({ isOurs, isBlank }) => isOurs && isBlank,
  ({ isOurs, isBlank }) => !isOurs && !isBlank,
];

/** So many of each kind are asked for: a chip without calibration is rare, and so are gaps. */
const ASKED = 8;

export class KnownSectors {
  private readonly sectors = new Map<number, Witness>();
  /** CRC-32 of a blank one. */
  private readonly blank: number;

  /** @param sector bytes that the device reads, erases and writes at once */
  constructor(private readonly sector: number) {
    this.blank = crc32(new Uint8Array(sector).fill(0xff));
  }

  read(address: number, sector: Uint8Array): void {
    const crc = crc32(sector);
    const before = this.sectors.get(address);
    this.put(address, crc, before?.isOurs === true && before.crc === crc);
  }

  /** @param data what was programmed; left out, it was erased */
  changed(address: number, length: number, data?: Uint8Array): void {
    for (const { start } of split([rangeOf(address, length)], this.sector))
      this.put(start, data ? crc32(data) : this.blank, true);
  }

  /** CRC-32 of what this job left in a sector; undefined where it left it alone, or the content is not known. */
  written(address: number): number | undefined {
    const known = this.sectors.get(address);
    return known?.isOurs === true ? known.crc : undefined;
  }

  /** What came out other than it should, or is about to change. */
  forget(range: Range): void {
    for (const { start } of split([range], this.sector)) this.sectors.delete(start);
  }

  clear(): void {
    this.sectors.clear();
  }

  /** The best to tell a chip by: what was done last, what was erased all over the place, and what lies behind applications. */
  witnesses(flashSize: number): readonly Witness[] {
    // Addresses past the end reach the boot code again.
    const all = [...this.sectors.values()].filter(({ address }) => address < flashSize);
    const [written, erased, read] = KINDS.map((kind) => all.filter(kind)) as [Witness[], Witness[], Witness[]];
    const step = Math.max(1, Math.ceil(erased.length / ASKED));
    return [
      ...written.slice(-ASKED),
      ...erased.filter((_, i) => i % step === 0),
      ...read.sort((a, b) => b.address - a.address).slice(0, ASKED),
    ];
  }

  /** Latest last. */
  private put(address: number, crc: number, isOurs: boolean): void {
    this.sectors.delete(address);
    this.sectors.set(address, { address, crc, isBlank: crc === this.blank, isOurs });
  }
}

/**
 * True where half of what was programmed, or of what was read, is something else now: one sector alone may be worn, or written by
 * firmware. Of what was erased one is enough: another chip may well be blank in most places.
 */
export function speakAgainst(witnesses: readonly Witness[], differing: ReadonlySet<number>): boolean {
  const [written, erased, read] = KINDS.map((kind) => {
    const asked = witnesses.filter(kind);
    return { asked: asked.length, other: asked.filter(({ address }) => differing.has(address)).length };
  }) as [Count, Count, Count];
  return isHalf(written) || isHalf(read) || erased.other > 0;
}

interface Count {
  readonly asked: number;
  readonly other: number;
}

function isHalf({ asked, other }: Count): boolean {
  return asked > 0 && 2 * other >= asked;
}
