/**
 * One file for device after device: waits for one on each port, checks it, flashes it, writes down how that went, and waits for the next.
 * Several ports are served at once, from one ledger. The person agrees once, to the plan for the first device; what differs from it is
 * refused, and the round goes on. How a port is reached and a job runs on it is the caller's ({@link RoundLine}).
 */
import { compareDevices, deviceMark, type DeviceMark } from "../backup/manifest";
import { TransportError, asFlasherError, isCancelled, isFlasherError, type FlasherError } from "../base/errors";
import { TIMING, throwIfAborted, type Clock } from "../base/timing";
import { english, words, type Words } from "../base/words";
import type { ChipIdentity } from "../beken/chips/types";
import type { Approve, FlashResult, JobEvent } from "../jobs/events";
import {
  devicesDone,
  doneBefore,
  isDoubtful,
  mayBeSame,
  objectionToDevice,
  objectionToPlan,
  pastOf,
  rulesFrom,
  type RoundObjection,
} from "./roundRules";
import { Attempt } from "./attempt";
import { isDone, type RoundEntry, type RoundLedger, type RoundRules } from "./roundLedger";

/** How a device was flashed: proven on the chip. */
export interface RoundFlashed {
  /** Whether its firmware was seen to run; left out where that was not looked for or could not be told. */
  readonly runs?: boolean | undefined;
  /** Why not. */
  readonly detail?: string | undefined;
}

/** What a flash has shown of the firmware: who did not answer may run all the same. */
export function flashedOf({ started }: Pick<FlashResult, "started">): RoundFlashed {
  if (started === undefined) return {};
  const { kind, summary } = started;
  if (kind === "running") return { runs: true };
  const isSeen = kind === "restarting" || kind === "in-loader";
  return { ...(isSeen && { runs: false }), detail: english(summary) };
}

/** One port, as whoever runs the round reaches it. */
export interface RoundLine {
  readonly port: string;
  /**
   * Waits for a chip that answers, and identifies it. It stays linked.
   * @param watch told every event
   * @throws LinkError when none came in time; TransportError where the port is not there
   */
  identify(watch: (event: JobEvent) => void, signal: AbortSignal): Promise<ChipIdentity>;
  /**
   * The file to the chip that is linked: backed up first, verified, restarted.
   * @param approve to be asked by the job, before anything is touched
   * @param backedUp to be told the name of the backup, made now or found
   */
  flash(approve: Approve, backedUp: (name: string) => void, signal: AbortSignal): Promise<RoundFlashed>;
  /**
   * Whether the chip that is linked holds the file: asked where nothing else tells whether it was dealt with.
   * @throws where that could not be found out
   */
  holdsFile(signal: AbortSignal): Promise<boolean>;
  /** Sends the chip that is linked back to its firmware. */
  restart(signal: AbortSignal): Promise<void>;
  /** Lets go of the port; the next {@link identify} opens it again. */
  close(): Promise<void>;
}

/** Where the ledger is kept. What it resolves to is on the disk. */
export interface RoundBook {
  readonly ledger: RoundLedger;
  agree(rules: RoundRules): Promise<void>;
  put(entry: RoundEntry): Promise<void>;
}

export type RoundNews =
  /** Connect a device. `done`: the one that is to be taken off. */
  | { readonly type: "waiting"; readonly port: string; readonly done: RoundEntry | undefined }
  /** The device that was dealt with last was taken off. */
  | { readonly type: "gone"; readonly port: string }
  /** A device was recognised and is being flashed. */
  | { readonly type: "device"; readonly port: string; readonly chip: ChipIdentity }
  /** The one that answers was dealt with already. */
  | { readonly type: "same"; readonly port: string; readonly entry: RoundEntry }
  | { readonly type: "port-trouble"; readonly port: string; readonly words: Words }
  /** On the disk the file is another one now: the devices go on getting the one that was agreed to. */
  | { readonly type: "file-changed"; readonly port: string }
  /** `why`: the same as in the entry for people, in their language; an error where it was one. */
  | {
      readonly type: "entry";
      readonly port: string;
      readonly entry: RoundEntry;
      readonly why?: Words | FlasherError | undefined;
    };

export interface RoundDeps {
  readonly book: RoundBook;
  readonly clock: Clock;
  /** The time of day. */
  readonly now: () => Date;
  /** Asked once, about the plan for the first device; false ends the round. */
  readonly agree: Approve;
  readonly tell: (news: RoundNews) => void;
  /** Whether the file on the disk has other bytes than the one of the round; asked before each device. */
  readonly fileChanged: () => Promise<boolean>;
  /** The round ends when so many devices are done, earlier runs counted; never where left out. */
  readonly most?: number | undefined;
  /** Whether the person wants the device of this entry, which was dealt with and is connected again, to be flashed once more. */
  readonly again?: (port: string, entry: RoundEntry) => boolean;
}

export interface RoundSignals {
  /** No further device: what is being written is finished first. */
  readonly enough: AbortSignal;
  /** Ends at once, within the packet. */
  readonly now: AbortSignal;
}

