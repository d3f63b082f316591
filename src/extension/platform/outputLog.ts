/**
 * The output channel "Beken Flasher", as the core's log: sentences at debug level, bytes on the wire at trace level.
 * Keeps the last lines for diagnostics whatever the level is.
 */
import * as vscode from "vscode";
import { TRACE_HEAD, asFlasherError, traceLine, type CoreLog } from "../../core/index";
import { Owner } from "./disposables";
import { RecentLines } from "./recentLines";

const KEPT_LINES = 600;

export class OutputLog extends Owner {
  private readonly channel = this.register(vscode.window.createOutputChannel("Beken Flasher", { log: true }));
  readonly recent = new RecentLines(KEPT_LINES);

  info(line: string): void {
    this.recent.add("info", line);
    this.channel.info(line);
  }

  /** What failed in full: message, cause and stack. Nothing of this is shown elsewhere. */
  error(doing: string, error: unknown): void {
    const failure = asFlasherError(error, doing);
    const { cause } = failure;
    const facts = Object.keys(failure.context).length > 0 ? ` ${JSON.stringify(failure.context)}` : "";
    const line = `${doing}: ${failure.message}${facts}, flash ${failure.flash}`;
    this.recent.add("error", line);
    this.channel.error(line);
    if (cause instanceof Error) this.channel.error(cause.stack ?? cause.message);
    else if (failure.code === "internal") this.channel.error(failure.stack ?? "");
  }

  /** The core's log; `prefix` tells jobs on several ports apart. */
  forCore(prefix: string): CoreLog {
    return {
      debug: (line) => {
        this.recent.add("debug", `${prefix}: ${line}`);
        this.channel.debug(`${prefix}: ${line}`);
      },
      trace: (direction, bytes, elapsedMs) => {
        const bytesInAll = bytes.length;
        // A copy of what is shown: the bytes are part of a driver's larger buffer.
        const head = bytes.slice(0, TRACE_HEAD);
        const line = (): string => `${prefix}: ${traceLine(direction, head, elapsedMs, bytesInAll)}`;
        this.recent.add("trace", line);
        if (this.channel.logLevel === vscode.LogLevel.Trace) this.channel.trace(line());
      },
    };
  }

  show(): void {
    this.channel.show(true);
  }
}
