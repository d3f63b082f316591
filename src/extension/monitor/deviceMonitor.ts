/**
 * One monitor: the log of one port as it comes, the verdict on it, and what a person types. Lets go of the port for a job and takes it
 * back by itself. Knows no editor.
 */
import {
  BootWatch,
  LOG_SPEEDS,
  LogMask,
  PortLog,
  asFlasherError,
  english,
  findSpeed,
  isCancelled,
  remedyFor,
  visible,
  type BootVerdict,
  type CrashDump,
  type LogLine,
  type PortHolder,
  type PortLeases,
  type PortLogDeps,
  type PortLogEvent,
  type PortRef,
  type Words,
} from "../../core/index";
import { say, t } from "../text/l10n";
import { ALL, KeptLines, isShown, type LogFilter } from "./logView";
import { TerminalLinks, type TerminalLine } from "./terminalLinks";
import { TerminalText } from "./terminalText";
import { TypedLine } from "./typedLine";

export interface DeviceMonitorParts {
  /** Of the port that is listened to. */
  readonly portId: string;
  /** Of the port through which the device is flashed: the same, unless the log comes by a wire of its own. */
  readonly devicePortId: string;
  readonly ref: PortRef;
  readonly baudRate: number;
  readonly timestamps: boolean;
  readonly leases: PortLeases;
  readonly deps: PortLogDeps;
  /** Closes what else has the port open without a job. */
  readonly release: (portId: string, signal: AbortSignal) => Promise<void>;
  /** Who has the port open, and how to close it. */
  readonly describeHolder: () => Promise<readonly string[]>;
  /** Said once, when it begins to listen: which wire has the log. */
  readonly intro: readonly Words[];
  /** The time of day before a line. */
  readonly timeOfDay: () => string;
  /** Text for the terminal. */
  readonly write: (text: string) => void;
  /** A line of the log; `masked` takes its secrets out, which costs more than all else that is done with a line. */
  readonly printed: (masked: () => string) => void;
  /** The verdict is another one now. */
  readonly judged: (verdict: BootVerdict) => void;
  /** What there is to say of a crash: its places by the build that crashed, or why there are none. */
  readonly nameCrash: (crash: CrashDump, firmware: BootVerdict["firmware"]) => Promise<readonly TerminalLine[]>;
}

const FAINT = "\u001b[2m";
const BOLD = "\u001b[1m";
const PLAIN = "\u001b[0m";

/** Lines that come while it is paused, at most. */
const MOST_HELD = 5_000;
/** Takes the screen and what was scrolled off it. */
const CLEAR = "\u001b[2J\u001b[3J\u001b[H";

/** What a person can do with the log that is shown. */
export interface MonitorView {
  readonly filter: LogFilter;
  readonly isPaused: boolean;
  readonly baudRate: number;
  /** What stands before a line: nothing, the time of day, or seconds since the device was last seen to start. */
  times: "off" | "clock" | "start";
  /** Shows these lines alone from now on, those that came already among them. */
  show(filter: LogFilter): void;
  pause(): void;
  /** Shows what came meanwhile. */
  goOn(): void;
  clear(): void;
  /** The lines that are kept, their secrets masked. */
  saved(): string;
  listenAt(baudRate: number): Promise<void>;
  /** Listens at one speed after another, what the log looks like first, and stays at the first that gives text. */
  findSpeed(): Promise<void>;
}

export class DeviceMonitor implements PortHolder, MonitorView {
  filter = ALL;
  isPaused = false;
  baudRate: number;
  times: MonitorView["times"];
  private readonly kept = new KeptLines();
  private held: string[] = [];
  private startedAt: number | undefined;
  private now = 0;
  private readonly text: TerminalText;
  private readonly typed = new TypedLine();
  private readonly mask = new LogMask();
  private readonly lease: { readonly free: boolean; readonly end: () => void };
  private watch: BootWatch;
  private log: PortLog | undefined;
  private stop: AbortController | undefined;
  private running: Promise<void> = Promise.resolve();
  private told: BootVerdict["kind"] | undefined;
  private summary = "";
  /** What can be followed in the terminal. */
  readonly links = new TerminalLinks();
  /** The crash that was heard last, and the one whose places were told: a dump comes in pieces. */
  private crash = "";
  private named = "";
  /** What the log looks like where it is no text, in baud. */
  private otherSpeed: number | undefined;
  private closed = false;
  /** A job has the port. */
  private isLent = false;
  /** A job restarts the chip by its other wire as often as it has to: what that prints is shown, and not judged. */
  private jobRuns = false;
  private readonly unfollow: (() => void) | undefined;
  /** The port is known to be the right one: where it is away, or busy, it is waited for. */
  private wasOpen = false;

