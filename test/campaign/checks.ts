/** What must hold after every attempt, whatever happened in it: looked up on the flash itself and on the host's disk. */
import {
  FLASHER_ERROR_CODES,
  english,
  remedyFor,
  type FlasherError,
  type JobResult,
  type StartCheck,
} from "../../src/core/index";
import { APP_AT, startsAt } from "../../src/simulator/flash/flashImages";
import type { Attempt, Bench } from "./bench";
import { isGuarded, isRom } from "./devices";
import { keptOnDisk } from "./journals";
import { SECTOR, type Content } from "./medium";
import { judgeFiles } from "./programs";
import type { Task } from "./tasks";

const BOOTLOADER_END = 0x11000;
const BLOCK = 0x10000;
const LOCKED = 0x0100;
/** The chip does not hear any more: what a job would have put back stays as it is. */
const OUT_OF_REACH = [
  "port-lost",
  "port-not-found",
  "reply-timeout",
  "reply-invalid",
  "chip-changed",
  "no-link-silence",
  "no-link-noise",
  "no-link-echo",
  "baud-change-failed",
];

export class Checks {
  readonly violations: string[] = [];
  /** Sectors that a job has said to be changed outside of its plan. */
  readonly strays = new Set<number>();
  /**
   * Sectors with bytes to be kept in which a damaged frame has left something else than those, and than blanks: to the next job that
   * is what was put there since, and it counts.
   */
  private readonly garbled = new Set<number>();
  /** A damaged frame has hit the boot code: the chip that could tell it is silent, the job failed. */
  lost = false;
  /** A damaged register write has burned a fuse or set lock bits, and the job has said so. */
  private otherTold = false;
  /** Some attempt could not put the protection back; the next one that succeeds must. */
  private leftLifted = false;

  /** The attempt before was killed when it had changed something and was not done: whoever keeps a list of those has it on it. */
  private wasInterrupted = false;

  constructor(private readonly bench: Bench) {}

  get task(): Task {
    return this.bench.task;
  }

  get lockTold(): boolean {
    return this.otherTold;
  }

  get told(): boolean {
    return this.strays.size > 0 || this.otherTold;
  }

  violate(what: string): void {
    this.violations.push(what);
  }

  /** @param sound nothing disturbed this attempt */
  after(attempt: Attempt, sound: boolean): void {
    const { bench, task } = this;
    const { error, result } = attempt;
    if (this.wasInterrupted && bench.offered === 0) this.violate("nobody is offered to go on with the interrupted job");
    this.wasInterrupted = attempt.killed && bench.watch.changes > 0 && bench.medium.differing(task.expected).length > 0;
    // A frame carries no checksum: what the chip did with a damaged one can be told, not prevented. Told, it is no violation.
    if (error?.code === "stray-write") this.excuse(error);
    for (const { address, length } of attempt.possible)
      for (let at = address; at < address + length; at += SECTOR) this.strays.add(at);
    this.checkPlan(attempt);
    this.checkPlaces(error !== undefined);
    // What was not proven is not claimed.
    if (result === undefined || task.claims?.(result) !== false) this.checkKept(result === undefined);
    this.checkFiles();
    this.checkClaim();
    this.violations.push(...bench.watch.violations.splice(0));
    this.checkProtection(attempt);
    if (bench.chip.counters.fusesBurned > 0 && !this.otherTold) this.violate("a fuse was burned");
    for (const locked of bench.medium.locked.splice(0))
      if (!this.otherTold) this.violate(`the status register got ${locked}`);
    if (result) {
      // A dead flash is known by its zeros, and a damaged reading is none.
      const mayLook = task.mustFail === "flash-dead" && !sound;
      if (task.mustFail !== undefined && !mayLook)
        this.violate(`success was claimed, where only ${task.mustFail} is right`);
      const wrong = task.judge?.(result) ?? this.notExpected(attempt, sound);
      if (wrong !== undefined) this.violate(`success was claimed${sound ? " by an undisturbed run" : ""}: ${wrong}`);
    }
    if (result && task.claims?.(result) !== false) this.checkStart(result);
    if (result?.kind === "flash" && result.started) this.checkSeen(result.started);
    if (error) this.checkError(error);
  }

