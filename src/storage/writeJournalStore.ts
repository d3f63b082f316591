/**
 * What writes can be resumed by, on disk: one journal for each device and plan, so that bytes that must survive an erase
 * survive a kill of this program, and another file being flashed in between. It is gone once the write is proven. A device that
 * nothing tells from others gets a journal of its own each time, and none of its bytes come from an earlier one.
 */
import {
  FileError,
  deviceMark,
  doneLine,
  erasingLine,
  isMarked,
  keptByWrite,
  mayBeLifted,
  mayHaveKept,
  newerLine,
  provenByWrite,
  planFingerprint,
  processOf,
  preservedSectors,
  protectionLifted,
  protectionLine,
  resumeWrite,
  startWriteJournal,
  type ChipIdentity,
  type DeviceMark,
  type FlashPlan,
  type JobEvent,
  type LiftedInDoubt,
  type WriteResume,
} from "../core/index";
import type { FileSystem, GrowingFile } from "./fileSystem";
import { makePrivate, type OpenToOthers } from "./privateFiles";
import { isBusyElsewhere, type Programs } from "./interrupted";
import { createFile, createFolder, readText, replaceFile, runName, statOf } from "./wholeFiles";

export interface WriteJournalOptions {
  readonly files: FileSystem;
  readonly programs: Programs;
  readonly folder: string;
  readonly fileName: string;
  /** Called once when nothing can be stored: the write goes on, and could not be resumed. */
  readonly warn: (why: string) => void;
  /**
   * Called for a journal whose bytes are not used: they may be of another device, or the chip holds something else there, which is
   * newer.
   */
  readonly leftAlone?: (path: string, why: "doubt" | "newer") => void;
  /** The journal is on disk, and the first erase not sent yet. */
  readonly begun?: (path: string) => Promise<void>;
  readonly openToOthers?: OpenToOthers;
  /** Journals that other writes of this process are at work on. */
  readonly atWork?: ReadonlySet<string>;
}

interface Write {
  readonly mark: DeviceMark;
  readonly plan: FlashPlan;
  path: string;
  /** Nothing was there under its name. */
  readonly isNew: boolean;
  /** What is there was written by this write. */
  isOurs: boolean;
}

export class WriteJournal {
  private write: Write | undefined;
  private file: GrowingFile | undefined;
  private goesOn = false;
  /** What the status register held before its protection was lifted, by this write or an interrupted one, until it is back. */
  private lifted: number | undefined;
  /** Journals of other writes to this device, the oldest first. */
  private others: readonly string[] = [];
  /** Protection that was lifted on this device, or on another of its kind. */
  private inDoubt: readonly LiftedInDoubt[] = [];

  constructor(private readonly options: WriteJournalOptions) {}

