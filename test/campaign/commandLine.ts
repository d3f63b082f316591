/**
 * The command line as a program of the campaign: its own `main`, in this process, with the scenario's line, clock and folder in place of
 * the machine's. What it prints is read as another program would read it.
 */
import {
  FlasherError,
  portFinder,
  type ErrorContext,
  type FlasherErrorCode,
  type JobResult,
  type PortInfo,
} from "../../src/core/index";
import { main } from "../../src/cli/main";
import type { Machine } from "../../src/cli/jobs/machine";
import type { Host } from "./programs";

interface Line {
  readonly type: string;
  readonly ok?: boolean;
  readonly code?: FlasherErrorCode;
  readonly message?: string;
  readonly remedy?: readonly string[];
  readonly flash?: FlasherError["flash"];
  readonly context?: ErrorContext;
  readonly command?: string;
}

/** Of exit codes: done, failed. */
const EXIT = { done: 0, failed: 1 } as const;
const ADAPTER: PortInfo = { path: "virtual", vendorId: "10c4", productId: "ea60", serialNumber: "1" };
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** @returns what the command says of its end, as the result of a job */
export async function command(host: Host, args: readonly string[]): Promise<JobResult> {
  const { openLine: open, clock } = host;
  const machine: Machine = {
    open,
    clock,
    ports: () => Promise.resolve([ADAPTER]),
    finder: portFinder(
      () => Promise.resolve([ADAPTER]),
      (path) => Promise.resolve(path),
    ),
  };
  process.env["XDG_STATE_HOME"] = host.folder;
  process.exitCode = undefined;
  const lines: Line[] = [];
  // That of a killed process never came to its end.
  latest?.end();
  const printed = (latest = new Printed((text) => {
    const line = JSON.parse(text) as Line;
    lines.push(line);
    // How many of them there are is a matter of the real clock.
    if (line.type !== "progress") host.printed(text);
  }));
  try {
    await main(["node", "beken-flasher", ...args, "--port", ADAPTER.path, "--link-timeout", "8", "--json"], machine);
    return judged(lines, process.exitCode, printed.complaints);
  } finally {
    printed.end();
    process.exitCode = undefined;
  }
}

function judged(lines: readonly Line[], exit: unknown, complaints: string): JobResult {
  const ends = lines.filter(({ type }) => type === "result" || type === "error");
  const [end] = ends;
  if (!end || ends.length !== 1 || end !== lines.at(-1)) throw new Error(`it ends in ${ends.length} lines`);
  if (/\n\s+at /.test(complaints)) throw new Error(`people see a stack: ${complaints}`);
  if (end.type === "result") {
    if (exit !== EXIT.done || end.ok !== true) throw new Error(`it succeeds with exit code ${String(exit)}`);
    return { ...end, kind: end.command } as unknown as JobResult;
  }
  if (exit !== EXIT.failed) throw new Error(`it fails with exit code ${String(exit)}`);
  if (end.message === undefined || (end.remedy ?? []).length === 0) throw new Error(`no advice for ${end.code}`);
  const error = new FlasherError(end.code as FlasherErrorCode, end.message, end.context);
  error.flash = end.flash ?? "untouched";
  throw error;
}

let latest: Printed | undefined;

/** What this process prints, as long as the program that was begun with it runs. */
class Printed {
  complaints = "";
  private rest = "";
  private readonly pid = process.pid;
  private readonly streams = [process.stdout, process.stderr] as const;
  private readonly writes = this.streams.map((stream) => stream.write.bind(stream));
  private readonly listeners = SIGNALS.map((signal) => process.listeners(signal));

  constructor(private readonly line: (text: string) => void) {
    for (const [i, stream] of this.streams.entries())
      stream.write = (text: string | Uint8Array) => {
        // A process that was killed prints no more, and this one goes on.
        if (process.pid !== this.pid) return this.writes[i]?.(text) ?? true;
        if (i === 0) this.take(String(text));
        else this.complaints += String(text);
        return true;
      };
  }

  end(): void {
    latest = undefined;
    for (const [i, stream] of this.streams.entries()) stream.write = this.writes[i] as typeof stream.write;
    for (const [i, signal] of SIGNALS.entries())
      for (const listener of process.listeners(signal))
        if (this.listeners[i]?.includes(listener) !== true) process.removeListener(signal, listener);
    for (const stream of this.streams) stream.removeAllListeners("error");
  }

  private take(text: string): void {
    const lines = (this.rest + text).split("\n");
    this.rest = lines.pop() ?? "";
    lines.forEach(this.line);
  }
}