  /** What was seen of the application: never more than is so, and the chip is not left where it was asked to go, or that is said. */
  private checkSeen({ kind, next }: StartCheck): void {
    const { firmware } = this.task;
    if (kind === "running" && firmware !== "libretiny")
      this.violate(`it was told that the application runs: ${firmware ?? "what it came with"}`);
    const told = next.some((step) => /Cut the power/.test(english(step)));
    if (this.bench.chip.state === "linked" && !told) this.violate("the chip was left in its loader");
  }

  /** Whether the device starts is told as it is, or not at all; the chip itself must agree with what is held against it. */
  private checkStart(result: JobResult): void {
    const { starts } = this.task;
    const { preset } = this.bench.device;
    const said =
      result.kind === "info" ? result.chip.start?.starts : "plan" in result ? result.plan.start?.starts : undefined;
    if (starts === undefined) return;
    if (said === (starts ? "no" : "yes")) this.violate(`it was told that the device starts: ${said}`);
    const { cells } = this.bench.medium;
    if (starts && ![0, APP_AT].every((at) => startsAt(cells, preset.key, at, preset.core)))
      this.violate("the device was to start, and does not");
  }

  /** After a kill the next run does at most one block more than was left. */
  afterResume(before: readonly Attempt[], { result, plan }: Attempt): void {
    const stored = Math.max(0, ...before.map((attempt) => attempt.stored));
    if (result?.kind === "backup" && result.bytesTaken < stored - BLOCK)
      this.violate(`${stored} bytes were stored, and only ${result.bytesTaken} of them taken over`);
    if (result?.kind !== "flash" || !result.verified || !plan) return;
    const left = plan.totals.write - stored;
    if (result.bytesWritten > left + BLOCK)
      this.violate(`${left} bytes were left to write, and ${result.bytesWritten} were written`);
  }

  private excuse({ context }: FlasherError): void {
    const { address, length = 0 } = context;
    if (address === undefined) {
      this.otherTold = true;
      return;
    }
    for (let at = address; at < address + length; at += SECTOR) this.strays.add(at);
  }

  private checkPlan({ plan }: Attempt): void {
    for (const { start, end } of plan?.sectors ?? [])
      if (!this.task.footprint.covers(start, end))
        this.violate(`${start.toString(16)}..${end.toString(16)} was planned, which is not the job's to change`);
  }

  private checkPlaces(failed: boolean): void {
    const { device, fault } = this.bench;
    const { footprint } = this.task;
    for (const at of this.wrongIn(this.task.flash)) {
      const silent = failed && fault?.damagesFrames === true && !isRom(device.preset);
      if (at < BOOTLOADER_END && silent) {
        this.lost = true;
        continue;
      }
      if (!footprint.sectors.has(at))
        this.violate(`0x${at.toString(16)} was changed, which is not the job's to change`);
      if (at < BOOTLOADER_END && !this.bench.bootIsStored()) this.violate("the boot code was touched");
    }
  }

  /** What a job must keep of the sectors that it changes is on the chip, or on disk where the next job finds it. */
  private checkKept(failed: boolean): void {
    const { medium, disk } = this.bench;
    const { footprint, flash } = this.task;
    for (const at of this.wrongIn(flash)) {
      const right = flash.sector(at);
      const held = footprint.sectors.has(at) ? footprint.keptIn(at) : [];
      const missing = held
        .filter(({ start, end }) => differ(right, medium.now(at), start - at, end - at))
        .filter(({ start, end }) => !this.bench.journalDamaged || !isBlank(medium.now(at), start - at, end - at));
      if (missing.length === 0) continue;
      if (
        failed &&
        this.bench.fault?.damagesFrames === true &&
        missing.some(({ start, end }) => !isBlank(medium.now(at), start - at, end - at))
      )
        this.garbled.add(at);
      const stored = keptOnDisk(disk.files()).filter(({ address }) => address === at);
      for (const { start, end } of missing)
        if (!stored.some(({ content }) => !differ(right, content, start - at, end - at)))
          this.violate(
            `${start.toString(16)}..${end.toString(16)} was to be kept, and is neither on the chip nor on disk`,
          );
    }
  }

  private wrongIn(expected: Content): number[] {
    return this.bench.medium.differing(expected).filter((at) => !this.strays.has(at) && !this.garbled.has(at));
  }

  private notExpected({ result }: Attempt, sound: boolean): string | undefined {
    const { task } = this;
    if (!result || (!sound && task.claims?.(result) === false)) return undefined;
    const [first] = this.wrongIn(task.expected).filter((at) => !this.isKeptAndTold(at));
    return first === undefined ? undefined : `0x${first.toString(16)} does not hold what it should`;
  }

