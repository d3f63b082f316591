/** Commands about logs: monitor, which shows one as it comes, and verdict, which judges a saved one. */
import { createReadStream } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import {
  BootWatch,
  CancelledError,
  FileError,
  LOG_SPEEDS,
  LogMask,
  USUAL_SPEED,
  asFlasherError,
  decodeCrash,
  english,
  findSpeed,
  isCancelled,
  isOfBuild,
  readElf,
  systemClock,
  words,
  type BootVerdict,
  type ElfFile,
  type PortLogEvent,
  type PortRef,
} from "../../core/index";
import { nodeFiles } from "../../storage/nodeFileSystem";
import { fileError, readFirmware } from "../../storage/wholeFiles";
import { choosePort } from "../jobs/namedPort";
import { portLog } from "../jobs/portLogs";
import { interrupted } from "../terminal/interrupt";
import type { Output } from "../terminal/output";
import { readTypedLines } from "../terminal/typedLines";
import { plainVerdict, verdictLines, type DecodedCrash } from "../terminal/verdictText";

interface ElfOption {
  readonly elf?: string;
}

export interface VerdictOptions extends ElfOption {
  readonly baud: number;
}

export interface MonitorOptions extends ElfOption {
  readonly port?: string;
  readonly baud: number | "auto";
  readonly timestamps: boolean;
  readonly save?: string;
  readonly untilVerdict: boolean;
  readonly timeout: number;
}

export async function verdict(path: string, { elf, baud }: VerdictOptions, output: Output): Promise<void> {
  const judged = await judgeFile(path, baud);
  const decoded = decode(judged, elf === undefined ? undefined : await fileOfBuild(elf));
  output.result(verdictLines(judged, decoded), { command: "verdict", file: path, ...plainVerdict(judged, decoded) });
}

/**
 * Piece by piece: a log may be of months, or come through a pipe.
 * @throws FileError `file-not-found`, `file-access`
 */
async function judgeFile(path: string, heardAt: number): Promise<BootVerdict> {
  const watch = new BootWatch({ heardAt });
  const doing = `read ${nodeFiles.nameOf(path)}`;
  try {
    const { kind } = await nodeFiles.stat(path);
    if (kind === "folder") throw new FileError("file-access", doing, { file: path, detail: words`it is not a file` });
    for await (const piece of createReadStream(path, { signal: interrupted })) watch.push(piece as Uint8Array, 0);
  } catch (error) {
    if (interrupted.aborted) throw new CancelledError(doing);
    throw fileError(error, doing, path);
  }
  return watch.end();
}

interface FileOfBuild {
  readonly path: string;
  readonly file: ElfFile;
}

/** @throws FlasherError `elf-unusable`, FileError */
async function fileOfBuild(path: string): Promise<FileOfBuild> {
  return { path, file: readElf((await readFirmware(nodeFiles, path)).bytes) };
}

/** @throws FlasherError `elf-unusable` where another build crashed */
function decode({ crash, firmware }: BootVerdict, build: FileOfBuild | undefined): DecodedCrash | undefined {
  if (build === undefined) return undefined;
  const { path, file } = build;
  const places = crash === undefined ? [] : decodeCrash(crash, file, firmware);
  return { elf: path, places, isOfThatBuild: isOfBuild(file, firmware) };
}

/** Shows a log until Ctrl-C, Ctrl-], or, where that is asked for, until there is a verdict. */
export async function monitor(options: MonitorOptions, output: Output): Promise<void> {
  // A crash comes once: what is to name its places is looked at before.
  if (options.elf !== undefined) await fileOfBuild(options.elf);
  const port = await choosePort(options.port);
  const baud = options.baud === "auto" ? await speedOf(port, output) : options.baud;
  const log = portLog(port, baud);
  const leaving = new AbortController();
  const signal = AbortSignal.any([interrupted, leaving.signal]);
  const saved = options.save === undefined ? undefined : await SavedLog.create(options.save);
  const stopTyping = readTypedLines(
    (line) => {
      log.send(new TextEncoder().encode(`${line}\r\n`), signal).catch((error: unknown) => {
        output.news([`Not sent: ${asFlasherError(error, "send what was typed").message}`], { type: "not-sent" });
      });
    },
    () => leaving.abort(),
  );
  const watch = new LogView(options, baud, output, saved);
  try {
    for await (const event of log.events(signal)) {
      if (await watch.show(event)) break;
    }
  } catch (error) {
    if (!isCancelled(error)) throw error;
  } finally {
    stopTyping();
    await saved?.close();
  }
  const judged = watch.verdict();
  // Another build may have been made and flashed meanwhile.
  const build = options.elf === undefined || judged.crash === undefined ? undefined : await fileOfBuild(options.elf);
  const decoded = decode(judged, build);
  output.result(verdictLines(judged, decoded), { command: "monitor", ...plainVerdict(judged, decoded) });
}

