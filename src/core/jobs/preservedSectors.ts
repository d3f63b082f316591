/**
 * What sectors held of which a plan keeps a part, and so what each sector of the plan is to hold. Read before the first erase,
 * unless an interrupted job left it or the chip's CRC has told. Changes nothing.
 */
import { SECTOR, equalBytes } from "../base/bytes";
import { crc32 } from "../base/checksum";
import type { FlashPlan } from "../plan/flashPlan";
import { preservedSectors, sectorContent } from "../plan/planWrite";
import type { SectorContent } from "./compareSectors";
import type { JobContext } from "./jobContext";
import type { JobEvent } from "./events";
import { readSectors } from "./readFlash";

type Run<T> = AsyncGenerator<JobEvent, T, void>;

const BLANK: Uint8Array = new Uint8Array(SECTOR).fill(0xff);

export class Keeping {
  private readonly before: Map<number, Uint8Array>;
  private readonly sectors: readonly number[];

  /** @param fromJournal of an interrupted job, of sectors that it may have erased: the chip no longer has it */
  constructor(
    private readonly plan: FlashPlan,
    private readonly fromJournal: ReadonlyMap<number, Uint8Array> = new Map(),
  ) {
    this.before = new Map(fromJournal);
    this.sectors = preservedSectors(plan);
  }

  /** For writing: what was to be kept and is not known is an error. */
  readonly content: SectorContent = (address) => sectorContent(this.plan, address, this.before.get(address));

  /**
   * For comparing: bytes that are kept and not known yet count as blank, which behind an application they nearly always are. A
   * sector of which the chip's CRC agrees to that needs no reading.
   */
  readonly supposed: SectorContent = (address) => sectorContent(this.plan, address, this.before.get(address) ?? BLANK);

  /**
   * Reads what is not known. Must come before the first erase.
   * @param same addresses of sectors shown to hold what was supposed; those that turn out to be right as well are added
   */
  async *readRest(context: JobContext, same: Set<number>): Run<void> {
    const unknown = this.sectors.filter((address) => !this.before.has(address));
    for (const address of unknown.filter((each) => same.has(each))) this.before.set(address, this.supposed(address));
    const toRead = unknown.filter((address) => !same.has(address));
    if (toRead.length === 0) return;
    for (const [address, bytes] of yield* readSectors(context, toRead)) {
      this.before.set(address, bytes);
      if (equalBytes(this.content(address), bytes)) same.add(address);
    }
  }

  /** For whoever wants to resume; see the event. */
  told(): JobEvent {
    const touched = this.sectors.filter((address) => this.fromJournal.has(address));
    return { type: "kept", plan: this.plan, before: this.before, touched };
  }

  /** CRC-32 of what was read of sectors, by address; of those of which nothing is lost, whatever becomes of them. */
  crcs(): [number, number][] {
    return this.sectors.flatMap((address): [number, number][] => {
      const before = this.fromJournal.has(address) ? undefined : this.before.get(address);
      const keepsNothing = before && equalBytes(this.content(address), sectorContent(this.plan, address, BLANK));
      return keepsNothing ? [[address, crc32(before)]] : [];
    });
  }
}
