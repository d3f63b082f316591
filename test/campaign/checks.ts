/** What must hold after every attempt, whatever happened in it: looked up on the flash itself and on the host's disk. */
import { FLASHER_ERROR_CODES, remedyFor, type FlasherError, type FlashPlan } from "../../src/core/index";
import type { Attempt, Bench } from "./bench";
import { isGuarded, isRom } from "./devices";
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
  /** A damaged frame has hit the boot code: the chip that could tell it is silent, the job failed. */
  lost = false;
  /** A damaged register write has burned a fuse or set lock bits, and the job has said so. */
  private otherTold = false;
  /** Some attempt could not put the protection back; the next one that succeeds must. */
  private leftLifted = false;

  constructor(
    private readonly bench: Bench,
    /** Another one from the moment at which somebody else has written to the chip. */
    public task: Task,
  ) {}

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
    const { error, result, plan } = attempt;
    // A frame carries no checksum: what the chip did with a damaged one can be told, not prevented. Told, it is no violation.
    if (error?.code === "stray-write") this.excuse(error);
    this.checkPlaces(plan ?? bench.plan, error !== undefined);
    this.checkFiles();
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
    if (error) this.checkError(error);
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

  private checkPlaces(plan: FlashPlan | undefined, failed: boolean): void {
    const { medium, device, fault } = this.bench;
    for (const at of this.wrongIn(this.task.flash)) {
      const silent = failed && fault?.damagesFrames === true && !isRom(device.preset);
      if (at < BOOTLOADER_END && silent) {
        this.lost = true;
        continue;
      }
      const planned = plan?.sectors.some(({ start, end }) => at >= start && at < end) ?? false;
      if (!planned) this.violate(`0x${at.toString(16)} was changed, outside the plan`);
      if (at < BOOTLOADER_END && !this.bootIsStored()) this.violate("the boot code was touched");
      if (at === device.preset.calibrationAt && this.task.mayTouchCalibration !== true)
        this.violate("the calibration was touched");
    }
    if (this.task.changesFlash || !medium.changedInAttempt) return;
    this.violate("a job that only reads changed the flash");
  }

  /** Boot code may be touched where the job is for that, and only once a copy of it is on disk. */
  private bootIsStored(): boolean {
    const { disk, bootCopies } = this.bench;
    return this.task.mayTouchBoot === true && [...bootCopies.keys()].some((name) => disk.files().has(name));
  }

  private wrongIn(expected: Content): number[] {
    return this.bench.medium.differing(expected).filter((at) => !this.strays.has(at));
  }

  private notExpected({ result }: Attempt, sound: boolean): string | undefined {
    const { task } = this;
    if (!result || (!sound && task.claims?.(result) === false)) return undefined;
    const [first] = this.wrongIn(task.expected);
    return first === undefined ? undefined : `0x${first.toString(16)} does not hold what it should`;
  }

  private checkFiles(): void {
    const { disk, bootCopies } = this.bench;
    const right = new Map([...(this.task.files ?? []), ...bootCopies]);
    for (const wrong of judgeFiles(disk.files(), right)) this.violate(wrong);
  }

  /** A flash that was protected is protected again, as far as the chip still listened. */
  private checkProtection({ error, result, killed, leftUnprotected }: Attempt): void {
    const { chip, device } = this.bench;
    if (!isGuarded(device) || this.otherTold) return;
    // The lock that a fault may have put on is gone with the power.
    if ((chip.statusRegister & ~LOCKED) === (device.status & ~LOCKED)) return;
    // A job that was refused, or only reads, had nothing to put back.
    const stays = this.leftLifted && (error !== undefined || !this.task.changesFlash);
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
    if (error.flash === "untouched" && this.bench.medium.changedInAttempt)
      this.violate(`said to be untouched and is not (${error.code})`);
  }
}
