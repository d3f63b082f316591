/**
 * What flashes hold and held: contents as a base with changes, cells that one scenario after the other uses, and a watch
 * over every operation, so that after a job only what was touched has to be looked at. Knows no jobs.
 */
import { alignDown } from "../../src/core/base/bytes";
import { createChip, type Behaviour, type Preset } from "../../src/simulator/index";
import { noise } from "../../src/simulator/prng";

export const SECTOR = 0x1000;
const NOISE_FROM = 0x1c000;
const NOISE_END = 0x40000;
/** SRP0, SRP1 and the one-time bits LB1 to LB3. */
const LOCK_BITS = 0x0080 | 0x0100 | 0x3800;

export interface Patch {
  readonly at: number;
  readonly bytes: Uint8Array;
}

/** A whole flash: a base that many share, and sectors that differ from it. */
export class Content {
  private readonly own = new Map<number, Uint8Array>();

  constructor(
    readonly base: Uint8Array,
    patches: readonly Patch[] = [],
  ) {
    for (const { at, bytes } of patches) {
      for (let done = 0; done < bytes.length;) {
        const start = alignDown(at + done, SECTOR);
        const offset = at + done - start;
        const run = Math.min(SECTOR - offset, bytes.length - done);
        let sector = this.own.get(start);
        if (!sector) this.own.set(start, (sector = base.slice(start, start + SECTOR)));
        sector.set(bytes.subarray(done, done + run), offset);
        done += run;
      }
    }
  }

  /** Places that differ from the base. */
  get changed(): Iterable<number> {
    return this.own.keys();
  }

  sector(at: number): Uint8Array {
    return this.own.get(at) ?? this.base.subarray(at, at + SECTOR);
  }

  /** The same with more changes. */
  with(patches: readonly Patch[]): Content {
    const all = [...this.own].map(([at, bytes]): Patch => ({ at, bytes }));
    return new Content(this.base, [...all, ...patches]);
  }

  read(start: number, end: number): Uint8Array {
    const out = this.base.slice(start, end);
    for (const [at, bytes] of this.own) {
      if (at >= end || at + SECTOR <= start) continue;
      const from = Math.max(at, start);
      out.set(bytes.subarray(from - at, Math.min(at + SECTOR, end) - at), from - start);
    }
    return out;
  }

  whole(): Uint8Array {
    return this.read(0, this.base.length);
  }
}

const used = new Map<string, Uint8Array>();

/** A device in use: something in every sector around the application, so that nothing is kept by chance. */
export function usedFlash(preset: Preset): Uint8Array {
  let content = used.get(preset.id);
  if (!content) {
    const chip = createChip(preset, { pace: "none" });
    content = chip.flash.slice();
    chip.dispose();
    content.set(noise(77, NOISE_END - NOISE_FROM), NOISE_FROM);
    used.set(preset.id, content);
  }
  return content;
}

const blanks = new Map<number, Uint8Array>();

/** A flash of that size that answers zeros wherever it is read. */
export function zeros(size: number): Uint8Array {
  let content = blanks.get(size);
  if (!content) blanks.set(size, (content = new Uint8Array(size)));
  return content;
}

interface Cells {
  readonly bytes: Uint8Array;
  readonly dirty: Set<number>;
}

const pool = new WeakMap<Uint8Array, Cells>();

/** The cells of one chip and all that happens to them. Only one medium over the same base is in use at any time. */
export class Medium {
  readonly watch: Behaviour;
  /** Lock bits that were set where they had not been, in words. */
  readonly locked: string[] = [];
  private readonly memory: Cells;
  /** Sectors as they were when the running attempt first touched them. */
  private readonly before = new Map<number, Uint8Array>();
  private readonly touched = new Set<number>();

  /** @param status the status register at first: lock bits that are not set then must never be */
  constructor(
    readonly original: Content,
    private status: number,
  ) {
    this.memory = cellsFor(original.base);
    for (const at of original.changed) {
      this.cells.set(original.sector(at), at);
      this.memory.dirty.add(at);
    }
    this.watch = {
      onFlashOperation: (operation) => {
        if (operation.kind === "status") {
          const written = operation.bytes === 1 ? operation.value & 0xff : operation.value;
          const set = written & ~this.status & LOCK_BITS;
          if (set !== 0) this.locked.push(`lock bits ${set.toString(16)} with ${written.toString(16)}`);
        } else if (operation.kind === "erase") {
          this.touch(alignDown(operation.address, operation.size), operation.size);
        } else {
          this.touch(operation.address, operation.data.length);
        }
        return undefined;
      },
    };
  }

  get cells(): Uint8Array {
    return this.memory.bytes;
  }

  /** Somebody else has set a lock bit. */
  allowLock(bits: number): void {
    this.status |= bits;
  }

  /** Another attempt begins: what the flash holds now is what it had before. */
  beginAttempt(): void {
    this.before.clear();
  }

  /** True when this attempt has left any sector different. */
  get changedInAttempt(): boolean {
    return [...this.before].some(([at, bytes]) => !same(bytes, this.now(at)));
  }

  /** What a sector held when the running attempt began. */
  atBegin(sector: number): Uint8Array {
    return this.before.get(sector) ?? this.now(sector);
  }

  /** Addresses of sectors that do not hold what `expected`, of the same base as the original, says. */
  differing(expected: Content): number[] {
    const places = new Set([...this.touched, ...this.original.changed, ...expected.changed]);
    return [...places].filter((at) => !same(expected.sector(at), this.now(at))).sort((a, b) => a - b);
  }

  /** Something else than a job changes the flash: another tool, a programmer. */
  change({ at, bytes }: Patch): void {
    this.touch(at, bytes.length);
    this.cells.set(bytes, at);
  }

  /** Puts a sector back as it was at first: what is known of it already is no news any more. */
  putBack(at: number): void {
    this.cells.set(this.original.sector(at), at);
  }

  now(at: number): Uint8Array {
    return this.cells.subarray(at, at + SECTOR);
  }

  private touch(address: number, length: number): void {
    for (let at = alignDown(address, SECTOR); at < address + length; at += SECTOR) {
      const sector = at % this.cells.length;
      this.memory.dirty.add(sector);
      this.touched.add(sector);
      if (!this.before.has(sector)) this.before.set(sector, this.cells.slice(sector, sector + SECTOR));
    }
  }
}

/** Cells that hold `base`, put right where the last user left them otherwise. */
function cellsFor(base: Uint8Array): Cells {
  let cells = pool.get(base);
  if (!cells) pool.set(base, (cells = { bytes: base.slice(), dirty: new Set() }));
  for (const at of cells.dirty) cells.bytes.set(base.subarray(at, at + SECTOR), at);
  cells.dirty.clear();
  return cells;
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