  constructor(private readonly parts: DeviceMonitorParts) {
    this.baudRate = parts.baudRate;
    this.watch = new BootWatch({ heardAt: parts.baudRate });
    this.times = parts.timestamps ? "clock" : "off";
    this.text = new TerminalText(() => this.stamp());
    this.lease = parts.leases.hold(parts.portId, this);
    const { leases, portId, devicePortId } = parts;
    if (devicePortId !== portId)
      this.unfollow = leases.follow(devicePortId, {
        jobBegins: () => (this.jobRuns = true),
        jobEnds: () => {
          this.jobRuns = false;
          // The last start is the one that counts, and may have begun already.
          this.watch.forgetEarlierStarts();
          this.told = undefined;
          this.summary = "";
        },
      });
  }

  show(filter: LogFilter): void {
    this.filter = filter;
    this.tell(
      filter.text === ""
        ? t("Lines shown from here on: {0} and graver.", filter.level)
        : t('Lines shown from here on: {0} and graver, with "{1}" in them.', filter.level, filter.text),
    );
    for (const line of this.kept.matching(filter)) this.line(line);
  }

  pause(): void {
    this.tell(t("Paused; what comes is kept and shown when it goes on."));
    this.isPaused = true;
  }

  goOn(): void {
    this.isPaused = false;
    const { held } = this;
    this.held = [];
    this.tell(t("Goes on; {0} lines came meanwhile.", held.length));
    for (const line of held) this.line(line);
  }

  clear(): void {
    this.kept.clear();
    this.held = [];
    this.parts.write(CLEAR);
  }

  saved(): string {
    return this.kept.saved(this.mask);
  }

  async listenAt(baudRate: number): Promise<void> {
    this.baudRate = baudRate;
    if (this.stop === undefined) return;
    await this.end();
    this.listenAgain();
  }

  private stamp(): string {
    if (this.times === "off") return "";
    const seconds = (this.now - (this.startedAt ?? this.now)) / 1000;
    return `${FAINT}${this.times === "clock" ? this.parts.timeOfDay() : seconds.toFixed(3).padStart(9)}${PLAIN} `;
  }

  private line(line: string): void {
    this.parts.write(`${this.text.freshLine()}${this.text.push(new TextEncoder().encode(`${line}\n`))}`);
  }

  /** As it comes, colours and all; whole lines where some are left out. */
  private shown(bytes: Uint8Array, lines: readonly LogLine[]): void {
    const matching = lines.map(({ text }) => text).filter((line) => isShown(line, this.filter));
    if (this.isPaused) this.held = [...this.held, ...matching].slice(-MOST_HELD);
    else if (this.filter.level === ALL.level && this.filter.text === "") this.parts.write(this.text.push(bytes));
    else for (const line of matching) this.line(line);
  }

  /** Begins to listen; at once, or when the job that has the port is done. */
  start(): void {
    if (this.lease.free) this.takeBack();
    else this.tell(t("A job has this port; the log goes on when it is done."));
  }

  async letGo(): Promise<void> {
    this.isLent = true;
    if (this.stop !== undefined) this.tell(t("The port goes to a job; the log goes on when it is done."));
    await this.end();
  }

  takeBack(): void {
    this.isLent = false;
    this.listenAgain();
  }

  private listenAgain(): void {
    if (this.closed || this.isLent || this.stop !== undefined) return;
    // What a job does to a chip is no part of its log.
    this.watch = new BootWatch({ heardAt: this.baudRate });
    this.told = undefined;
    this.summary = "";
    this.otherSpeed = undefined;
    this.run((signal) => this.listen(signal));
  }

  async findSpeed(): Promise<void> {
    if (this.stop === undefined) return;
    const { baudRate, otherSpeed } = this;
    await this.end();
    if (this.closed || this.isLent || this.stop !== undefined) return;
    const speeds = new Set([...(otherSpeed === undefined ? [] : [otherSpeed]), ...LOG_SPEEDS]);
    const order = [...speeds].filter((speed) => speed !== baudRate);
    let found: number | undefined;
    let isOver = false;
    this.run(async (signal) => {
      found = await this.search(order, signal);
      isOver = !signal.aborted;
    });
    await this.running;
    if (found !== undefined) this.baudRate = found;
    if (isOver) this.listenAgain();
  }

  /** What has the port from now on, until it ends or is stopped. */
  private run(work: (signal: AbortSignal) => Promise<void>): void {
    const stop = new AbortController();
    this.stop = stop;
    this.running = work(stop.signal).finally(() => {
      if (this.stop === stop) this.stop = undefined;
    });
  }

  private async search(speeds: readonly number[], signal: AbortSignal): Promise<number | undefined> {
    const { ref, deps } = this.parts;
    try {
      const trying = (baudRate: number): void => this.tell(t("Trying {0} baud.", baudRate));
      const logAt = (baudRate: number): PortLog => new PortLog(ref, baudRate, deps);
      const found = await findSpeed(speeds, { logAt, clock: deps.clock, trying }, signal);
      if (found === undefined) this.tell(t("No speed gave text."));
      return found;
    } catch (error) {
      if (!isCancelled(error)) this.failed(error);
      return undefined;
    }
  }