/**
 * Serves all ports until the round is ended.
 * @returns whether the person agreed to the plan, or was not asked
 * @throws whatever the ledger throws: without it no device is written
 */
export async function runRound(lines: readonly RoundLine[], deps: RoundDeps, signals: RoundSignals): Promise<boolean> {
  const over = new AbortController();
  const end = (): void => over.abort();
  const round = new Round(deps, { enough: AbortSignal.any([signals.enough, over.signal]), now: signals.now }, end);
  const served = lines.map(async (line) => {
    try {
      await round.serve(line);
    } catch (error) {
      end();
      throw error;
    } finally {
      await line.close();
    }
  });
  const ends = await Promise.allSettled(served);
  const failure = ends.find((ended) => ended.status === "rejected");
  if (failure) throw failure.reason;
  return !round.wasDeclined;
}

/** What a port is about. */
interface Served {
  /** The device that was dealt with last and has not been seen to go since. */
  last: { readonly mark: DeviceMark; readonly entry: RoundEntry } | undefined;
}

class Round {
  wasDeclined = false;
  /** One question at a time, and one answer for all ports. */
  private asking: Promise<unknown> = Promise.resolve();
  /** Devices that are being written, on whatever port. */
  private readonly atWork = new Set<DeviceMark>();
  private hasAgreed = false;
  private hasFileChanged = false;

  constructor(
    private readonly deps: RoundDeps,
    private readonly signals: RoundSignals,
    private readonly end: () => void,
  ) {}

  async serve(line: RoundLine): Promise<void> {
    const served: Served = { last: undefined };
    while (!this.signals.enough.aborted) {
      if (this.isWhole) {
        this.end();
        break;
      }
      try {
        await this.next(line, served);
      } catch (error) {
        // The wait for a device was ended, or the pause after one.
        if (!isCancelled(error) || !this.signals.enough.aborted || this.signals.now.aborted) throw error;
      }
    }
    throwIfAborted(this.signals.now, words`go on with the round`);
  }

  private async next(line: RoundLine, served: Served): Promise<void> {
    const { deps, signals } = this;
    deps.tell({ type: "waiting", port: line.port, done: served.last?.entry });
    let chip: ChipIdentity;
    try {
      chip = await line.identify((event) => {
        const isGone =
          event.type === "replugging" || (event.type === "linking" && event.elapsedMs >= TIMING.roundGoneMs);
        if (!isGone || served.last === undefined) return;
        served.last = undefined;
        deps.tell({ type: "gone", port: line.port });
      }, signals.enough);
    } catch (error) {
      if (isCancelled(error)) throw error;
      await this.noDevice(line, served, asFlasherError(error, words`wait for a device`));
      return;
    }
    const mark = deviceMark(chip);
    const past = served.last !== undefined && mayBeSame(served.last.mark, mark) ? served.last.entry : undefined;
    const done = doneBefore(deps.book.ledger, mark) ?? past;
    let isAnother = false;
    if (done !== undefined && isDone(done) && isDoubtful(done.device, mark)) {
      try {
        isAnother = !(await line.holdsFile(signals.enough));
      } catch (error) {
        if (isCancelled(error)) throw error;
        await this.noDevice(line, served, asFlasherError(error, words`compare the file with the chip`));
        return;
      }
    }
    if (done !== undefined && !isAnother && deps.again?.(line.port, done) !== true) {
      deps.tell({ type: "same", port: line.port, entry: done });
      served.last = { mark, entry: done };
      if (isDone(done) || done.result === "refused") await this.letRun(line);
    } else if ([...this.atWork].every((other) => !mayBeSame(other, mark))) {
      const entry = await this.device(line, chip, mark, isAnother);
      served.last = { mark, entry };
      if (entry.result === "refused") await this.letRun(line);
    }
    await line.close();
    // Time for the person, and for the firmware to come up: the next link check may catch it in its boot code otherwise.
    if (!signals.enough.aborted) await deps.clock.sleep(TIMING.roundPauseMs, signals.enough);
  }

  /** No chip answered, or there is no port: neither is about a device. */
  private async noDevice(line: RoundLine, served: Served, error: FlasherError): Promise<void> {
    await line.close();
    if (error.code.startsWith("no-link-")) {
      served.last = undefined;
      return;
    }
    if (error instanceof TransportError) served.last = undefined;
    this.deps.tell({ type: "port-trouble", port: line.port, words: error.words });
    await this.deps.clock.sleep(TIMING.roundPauseMs, this.signals.enough);
  }

  /** @param isAnother than the ones of its marks from before */
  private async device(line: RoundLine, chip: ChipIdentity, mark: DeviceMark, isAnother: boolean): Promise<RoundEntry> {
    const { book, clock, now, tell } = this.deps;
    const attempt = new Attempt(line.port, mark, isAnother, book.ledger.file.sha256, now(), clock);
    tell({ type: "device", port: line.port, chip });
    const against = objectionToDevice(book.ledger.rules, chip);
    this.atWork.add(mark);
    try {
      if (against) return await this.refused(attempt, against);
      await this.lookAtFile(line);
      const flashed = await line.flash(
        (plan, seen, image) => this.approve(attempt, plan, seen, image),
        (name) => (attempt.backup = name),
        this.signals.now,
      );
      attempt.flash = "written";
      const result = flashed.runs === undefined ? "verified" : flashed.runs ? "running" : "not-running";
      return await this.entered(attempt, attempt.ended(result, null, flashed.detail ?? null));
    } catch (error) {
      return await this.failed(attempt, asFlasherError(error, words`flash a device`));
    } finally {
      this.atWork.delete(mark);
    }
  }

