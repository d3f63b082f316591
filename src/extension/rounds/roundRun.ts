/**
 * A round in the editor: the ports that are served, the one question, the person's pause and end, and all of it as its page draws it.
 * The rules are the core's (`runRound`), the ledger storage's. Knows no page and no editor.
 */
import {
  asFlasherError,
  devicesDone,
  isCancelled,
  isDone,
  isFlasherError,
  latestOf,
  runRound,
  systemClock,
  type Approve,
  type Clock,
  type JobEvent,
  type RoundEntry,
  type RoundNews,
} from "../../core/index";
import type { StoredRoundBook } from "../../storage/roundBook";
import { isFinished, type JobState } from "../../shared/jobState";
import type { RoundQuestionView, RoundView } from "../../shared/roundView";
import type { JobService } from "../jobs/jobService";
import type { KeptPort } from "../jobs/keptPort";
import { Owner } from "../platform/disposables";
import { Emitter } from "../platform/emitter";
import type { DeviceNames } from "../ports/deviceNames";
import type { PortEntry } from "../ports/portEntry";
import { errorView } from "../text/errorText";
import { say, t } from "../text/l10n";
import { planText } from "../text/planText";
import { RoundDrawing, offersAgain, type DrawnLane } from "./roundDrawing";
import { RoundLane, type RoundLaneParts, type RoundOrder } from "./roundLane";
import { RoundPause } from "./roundPause";
import { entryLines, repeatedWords, resultWords, roundRules } from "./roundWords";

export interface RoundRunParts extends RoundLaneParts {
  readonly jobs: Pick<JobService, "keepPort">;
  readonly names: Pick<DeviceNames, "of">;
  /** Whether the file has other bytes on the disk now. */
  readonly fileChanged: () => Promise<boolean>;
  /** Whether a backup comes before the first write to a device. */
  readonly backsUp: boolean;
  readonly clock?: Clock;
}

export interface RoundPlace {
  readonly ports: readonly PortEntry[];
  readonly book: StoredRoundBook;
  /** Of the ledger, as people read it. */
  readonly ledger: string;
  /** How many devices there are; undefined where nobody knows. */
  readonly most: number | undefined;
}

interface Lane extends DrawnLane {
  readonly line: RoundLane;
  readonly kept: KeptPort;
}

/** More would be long to draw, and nobody looks at them here. */
const DEVICES_SHOWN = 100;

export class RoundRun extends Owner {
  private readonly changed = this.register(
    new Emitter<void>((error) => this.parts.log.error("tell of a round", error)),
  );
  readonly onDidChange = this.changed.event;
  /** Resolves when it is over and the ledger is closed; never rejects. */
  readonly done: Promise<void>;
  private readonly lanes: readonly Lane[];
  private readonly pause = new RoundPause();
  private readonly enough = new AbortController();
  private readonly now = new AbortController();
  private readonly drawing: RoundDrawing;
  private question: { readonly view: RoundQuestionView; readonly answer: (yes: boolean) => void } | undefined;
  private trouble: string | undefined;
  private news: RoundView["news"];
  private told = 0;
  private isOver = false;

  /**
   * Begins at once.
   * @throws nothing; a port that is busy is left out, and told
   */
  constructor(
    private readonly order: RoundOrder,
    private readonly place: RoundPlace,
    private readonly parts: RoundRunParts,
  ) {
    super();
    this.drawing = new RoundDrawing(parts.names);
    let over = (): void => undefined;
    this.done = new Promise((resolve) => (over = resolve));
    this.lanes = place.ports.flatMap((port) => {
      const line = new RoundLane(port, order, this.pause, parts, (from, event) => this.follow(from, event));
      const kept = parts.jobs.keepPort(line.job, this.now, this.done);
      return kept ? [{ line, kept }] : [];
    });
    void this.carryOut().finally(over);
  }