  /** Keys as the terminal sends them. */
  type(keys: string): void {
    const { echo, lines } = this.typed.push(keys);
    this.parts.write(echo);
    for (const line of lines) void this.send(line);
  }

  /** Ends for good; resolves when the port is closed. */
  async close(): Promise<void> {
    this.closed = true;
    this.unfollow?.();
    this.lease.end();
    await this.end();
  }

  private async end(): Promise<void> {
    this.stop?.abort();
    await this.running;
  }

  private async send(line: string): Promise<void> {
    try {
      const { log, stop } = this;
      if (log !== undefined && stop !== undefined) await log.send(new TextEncoder().encode(`${line}\r\n`), stop.signal);
    } catch (error) {
      this.tell(t("Not sent: {0}", say(asFlasherError(error, "send").words)));
    }
  }

  private async listen(signal: AbortSignal): Promise<void> {
    const { ref, deps, portId, release } = this.parts;
    try {
      await release(portId, signal);
      const log = new PortLog(ref, this.baudRate, deps);
      this.log = log;
      for await (const event of log.events(signal, this.wasOpen)) this.take(event);
    } catch (error) {
      if (!isCancelled(error)) await this.notOpened(error);
    } finally {
      this.log = undefined;
    }
  }

  private take(event: PortLogEvent): void {
    switch (event.type) {
      case "opened":
        this.wasOpen = true;
        this.tell(
          event.again
            ? t("{0} is back, at {1} baud.", event.port, event.baudRate)
            : t("Listening on {0} at {1} baud. What you type is sent with Enter.", event.port, event.baudRate),
          ...(event.again ? [] : this.parts.intro.map((line) => `  ${say(line)}`)),
        );
        break;
      case "lost":
        this.tell(t("{0} went away; it is opened again when it is back.", event.port));
        break;
      case "bytes": {
        this.now = event.at;
        this.startedAt ??= event.at;
        const lines = this.watch.push(event.bytes, event.at);
        if (this.watch.startedAgain()) this.startedAt = event.at;
        for (const { text } of lines) {
          this.mask.learn(text);
          this.parts.printed(() => this.mask.mask(text));
        }
        this.kept.push(lines, this.parts.timeOfDay());
        this.shown(event.bytes, lines);
        this.judge(event.at);
        break;
      }
      case "quiet":
        this.judge(event.at);
    }
  }

  private judge(at: number): void {
    if (this.jobRuns) return;
    const verdict = this.watch.verdictIfDue(at);
    if (verdict?.settled !== true) return;
    this.nameCrash(verdict);
    // Versions and counts come in later lines than what they are about.
    this.otherSpeed = verdict.otherSpeed;
    const summary = english(verdict.summary);
    if (summary !== this.summary) this.parts.judged(verdict);
    this.summary = summary;
    if (verdict.kind === this.told) return;
    this.told = verdict.kind;
    this.tell(say(verdict.summary), ...verdict.next.map((step) => `  ${say(step)}`));
    if (verdict.kind === "wrong-speed") {
      const text = t("Find the Speed");
      this.tell({ text, link: { text, follow: () => this.findSpeed() } });
    }
  }

  /** Once for each crash, when all of its dump has come. */
  private nameCrash({ crash, firmware }: BootVerdict): void {
    const now = crash === undefined ? "" : JSON.stringify(crash);
    const isWhole = now === this.crash;
    this.crash = now;
    if (crash === undefined || !isWhole || now === this.named) return;
    this.named = now;
    this.parts.nameCrash(crash, firmware).then(
      (lines) => this.tell(...lines),
      (error: unknown) => this.failed(error),
    );
  }

  private async notOpened(error: unknown): Promise<void> {
    const isBusy = asFlasherError(error, "monitor").code === "port-busy";
    this.failed(error, isBusy ? await this.parts.describeHolder().catch(() => []) : []);
  }

  private failed(error: unknown, known: readonly string[] = []): void {
    const failure = asFlasherError(error, "monitor");
    const { title, steps } = remedyFor(failure, t);
    this.tell(title, ...[...known, ...steps].map((step) => `  ${step}`));
  }

  private tell(...lines: readonly (string | TerminalLine)[]): void {
    for (const line of lines) if (typeof line !== "string" && line.link !== undefined) this.links.add(line.link);
    const [first = "", ...rest] = lines.map((line) => visible(typeof line === "string" ? line : line.text));
    const text = [`${BOLD}--- ${first}${PLAIN}`, ...rest.map((line) => `${BOLD}${line}${PLAIN}`)].join("\r\n");
    this.parts.write(`${this.text.freshLine()}${text}\r\n`);
  }
}
