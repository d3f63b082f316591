/**
 * One monitor: the log of one port as it comes, the verdict on it, and what a person types. Lets go of the port for a job and takes it
 * back by itself. Knows no editor.
 */
import {
  BootWatch,
  LogMask,
  PortLog,
  asFlasherError,
  english,
  isCancelled,
  remedyFor,
  type BootVerdict,
  type PortHolder,
  type PortLeases,
  type PortLogDeps,
  type PortLogEvent,
  type PortRef,
  type Words,
} from "../../core/index";
import { say, t } from "../text/l10n";
import { TerminalText } from "./terminalText";
import { TypedLine } from "./typedLine";

export interface DeviceMonitorParts {
  /** Of the port that is listened to. */
  readonly portId: string;
  readonly ref: PortRef;
  readonly baudRate: number;
  readonly timestamps: boolean;
  readonly leases: PortLeases;
  readonly deps: PortLogDeps;
  /** Closes what else of ours has the port open without a job. */
  readonly release: (portId: string) => Promise<void>;
  /** Said once, when it begins to listen: which wire has the log. */
  readonly intro: readonly Words[];
  /** The time of day before a line. */
  readonly timeOfDay: () => string;
  /** Text for the terminal. */
  readonly write: (text: string) => void;
  /** A line of the log, its secrets masked. */
  readonly printed: (line: string) => void;
  /** The verdict is another one now. */
  readonly judged: (verdict: BootVerdict) => void;
}

const FAINT = "\u001b[2m";
const BOLD = "\u001b[1m";
const PLAIN = "\u001b[0m";

export class DeviceMonitor implements PortHolder {
  private readonly text: TerminalText;
  private readonly typed = new TypedLine();
  private readonly mask = new LogMask();
  private readonly lease: { readonly free: boolean; readonly end: () => void };
  private watch = new BootWatch();
  private log: PortLog | undefined;
  private stop: AbortController | undefined;
  private running: Promise<void> = Promise.resolve();
  private told: BootVerdict["kind"] | undefined;
  private summary = "";
  private closed = false;

  constructor(private readonly parts: DeviceMonitorParts) {
    this.text = new TerminalText(() => (parts.timestamps ? `${FAINT}${parts.timeOfDay()}${PLAIN} ` : ""));
    this.lease = parts.leases.hold(parts.portId, this);
  }

  /** Begins to listen; at once, or when the job that has the port is done. */
  start(): void {
    if (this.lease.free) this.takeBack();
    else this.tell(t("A job has this port; the log goes on when it is done."));
  }

  async letGo(): Promise<void> {
    if (this.stop !== undefined) this.tell(t("The port goes to a job; the log goes on when it is done."));
    await this.end();
  }

  takeBack(): void {
    if (this.closed || this.stop !== undefined) return;
    // What a job does to a chip is no part of its log.
    this.watch = new BootWatch();
    this.told = undefined;
    this.summary = "";
    const stop = new AbortController();
    this.stop = stop;
    this.running = this.listen(stop.signal).finally(() => {
      if (this.stop === stop) this.stop = undefined;
    });
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
    const { ref, baudRate, deps, portId, release } = this.parts;
    try {
      await release(portId);
      const log = new PortLog(ref, baudRate, deps);
      this.log = log;
      for await (const event of log.events(signal)) this.take(event);
    } catch (error) {
      if (!isCancelled(error)) this.failed(error);
    } finally {
      this.log = undefined;
    }
  }

  private take(event: PortLogEvent): void {
    switch (event.type) {
      case "opened":
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
      case "bytes":
        for (const { text } of this.watch.push(event.bytes, event.at)) this.parts.printed(this.mask.mask(text));
        this.parts.write(this.text.push(event.bytes));
        this.judge(event.at);
        break;
      case "quiet":
        this.judge(event.at);
    }
  }

  private judge(at: number): void {
    const verdict = this.watch.verdict(at);
    if (!verdict.settled) return;
    // Versions and counts come in later lines than what they are about.
    const summary = english(verdict.summary);
    if (summary !== this.summary) this.parts.judged(verdict);
    this.summary = summary;
    if (verdict.kind === this.told) return;
    this.told = verdict.kind;
    this.tell(say(verdict.summary), ...verdict.next.map((step) => `  ${say(step)}`));
  }

  private failed(error: unknown): void {
    const failure = asFlasherError(error, "monitor");
    const { title, steps } = remedyFor(failure, t);
    this.tell(title, ...steps.map((step) => `  ${step}`));
  }

  private tell(...lines: readonly string[]): void {
    const [first = "", ...rest] = lines;
    const text = [`${BOLD}--- ${first}${PLAIN}`, ...rest.map((line) => `${BOLD}${line}${PLAIN}`)].join("\r\n");
    this.parts.write(`${this.text.freshLine()}${text}\r\n`);
  }
}