/** The first speed that gives text; the usual one where none does. */
async function speedOf(port: PortRef, output: Output): Promise<number> {
  const trying = (baudRate: number): void => output.news([`Trying ${baudRate} baud.`], { type: "trying", baudRate });
  const parts = { logAt: (baudRate: number) => portLog(port, baudRate), clock: systemClock, trying };
  const found = await findSpeed(LOG_SPEEDS, parts, interrupted);
  if (found !== undefined) return found;
  output.news(["No speed gave text."], { type: "no-speed" });
  return USUAL_SPEED;
}

/** Prints the lines of a log and keeps the verdict. */
class LogView {
  private readonly watch: BootWatch;
  private readonly started = systemClock.now();
  private told: BootVerdict["kind"] | undefined;
  private at = this.started;

  constructor(
    private readonly options: MonitorOptions,
    baud: number,
    private readonly output: Output,
    private readonly saved: SavedLog | undefined,
  ) {
    this.watch = new BootWatch({ heardAt: baud });
  }

  verdict(): BootVerdict {
    return this.watch.verdict(this.at);
  }

  /** True when nothing more is wanted. */
  async show(event: PortLogEvent): Promise<boolean> {
    switch (event.type) {
      case "opened":
        this.output.news(
          [
            `${event.again ? "Again listening" : "Listening"} on ${event.port} at ${event.baudRate} baud. Ctrl-] or Ctrl-C ends it.`,
          ],
          { ...event },
        );
        return false;
      case "lost":
        this.output.news([`${event.port} went away; it is opened again when it is back.`], {
          type: event.type,
          port: event.port,
          detail: event.detail === undefined ? null : english(event.detail),
        });
        return false;
      case "bytes":
        this.at = event.at;
        for (const { text } of this.watch.push(event.bytes, event.at)) await this.line(text);
        break;
      case "quiet":
        this.at = event.at;
    }
    return this.tellVerdict();
  }

  private async line(text: string): Promise<void> {
    const time = new Date();
    const stamp = time.toISOString().slice(11, 23);
    this.output.facts([this.options.timestamps ? `${stamp} ${text}` : text], {
      type: "log",
      time: time.toISOString(),
      text,
    });
    await this.saved?.append(stamp, text);
  }

  private tellVerdict(): boolean {
    const waited = this.at - this.started >= this.options.timeout * 1000;
    const judged = this.watch.verdictIfDue(this.at);
    if (judged === undefined) return this.options.untilVerdict && waited;
    if (judged.settled && judged.kind !== this.told && judged.kind !== "silence") {
      this.told = judged.kind;
      if (!this.options.untilVerdict)
        this.output.news([`--- ${english(judged.summary)}`], { type: "verdict", ...plainVerdict(judged) });
    }
    return this.options.untilVerdict && ((judged.settled && judged.kind !== "silence") || waited);
  }
}

/** A log in a new file, line by line, with its secrets masked. */
class SavedLog {
  private readonly mask = new LogMask();

  private constructor(private readonly file: FileHandle) {}

  /** @throws FileError `file-exists`: a log that is there is never written over */
  static async create(path: string): Promise<SavedLog> {
    try {
      return new SavedLog(await open(path, "wx", 0o600));
    } catch (error) {
      throw fileError(error, `create ${path}`, path);
    }
  }

  async append(stamp: string, line: string): Promise<void> {
    await this.file.appendFile(`${stamp} ${this.mask.mask(line)}\n`);
  }

  async close(): Promise<void> {
    await this.file.close();
  }
}