  /**
   * For the job: what an interrupted write of this plan to this device left behind, and what such a write of another file
   * took out of sectors that this one keeps a part of.
   */
  async resume(chip: ChipIdentity, plan: FlashPlan): Promise<WriteResume | undefined> {
    const { files, folder, leftAlone, openToOthers = () => undefined } = this.options;
    await makePrivate(files, folder, "all", openToOthers);
    const mark = deviceMark(chip);
    const usual = files.join(folder, nameOf(mark, plan));
    // Another program is at work on a device with the same marks: its journal stays as it is, and none of its bytes are taken.
    const path = (await this.isBusy(usual)) ? anotherName(usual) : usual;
    const before = await textOf(files, path);
    this.write = { mark, plan, path, isNew: before === "", isOurs: false };
    this.others = [];
    this.inDoubt = [];
    const own = resumeWrite(before, mark, plan);
    const kept = new Map<number, Uint8Array>();
    const proven = new Set<number>();
    const keeps = new Set(preservedSectors(plan));
    // The oldest counts: it saw the sector before any of them.
    this.lifted = undefined;
    for (const other of await journalsIn(files, folder)) {
      if (other === path || (await this.isBusy(other))) continue;
      const text = await textOf(files, other);
      const its = keptByWrite(text, mark);
      if (!its && mayHaveKept(text, mark)) leftAlone?.(other, "doubt");
      const doubt = its ? undefined : mayBeLifted(text, mark, plan);
      if (doubt) this.inDoubt = [...this.inDoubt, { ...doubt, journal: other }];
      if (!its) continue;
      this.others = [...this.others, other];
      this.lifted ??= protectionLifted(text, mark);
      const whole = provenByWrite(text, mark);
      for (const [address, content] of its) {
        if (!keeps.has(address) || kept.has(address)) continue;
        kept.set(address, content);
        if (whole.has(address)) proven.add(address);
      }
    }
    for (const [address, content] of own?.kept ?? []) {
      kept.set(address, content);
      if (own?.proven?.has(address) === true) proven.add(address);
      else proven.delete(address);
    }
    this.lifted ??= own?.protection;
    this.goesOn = own !== undefined || kept.size > 0;
    const { goesOn, lifted, inDoubt } = this;
    if (!goesOn && lifted === undefined && inDoubt.length === 0) return undefined;
    return { kept, proven, claimed: own?.claimed ?? [], inDoubt, ...(lifted !== undefined && { protection: lifted }) };
  }

  async store(event: JobEvent): Promise<void> {
    try {
      if (event.type === "kept") await this.begin(event);
      else if (event.type === "erasing") await this.append(erasingLine(event.range), true);
      else if (event.type === "sector-done") await this.append(doneLine(event.address, event.proven), false);
      else if (event.type === "unprotecting") await this.protection(event.status);
      else if (event.type === "note" && event.code === "reprotected") {
        await this.protection(undefined);
        // Of a job that this device turned out to have had.
        const { file } = event.context;
        if (file !== undefined) await appendTo(this.options.files, file, protectionLine(undefined));
      }
    } catch (error) {
      await this.close();
      this.options.warn(error instanceof Error ? error.message : String(error));
    }
  }

  /** The flash holds what it should: there is nothing to resume, also of what this write has put right. */
  async remove(): Promise<void> {
    await this.close();
    const { write } = this;
    if (!write) return;
    const { mark, plan, path } = write;
    const { files } = this.options;
    const written = (address: number): boolean =>
      plan.sectors.some(({ start, end }) => start <= address && address < end);
    for (const other of this.others) {
      if (await this.isBusy(other)) continue;
      const text = await textOf(files, other);
      const kept = keptByWrite(text, mark);
      if (kept && [...kept.keys()].every(written)) await files.remove(other);
      // The protection that it had lifted is back, or another program has set it.
      else if (protectionLifted(text, mark) !== undefined) await appendTo(files, other, protectionLine(undefined));
    }
    await files.remove(path);
  }

  /** The flash is as it was before this write: there is nothing to resume, unless there was before. */
  async abandon(): Promise<void> {
    await this.close();
    const { write } = this;
    if (write?.isOurs === true && !this.goesOn && this.lifted === undefined)
      await this.options.files.remove(write.path);
  }

  async close(): Promise<void> {
    await this.file?.close();
    this.file = undefined;
  }

  /** Whether another write, of this process or another, is at work on a journal. */
  private async isBusy(path: string): Promise<boolean> {
    const { files, programs, atWork } = this.options;
    if (atWork?.has(path) === true) return true;
    const changed = (await statOf(files, path))?.changed;
    const pid = changed === undefined ? undefined : processOf(await textOf(files, path));
    return changed !== undefined && pid !== undefined && (await isBusyElsewhere(programs, pid, changed));
  }

