/**
 * NOR flash: erasing sets bits, programming only clears them, addresses wrap at the size, and a status register
 * decides what is write-protected. No time passes here; how far an interrupted operation got is told to it.
 * Source: public datasheets of GD25Q16 and its likes.
 */
import { alignDown } from "../../core/base/bytes";
import { CRC_START, hashed } from "./checksums";
import { mix } from "../prng";
import type { SimulatedPart } from "./simulatedParts";

export type FlashOperation =
  /** `address` may be anywhere in the block: the flash rounds it down. */
  | { readonly kind: "erase"; readonly size: number; readonly address: number }
  | { readonly kind: "program"; readonly address: number; readonly data: Uint8Array }
  | { readonly kind: "status"; readonly value: number; readonly bytes: 1 | 2 };

export interface FlashResult {
  /** Where it happened: the address in the array, rounded down to the block for an erase. */
  readonly physical: number;
  /** True when the flash's own protection made it do nothing. */
  readonly ignored: boolean;
  /** True when any byte of the first sector is different now. */
  readonly touchedStart: boolean;
}

const PROTECT_STEP = 0x10000;
const FIRST_SECTOR = 0x1000;
const STATUS_LOCK = 0x0100;
const WRITABLE_STATUS = 0x7ffc | 0x0380;

/** Cells for a flash of `size` bytes: a copy of `content`, FF behind it. */
export function flashCells(size: number, content: Uint8Array = new Uint8Array(0)): Uint8Array {
  if (content.length >= size) return content.slice(0, size);
  const cells = new Uint8Array(size).fill(0xff);
  cells.set(content);
  return cells;
}

export class FlashArray {
  /**
   * @param bytes the cells, as many as the part has; changed in place
   * @param status registers 1 (low byte) and 2; kept without power
   */
  constructor(
    readonly part: SimulatedPart,
    readonly bytes: Uint8Array,
    public status: number,
  ) {
    if (bytes.length !== part.size) throw new RangeError(`${part.name} has ${part.size} bytes, not ${bytes.length}`);
  }

  /** Carries the operation out; `progress` below 1 stops in the middle of it, as failing power does. */
  apply(operation: FlashOperation, progress = 1): FlashResult {
    const ignored = this.ignores(operation);
    switch (operation.kind) {
      case "erase":
        return this.erase(operation.address, operation.size, progress, ignored);
      case "program":
        return this.program(operation.address, operation.data, progress, ignored);
      case "status":
        return this.writeStatus(operation.value, operation.bytes, progress, ignored);
    }
  }

  /** True when protection makes the flash do nothing about it. */
  ignores(operation: FlashOperation): boolean {
    switch (operation.kind) {
      case "erase": {
        const start = alignDown(operation.address % this.bytes.length, operation.size);
        return this.isProtected(start, start + operation.size);
      }
      case "program": {
        const { length } = this.bytes;
        const start = operation.address % length;
        const end = start + operation.data.length;
        return this.isProtected(start, Math.min(end, length)) || (end > length && this.isProtected(0, end - length));
      }
      case "status":
        return (this.status & STATUS_LOCK) !== 0;
    }
  }

  /** A copy of `length` bytes from `address`, wrapping at the end. */
  read(address: number, length: number): Uint8Array {
    const out = new Uint8Array(length);
    for (let done = 0; done < length;) {
      const at = (address + done) % this.bytes.length;
      const run = Math.min(length - done, this.bytes.length - at);
      out.set(this.bytes.subarray(at, at + run), done);
      done += run;
    }
    return out;
  }

  /** CRC-32 of `length` bytes from `address`, wrapping at the end, in the form chips answer with: not inverted. */
  crc(address: number, length: number): number {
    let raw = CRC_START;
    let at = address % this.bytes.length;
    for (let left = length; left > 0; at = 0) {
      const end = Math.min(this.bytes.length, at + left);
      raw = hashed(this.bytes, raw, at, end);
      left -= end - at;
    }
    return raw;
  }

  /** Power-up: a status register locked until then can be written again. */
  powerUp(): void {
    this.status &= ~STATUS_LOCK;
  }

  private erase(address: number, size: number, progress: number, ignored: boolean): FlashResult {
    const start = alignDown(address % this.bytes.length, size);
    if (ignored) return { physical: start, ignored, touchedStart: false };
    const before = start < FIRST_SECTOR ? this.bytes.slice(0, FIRST_SECTOR) : undefined;
    const done = Math.floor(size * progress);
    this.bytes.fill(0xff, start, start + done);
    // Cells that were being raised when power failed read as anything between.
    const torn = Math.min(size, done + (progress < 1 ? FIRST_SECTOR / 4 : 0));
    for (let i = start + done; i < start + torn; i++) this.bytes[i] = (this.bytes[i] as number) | (mix(i) & 0xff);
    return { physical: start, ignored, touchedStart: this.startChanged(before) };
  }

  private program(address: number, data: Uint8Array, progress: number, ignored: boolean): FlashResult {
    const start = address % this.bytes.length;
    if (ignored) return { physical: start, ignored, touchedStart: false };
    const before = start < FIRST_SECTOR ? this.bytes.slice(0, FIRST_SECTOR) : undefined;
    const done = Math.floor(data.length * progress);
    for (let i = 0; i < done; i++) this.clearBits(start + i, data[i] as number);
    if (progress < 1 && done < data.length) this.clearBits(start + done, (data[done] as number) | (mix(done) & 0xff));
    return { physical: start, ignored, touchedStart: this.startChanged(before) };
  }

  private clearBits(at: number, value: number): void {
    const index = at % this.bytes.length;
    this.bytes[index] = (this.bytes[index] as number) & value;
  }

  private writeStatus(value: number, bytes: 1 | 2, progress: number, ignored: boolean): FlashResult {
    if (!ignored && progress === 1) {
      const wanted = bytes === 2 ? value : (this.status & 0xff00) | (value & 0xff);
      this.status = wanted & WRITABLE_STATUS;
    }
    return { physical: 0, ignored, touchedStart: false };
  }

  private startChanged(before: Uint8Array | undefined): boolean {
    return before !== undefined && before.some((byte, index) => byte !== this.bytes[index]);
  }

  /** True when any byte of the range is protected: the flash then refuses all of it, silently. */
  isProtected(start: number, end: number): boolean {
    const [from, to] = protectedRange(this.status, this.bytes.length);
    const complement = (this.status & 0x4000) !== 0;
    if (!complement) return start < to && end > from;
    return start < from || Math.min(end, this.bytes.length) > to;
  }
}

/**
 * What BP0..BP4 (bits 2..6) protect, without the complement bit: a range [from, to) of bytes, empty when nothing.
 * BP0..BP2 say how much, BP3 from which end, BP4 in 4 KiB instead of 64 KiB steps.
 */
export function protectedRange(status: number, size: number): readonly [number, number] {
  const amount = (status >> 2) & 7;
  const fromBottom = (status & 0x20) !== 0;
  const small = (status & 0x40) !== 0;
  if (amount === 0) return [0, 0];
  if (amount === 7 || (!small && amount === 6)) return [0, size];
  const length = small ? Math.min(FIRST_SECTOR << (amount - 1), 0x8000) : PROTECT_STEP << (amount - 1);
  const bounded = Math.min(length, size);
  return fromBottom ? [0, bounded] : [size - bounded, size];
}