  /**
   * Of a device that nothing tells from others of its kind, what an interrupted job took out is not put back into whatever answers:
   * all else is right, and a person was told of the journal that has it.
   */
  private isKeptAndTold(at: number): boolean {
    const { medium, disk, leftAlone, journalDamaged } = this.bench;
    const { footprint, expected } = this.task;
    const right = expected.sector(at);
    if ((leftAlone.size === 0 && !journalDamaged) || !footprint.sectors.has(at)) return false;
    if (footprint.ownIn(at).some(({ start, end }) => differ(right, medium.now(at), start - at, end - at))) return false;
    if (journalDamaged)
      return footprint.keptIn(at).every(({ start, end }) => isBlank(medium.now(at), start - at, end - at));
    const stored = keptOnDisk(disk.files()).filter(({ address }) => address === at);
    return footprint
      .keptIn(at)
      .every(({ start, end }) => stored.some(({ content }) => !differ(right, content, start - at, end - at)));
  }

  private checkFiles(): void {
    const { disk, bootCopies } = this.bench;
    const right = new Map([...(this.task.files ?? []), ...bootCopies]);
    for (const wrong of judgeFiles(disk.files(), right)) this.violate(wrong);
  }

  /** Also after a kill: a ledger tells what is on the chip. */
  private checkClaim(): void {
    const { bench, task } = this;
    if (task.claimedOnDisk?.(bench.disk.files()) !== true) return;
    const [first] = this.wrongIn(task.expected).filter((at) => !this.isKeptAndTold(at));
    if (first !== undefined)
      this.violate(`the ledger says that it is done, and 0x${first.toString(16)} does not hold it`);
  }

  /** A flash that was protected is protected again, as far as the chip still listened. */
  private checkProtection({ error, result, killed, leftUnprotected }: Attempt): void {
    const { chip, device } = this.bench;
    if (!isGuarded(device) || this.otherTold) return;
    // The lock that a fault may have put on is gone with the power.
    if ((chip.statusRegister & ~LOCKED) === (device.status & ~LOCKED)) return;
    // A job that was refused, or only reads, had nothing to put back; nor had one that cannot know that the device is the one of which
    // an interrupted job has lifted it.
    const unknown = this.task.hasTwins === true;
    const stays = this.leftLifted && (error !== undefined || !this.task.changesFlash || unknown);
    const excused = killed || stays || leftUnprotected || (error !== undefined && OUT_OF_REACH.includes(error.code));
    if (!excused)
      this.violate(
        `the flash had status ${device.status.toString(16)} and is left with ${chip.statusRegister.toString(16)} after ${error?.code ?? result?.kind}`,
      );
    this.leftLifted = true;
  }

  private checkError(error: FlasherError): void {
    const { steps, title } = remedyFor(error);
    if (!FLASHER_ERROR_CODES.includes(error.code)) this.violate(`no code: ${error.message}`);
    if (error.code === "internal" || error.code === "frame-refused")
      this.violate(`our own fault: ${error.message} ${String(error.stack)}`);
    if (title === "" || steps.length === 0) this.violate(`no advice for ${error.code}`);
    this.checkTold(error);
  }

  /** What a failure says of the flash is so. That a flash ignored what was sent is found out by reading, and is no change. */
  private checkTold({ code, flash, outside }: FlasherError): void {
    const { medium, watch } = this.bench;
    const { footprint, expected } = this.task;
    if (flash === "untouched" && medium.changedInAttempt) this.violate(`said to be untouched and is not (${code})`);
    if (flash !== "untouched" && watch.changes === 0)
      this.violate(`said to be ${flash}, and nothing was sent (${code})`);
    if (flash === "written")
      for (const at of footprint.sectors)
        if (!watch.hasSent(medium.atBegin(at), expected, at))
          this.violate(`said to be written, and ${at.toString(16)} was not (${code})`);
    if (flash === "partly-written" && outside === "untouched")
      for (const at of medium.differing(this.task.flash))
        if (!footprint.sectors.has(at))
          this.violate(`nothing else was said to be changed, and ${at.toString(16)} is (${code})`);
  }
}

function isBlank(bytes: Uint8Array, start: number, end: number): boolean {
  return bytes.subarray(start, end).every((byte) => byte === 0xff);
}

function differ(a: Uint8Array, b: Uint8Array, start: number, end: number): boolean {
  return Buffer.compare(a.subarray(start, end), b.subarray(start, end)) !== 0;
}