  /** In place of an older one only once it is whole: at any moment one of the two is there. */
  private async begin({ plan, before, touched, newer }: Extract<JobEvent, { type: "kept" }>): Promise<void> {
    const { write } = this;
    if (!write) return;
    await this.close();
    const { files, folder, fileName, programs, begun } = this.options;
    await createFolder(files, folder);
    const lifted = this.lifted === undefined ? "" : protectionLine(this.lifted);
    if (newer.length > 0) await this.putAside(write, newer);
    const head = startWriteJournal(write.mark, fileName, plan, before, touched, programs.own);
    await this.put(write, `${head}${lifted}`);
    this.file = await files.openToAppend(write.path);
    // What the chip holds now is in this journal: from here on it counts, and not what an earlier one has of it.
    if (newer.length > 0) for (const other of this.others) await appendTo(files, other, newer.map(newerLine).join(""));
    await begun?.(write.path);
  }

  /** A name that was free is given to one of several that race for it. */
  private async put(write: Write, text: string): Promise<void> {
    const { files } = this.options;
    const isThere = !write.isNew || write.isOurs;
    write.isOurs = true;
    if (isThere) return await replaceFile(files, write.path, text);
    try {
      await createFile(files, write.path, new TextEncoder().encode(text));
    } catch (error) {
      if (!(error instanceof FileError) || error.code !== "file-exists") throw error;
      write.path = anotherName(write.path);
      await createFile(files, write.path, new TextEncoder().encode(text));
    }
  }

  /** Bytes that are not written back are still the person's: what has them stays, under a name that no later write looks for. */
  private async putAside({ path, mark }: Write, newer: readonly number[]): Promise<void> {
    const { files, folder, leftAlone } = this.options;
    for (const journal of [path, ...this.others]) {
      const text = await textOf(files, journal);
      const kept = keptByWrite(text, mark);
      if (!newer.some((address) => kept?.has(address) === true)) continue;
      const aside = files.join(folder, `older-${runName()}.journal`);
      await createFile(files, aside, new TextEncoder().encode(text));
      leftAlone?.(aside, "newer");
    }
  }

  private async protection(status: number | undefined): Promise<void> {
    this.lifted = status;
    await this.append(protectionLine(status), true);
  }

  private async append(line: string, flush: boolean): Promise<void> {
    await this.file?.write(new TextEncoder().encode(line), flush);
  }
}

/** A line that was cut off must not swallow the next one. */
async function appendTo(files: FileSystem, path: string, lines: string): Promise<void> {
  const whole = (await textOf(files, path)).endsWith("\n");
  const file = await files.openToAppend(path);
  try {
    await file.write(new TextEncoder().encode(whole ? lines : `\n${lines}`), true);
  } finally {
    await file.close();
  }
}

/** The oldest first. */
async function journalsIn(files: FileSystem, folder: string): Promise<string[]> {
  const names = await files.list(folder).catch((): string[] => []);
  const paths = names
    .filter((name) => name.startsWith("write-") && name.endsWith(".journal"))
    .map((name) => files.join(folder, name));
  const dated = await Promise.all(paths.map(async (path) => ({ path, at: (await statOf(files, path))?.changed })));
  return dated
    .flatMap(({ path, at }) => (at === undefined ? [] : [{ path, at }]))
    .sort((a, b) => a.at - b.at)
    .map(({ path }) => path);
}

/** The same each time for the same device and plan; never the same where that cannot be told. */
function nameOf(mark: DeviceMark, plan: FlashPlan): string {
  // An address is given twice: the calibration tells two of them apart.
  const device = isMarked(mark) ? `${mark.mac?.replaceAll(":", "") ?? ""}-${mark.calibration ?? ""}` : "unmarked";
  const once = isMarked(mark) ? "" : `-${crypto.randomUUID()}`;
  return `write-${device}-${planFingerprint(plan)}${once}.journal`;
}

function anotherName(path: string): string {
  return path.replace(/\.journal$/, `-${runName()}.journal`);
}

/** Nothing where there is no such file, or none that can be read. */
async function textOf(files: FileSystem, path: string): Promise<string> {
  return await readText(files, path).catch(() => "");
}