  /** Told once for each change. */
  private async lookAtFile({ port }: RoundLine): Promise<void> {
    const hasChanged = await this.deps.fileChanged();
    if (hasChanged && !this.hasFileChanged) this.deps.tell({ type: "file-changed", port });
    this.hasFileChanged = hasChanged;
  }

  private async failed(attempt: Attempt, error: FlasherError): Promise<RoundEntry> {
    // The ledger could not be written: there is no other place for it.
    if (attempt.isUnwritable) throw error;
    attempt.flash = error.flash;
    const { against } = attempt;
    if (against) return await this.refused(attempt, against);
    if (error.code === "cancelled") {
      const entry = attempt.ended("stopped", error.code, null);
      // A plan that was declined is none that was begun.
      if (this.wasDeclined && !attempt.begun) return entry;
      await this.entered(attempt, entry);
      throwIfAborted(this.signals.now, error.doing);
      return entry;
    }
    const isRefusal = error.flash === "untouched" && /^(image|plan|backup)-/.test(error.code);
    return await this.entered(
      attempt,
      attempt.ended(isRefusal ? "refused" : "failed", error.code, error.message),
      error,
    );
  }

  private async refused(attempt: Attempt, { code, words: why }: RoundObjection): Promise<RoundEntry> {
    return await this.entered(attempt, attempt.ended("refused", code, english(why)), why);
  }

  /** Before anything is touched, with the chip of the plan at hand. */
  private async approve(attempt: Attempt, ...question: Parameters<Approve>): Promise<boolean> {
    const [plan, chip] = question;
    const { book } = this.deps;
    const seen = deviceMark(chip);
    if (compareDevices(seen, attempt.mark) === "other" || !mayBeSame(seen, attempt.mark)) {
      const told = words`another device answers than the one that was checked`;
      attempt.against = { code: "round-other-device", words: told };
      return false;
    }
    if (!(await this.agreed(...question))) return false;
    const { rules } = book.ledger;
    attempt.against = rules === null ? undefined : (objectionToDevice(rules, chip) ?? objectionToPlan(rules, plan));
    if (attempt.against) return false;
    attempt.begun = true;
    await this.written(attempt, attempt.ended("begun", null, null));
    return true;
  }

  /** The first plan is the person's to agree to; the others wait for the answer. */
  private async agreed(...question: Parameters<Approve>): Promise<boolean> {
    const turn = this.asking.then(async () => {
      if (this.hasAgreed || this.wasDeclined) return this.hasAgreed;
      const [plan, chip] = question;
      const { book, agree } = this.deps;
      // What was agreed to in an earlier run is not asked about a device that it does not fit.
      const { rules } = book.ledger;
      if (rules !== null && (objectionToDevice(rules, chip) ?? objectionToPlan(rules, plan))) return true;
      this.hasAgreed = await agree(...question);
      this.wasDeclined = !this.hasAgreed;
      if (this.wasDeclined) this.end();
      else if (rules === null) await book.agree(rulesFrom(chip, plan));
      return this.hasAgreed;
    });
    this.asking = turn.catch(() => undefined);
    return await turn;
  }

  private async entered(attempt: Attempt, entry: RoundEntry, why?: Words | FlasherError): Promise<RoundEntry> {
    const { book, tell } = this.deps;
    const known = pastOf(book.ledger, entry.device).at(-1);
    // The same refusal of the same device once more is no news for the ledger.
    const isAgain = entry.result === "refused" && known?.result === "refused" && known.code === entry.code;
    if (!isAgain) await this.written(attempt, entry);
    tell({ type: "entry", port: entry.port, entry, why });
    return entry;
  }

  /** @throws whatever the ledger throws, with what was left of the flash */
  private async written(attempt: Attempt, entry: RoundEntry): Promise<void> {
    try {
      await this.deps.book.put(entry);
    } catch (error) {
      attempt.isUnwritable = true;
      if (isFlasherError(error)) error.flash = attempt.flash;
      throw error;
    }
  }

  private get isWhole(): boolean {
    const { book, most = Infinity } = this.deps;
    return devicesDone(book.ledger) >= most;
  }

  /** A device that has the file, or is not to get it, is not left in its loader. */
  private async letRun(line: RoundLine): Promise<void> {
    try {
      // No longer than that: who takes it off meanwhile is not waited for.
      await line.restart(AbortSignal.any([this.signals.now, AbortSignal.timeout(TIMING.roundPauseMs)]));
    } catch (error) {
      if (isCancelled(error) && this.signals.now.aborted) throw error;
      this.deps.tell({ type: "port-trouble", port: line.port, words: asFlasherError(error, words`restart it`).words });
    }
  }
}