  /** Ports that no job had. */
  get ports(): readonly string[] {
    return this.lanes.map(({ line }) => line.port);
  }

  get isRunning(): boolean {
    return !this.isOver;
  }

  get isWriting(): boolean {
    return this.lanes.some(({ line }) => line.isAtWork && !line.isAsking);
  }

  agree(yes: boolean): void {
    this.question?.answer(yes);
  }

  setPause(on: boolean): void {
    if (on === this.pause.isOn) return;
    if (on) this.pause.begin();
    else this.pause.end();
    this.changed.fire();
  }

  /** No further device: what is being written is finished first. A question that waits is answered with no. */
  end(): void {
    if (this.enough.signal.aborted) return;
    this.enough.abort();
    this.question?.answer(false);
    this.changed.fire();
  }

  /** Ends at once, within the packet. */
  endNow(): void {
    this.end();
    this.now.abort();
  }

  /** The device on this port once more, though it was dealt with. */
  again(portId: string): void {
    const lane = this.laneOn(portId);
    if (lane === undefined || offersAgain(lane) === undefined) return;
    lane.again = lane.same ?? lane.last;
    this.changed.fire();
  }

  /** Without what the editor adds. */
  get view(): Omit<RoundView, "sound"> {
    const { ledger } = this.place.book;
    const latest = latestOf(ledger).filter((entry) => !this.isAtWorkOn(entry));
    const good = latest.filter(isDone).length;
    const refused = latest.filter(({ result }) => result === "refused").length;
    const shown = latest.slice(-DEVICES_SHOWN).reverse();
    const { most } = this.place;
    return {
      fileName: this.order.fileName,
      size: ledger.file.size,
      status: this.isOver ? "over" : this.enough.signal.aborted ? "ending" : this.pause.isOn ? "paused" : "running",
      counts: { good, refused, failed: latest.length - good - refused },
      remaining: most === undefined ? undefined : Math.max(0, most - devicesDone(ledger)),
      lanes: this.lanes.map((lane) =>
        this.drawing.lane(lane, { isOver: this.isOver, isLast: this.isLast, isPaused: this.pause.isOn }),
      ),
      devices: shown.map((entry) => this.drawing.device(entry, this.laneOn(entry.port)?.line.entry.label)),
      olderDevices: latest.length - shown.length,
      question: this.question?.view,
      isWriting: this.isWriting,
      ledger: ledger.entries.length === 0 ? undefined : this.place.ledger,
      trouble: this.trouble,
      news: this.news,
    };
  }

  private async carryOut(): Promise<void> {
    const { book, most } = this.place;
    let end = t("The round is over.");
    try {
      const agreed = await runRound(
        this.lanes.map(({ line }) => line),
        {
          book,
          clock: this.parts.clock ?? systemClock,
          now: () => new Date(),
          agree: (...question) => this.ask(...question),
          tell: (news) => this.hear(news),
          fileChanged: this.parts.fileChanged,
          again: (port, entry) => this.laneOn(port)?.again?.id === entry.id,
          ...(most !== undefined && { most }),
        },
        { enough: AbortSignal.any([this.enough.signal, this.now.signal]), now: this.now.signal },
      );
      end = agreed ? end : t("Nothing was flashed.");
    } catch (error) {
      if (!isCancelled(error)) this.fail(error);
    } finally {
      this.isOver = true;
      for (const { kept } of this.lanes) kept.end();
      await book.close().catch((error: unknown) => this.parts.log.error("let go of the ledger", error));
      this.say(end);
    }
  }

  private fail(error: unknown): void {
    const failure = asFlasherError(error, "go on with the round");
    this.parts.log.error("the round", failure);
    const { title, steps } = errorView(failure);
    this.trouble = [title, steps[0]].filter(Boolean).join(" ");
  }

