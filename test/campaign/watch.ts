/**
 * Stands between the host and its line, before anything is damaged: every frame that changes flash is held against what the task
 * may change, whatever the product has planned. Remembers what was sent, so that what a failure says can be judged.
 */
import type { Device } from "./devices";
import { flashFrames, type FlashFrame } from "./hostFrames";
import { SECTOR, type Content } from "./medium";
import type { Task } from "./tasks";

const BOOT_END = 0x11000;
const BLANK = new Uint8Array(SECTOR).fill(0xff);
const LOCK_BITS = 0x0080 | 0x0100 | 0x3800;

export interface Surroundings {
  readonly device: Device;
  /** As it is now: another one once somebody else has written to the chip. */
  task(): Task;
  statusRegister(): number;
  /** A copy of the boot code is on disk, and is right. */
  bootIsStored(): boolean;
  /** A dump of this device as it was is on disk, with its manifest. */
  isBackedUp(): boolean;
}

export class Watch {
  readonly violations: string[] = [];
  /** Erases and programs of the running attempt. */
  changes = 0;
  private readonly erased = new Set<number>();
  private readonly programs: { readonly at: number; readonly data: Uint8Array }[] = [];

  constructor(private readonly around: Surroundings) {}

  beginAttempt(): void {
    this.changes = 0;
    this.erased.clear();
    this.programs.length = 0;
  }

  sent(bytes: Uint8Array): void {
    for (const frame of flashFrames(bytes)) this.judge(frame);
  }

  /** True when the attempt has sent all that it takes to make `before` into what is expected there. */
  hasSent(before: Uint8Array, expected: Content, sector: number): boolean {
    const sent = (this.erased.has(sector) ? BLANK : before).slice();
    for (const { at, data } of this.programs) {
      if (at >= sector + SECTOR || at + data.length <= sector) continue;
      const from = Math.max(at, sector);
      sent.set(data.subarray(from - at, sector + SECTOR - at), from - sector);
    }
    return Buffer.compare(sent, expected.sector(sector)) === 0;
  }

  private judge(frame: FlashFrame): void {
    if (frame.kind === "forbidden") return this.violate(`${frame.what} was sent`);
    if (frame.kind === "status") {
      const set = frame.value & LOCK_BITS & ~(this.around.statusRegister() | this.around.device.status);
      if (set !== 0) this.violate(`lock bits ${set.toString(16)} were sent`);
      return;
    }
    const { device } = this.around;
    const task = this.around.task();
    const size = device.base.length;
    const length = frame.kind === "erase" ? frame.length : frame.data.length;
    // The flash drops the bits above its size, and wraps.
    const start = frame.at % size;
    const where = `${frame.kind} of ${length} at ${frame.at.toString(16)}`;
    if (start + length > size || !task.footprint.covers(start, start + length))
      this.violate(`${where} was sent, which is not the job's to change`);
    if (start < BOOT_END && !this.around.bootIsStored())
      this.violate(`${where} was sent with no copy of the boot code`);
    if (this.changes++ === 0 && task.backsUpFirst === true && !this.around.isBackedUp())
      this.violate(`${where} was sent with no backup of this device on disk`);
    this.remember(frame, start);
  }

  private remember(frame: Extract<FlashFrame, { kind: "erase" | "program" }>, start: number): void {
    if (frame.kind === "erase") {
      for (let at = start; at < start + frame.length; at += SECTOR) this.erased.add(at);
      // What was programmed there before is gone again.
      const left = this.programs.filter(({ at }) => at < start || at >= start + frame.length);
      if (left.length < this.programs.length) this.programs.splice(0, Infinity, ...left);
      return;
    }
    this.programs.push({ at: start, data: frame.data });
  }

  private violate(what: string): void {
    this.violations.push(what);
  }
}
