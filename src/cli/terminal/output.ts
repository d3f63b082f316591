/**
 * What a command prints. Two writers behind one interface: lines of text for people, one JSON object per line for
 * programs. This is the only file of the command line that writes to its streams.
 */
import { remedyFor, traceLine, visible, type CoreLog, type FlasherError, type JobEvent } from "../../core/index";
import { plainPlan, plainRestore } from "../../shared/describe";
import { eventWords } from "./eventTexts";
import { formatBytes } from "../../shared/figures";
import { helpFor } from "./help";
import { ProgressLine, linkingWords } from "./progressLine";

export interface OutputOptions {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
}

/** The last line of every command with `--json`. */
export type ResultLine = Readonly<Record<string, unknown>>;

export interface Output {
  readonly log: CoreLog;
  /** A person is at the terminal and can be asked. */
  readonly isInteractive: boolean;
  /** @param port named where several are served: there is no line of progress for one of them then */
  event(event: JobEvent, port?: string): void;
  /** Free facts: lines for people, one object for programs. */
  facts(lines: readonly string[], json: Readonly<Record<string, unknown>>): void;
  /** Facts on the way, not part of the result: left out with `--quiet`. */
  news(lines: readonly string[], json: Readonly<Record<string, unknown>>): void;
  result(summary: readonly string[], json: ResultLine): void;
  failure(error: FlasherError): void;
  usage(message: string): void;
}

export function createOutput(options: OutputOptions): Output {
  return options.json ? new JsonOutput(options) : new HumanOutput(options);
}

/** What a job can be resumed by: for storage, in bytes and at every sector. */
const QUIET_EVENTS: ReadonlySet<JobEvent["type"]> = new Set([
  "kept",
  "erasing",
  "unprotecting",
  "sector-done",
  "block",
]);

/** At most this often; the first and last of a phase always pass. */
const PROGRESS_EVERY_MS = 100;

class JsonOutput implements Output {
  readonly log: CoreLog;
  readonly isInteractive = false;
  private lastProgress = 0;

  constructor(private readonly options: OutputOptions) {
    this.log = logTo((line) => process.stderr.write(`${visible(line)}\n`), options.verbose);
  }

  event(event: JobEvent, port?: string): void {
    if (this.options.quiet || QUIET_EVENTS.has(event.type)) return;
    const line = (value: object): void => this.line(port === undefined ? value : { ...value, port });
    if (event.type === "progress") {
      const now = performance.now();
      if (event.done < event.total && now - this.lastProgress < PROGRESS_EVERY_MS) return;
      this.lastProgress = now;
    }
    // Identity and plan in full are long; programs get their figures, the result line carries the rest.
    if (event.type === "identified")
      line({ type: event.type, baudRate: event.baudRate, chip: event.chip.chip?.id ?? null });
    else if (event.type === "planned")
      line({ type: event.type, plan: plainPlan(event.plan), file: event.image?.fileName });
    else if (event.type === "restore-planned") line({ type: event.type, restore: plainRestore(event.restore) });
    else if (event.type === "narrowed") line({ type: event.type, plan: plainPlan(event.plan), skipped: event.skipped });
    else if (event.type === "note") {
      const { type, level, code, context } = event;
      line({ type, level, code, context });
    } else if (event.type === "linking") line({ ...event, says: linkingWords(event) ?? null });
    else line({ ...event });
  }

  facts(_lines: readonly string[], json: Readonly<Record<string, unknown>>): void {
    this.line(json);
  }

  news(_lines: readonly string[], json: Readonly<Record<string, unknown>>): void {
    this.line(json);
  }

  result(_summary: readonly string[], json: ResultLine): void {
    this.line({ type: "result", ok: true, ...json });
  }

  failure(error: FlasherError): void {
    const { title, steps } = remedyFor(error);
    this.line({
      type: "error",
      code: error.code,
      title,
      message: error.message,
      remedy: steps,
      help: helpFor(error.code),
      flash: error.flash,
      ...(error.suspect && { suspect: error.suspect }),
      context: error.context,
    });
  }

  usage(message: string): void {
    this.line({
      type: "error",
      code: "usage",
      message,
      remedy: ["Run the command with --help to see what it takes."],
      flash: "untouched",
    });
  }

  private line(value: object): void {
    process.stdout.write(`${jsonLine(value)}\n`);
  }
}

class HumanOutput implements Output {
  readonly log: CoreLog;
  readonly isInteractive: boolean;
  private readonly progress: ProgressLine;
  private readonly colour: boolean;

  constructor(private readonly options: OutputOptions) {
    this.isInteractive = process.stdin.isTTY === true && process.stderr.isTTY === true && !options.quiet;
    this.colour = process.stderr.isTTY === true && process.env.NO_COLOR === undefined;
    this.progress = new ProgressLine(process.stderr);
    this.log = logTo((line) => this.say(line), options.verbose);
  }

  event(event: JobEvent, port?: string): void {
    if (this.options.quiet) return;
    if (port !== undefined) {
      for (const line of eventWords(event)) this.say(`${port}: ${line}`);
      return;
    }
    if (
      event.type === "progress" ||
      event.type === "phase-started" ||
      event.type === "phase-finished" ||
      event.type === "linking" ||
      event.type === "replugging"
    ) {
      this.progress.draw(event);
      return;
    }
    for (const line of eventWords(event))
      this.say(line, event.type === "note" && event.level === "warning" ? "33" : undefined);
  }

  facts(lines: readonly string[]): void {
    this.progress.clear();
    for (const line of lines) process.stdout.write(`${visible(line)}\n`);
  }

  news(lines: readonly string[]): void {
    if (!this.options.quiet) this.facts(lines);
  }

  result(summary: readonly string[]): void {
    this.progress.clear();
    if (this.options.quiet) return;
    for (const [i, line] of summary.map(visible).entries())
      process.stdout.write(`${i === 0 ? this.paint("32", line) : line}\n`);
  }

  failure(error: FlasherError): void {
    this.progress.clear();
    const { title, steps } = remedyFor(error);
    this.say(`Failed: ${title}`, "31");
    this.say(`  ${error.message}`);
    if (error.flash !== "untouched")
      this.say(`  Flash: ${error.flash === "written" ? "written, but not proven" : "partly written"}.`);
    else this.say("  Flash: untouched.");
    if (error.context.bytesSeen !== undefined) this.say(`  Seen on the wire: ${formatBytes(error.context.bytesSeen)}.`);
    for (const [i, step] of steps.entries()) this.say(`  ${i + 1}. ${step}`);
    this.say(`  More: ${helpFor(error.code)}`);
  }

  usage(message: string): void {
    this.say(message);
  }

  private say(line: string, colour?: string): void {
    this.progress.clear();
    const shown = visible(line);
    process.stderr.write(`${colour === undefined ? shown : this.paint(colour, shown)}\n`);
  }

  private paint(code: string, text: string): string {
    return this.colour ? `\u001b[${code}m${text}\u001b[0m` : text;
  }
}

/** JSON leaves the second set of control characters and marks of direction as they are; a terminal obeys them. */
function jsonLine(value: object): string {
  return JSON.stringify(value).replace(
    /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function logTo(write: (line: string) => void, verbose: boolean): CoreLog {
  if (!verbose) return { debug: () => undefined, trace: () => undefined };
  return {
    debug: write,
    trace: (direction, bytes, elapsedMs) => write(traceLine(direction, bytes, elapsedMs)),
  };
}