  /** About the plan for the first device; whoever ends the round has said no. */
  private async ask(...[plan, chip, image]: Parameters<Approve>): Promise<boolean> {
    const lane = this.lanes.find(({ line }) => line.isAsking);
    const { builtFor } = this.order;
    const job = lane?.line.job;
    const { lines, isGrave } = planText(
      { plan, chip, image, builtFor, job, backup: job?.backup },
      lane?.line.entry.label ?? "",
    );
    const view: RoundQuestionView = {
      title: t("Flash every device like this?"),
      lines,
      rules: roundRules(this.parts.backsUp, chip),
      isGrave,
    };
    try {
      return await new Promise<boolean>((resolve) => {
        this.question = { view, answer: resolve };
        if (this.enough.signal.aborted || this.now.signal.aborted) resolve(false);
        this.now.signal.addEventListener("abort", () => resolve(false), { once: true });
        this.say(view.title);
      });
    } finally {
      this.question = undefined;
      this.changed.fire();
    }
  }

  private hear(news: RoundNews): void {
    const lane = this.laneOn(news.port);
    if (lane === undefined) return;
    switch (news.type) {
      case "waiting":
        lane.device = undefined;
        if (news.done === undefined) forget(lane);
        break;
      case "gone":
        forget(lane);
        break;
      case "device":
        forget(lane);
        lane.again = undefined;
        lane.device = news.chip;
        break;
      case "same": {
        const isLast = lane.last?.id === news.entry.id;
        const isNews = lane.same?.id !== news.entry.id && !isLast;
        // How it has just ended says more than that it is still there.
        if (!isLast) lane.last = undefined;
        lane.same = news.entry;
        if (isNews) this.say(repeatedWords(news.entry, this.drawing.nameOf(news.entry)));
        break;
      }
      case "port-trouble":
        lane.trouble = say(news.words);
        break;
      case "file-changed":
        this.trouble = t(
          "{0} on the disk is another one now. The devices go on getting the one that you agreed to; for the new one end this round and begin another.",
          this.order.fileName,
        );
        this.say(this.trouble);
        return;
      case "entry": {
        lane.device = undefined;
        lane.last = news.entry;
        const { why, entry } = news;
        if (why !== undefined) this.drawing.because(entry, isFlasherError(why) ? errorView(why).title : say(why));
        const isGood = isDone(entry) && entry.result !== "not-running";
        const head = `${this.drawing.nameOf(entry)}: ${resultWords(entry.result)}`;
        const lines = entryLines(entry, this.drawing.reasonOf(entry), this.isLast);
        this.say([head, ...lines].join(" \u2013 "), isGood ? "good" : "bad");
        return;
      }
    }
    this.changed.fire();
  }

  /** No more devices are taken. */
  private get isLast(): boolean {
    return this.isOver || this.enough.signal.aborted;
  }

  private laneOn(port: string): Lane | undefined {
    return this.lanes.find(({ line }) => line.port === port);
  }

  private follow(line: RoundLane, event: JobEvent | undefined): void {
    const lane = this.lanes.find((each) => each.line === line);
    if (lane === undefined) return;
    if (event?.type === "linking") lane.trouble = undefined;
    if (line.chip !== undefined) lane.kept.met(line.chip);
    // Between two devices the port waits: nothing has come to an end.
    lane.kept.tell(isFinished(line.job) ? waiting(line.job) : line.job);
    this.changed.fire();
  }

  private say(words: string, sound?: "good" | "bad"): void {
    this.news = { id: ++this.told, words, sound };
    this.changed.fire();
  }

  private isAtWorkOn({ result, port, device }: RoundEntry): boolean {
    return (
      result === "begun" &&
      this.lanes.some(
        (lane) => lane.line.port === port && lane.device !== undefined && lane.device.mac === (device.mac ?? undefined),
      )
    );
  }
}

function forget(lane: Lane): void {
  lane.last = undefined;
  lane.same = undefined;
}

function waiting(job: JobState): JobState {
  return { ...job, status: "linking", link: undefined, endedAt: undefined };
}
