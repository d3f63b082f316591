/**
 * A backup under way, on disk: what was read so far in a `.part` file at its flash address, a journal that says which of
 * it is whole, both beside the target. The target itself comes into being complete, and only then do these two go.
 * Several runs may be at work in one folder, on other chips: each writes and removes only files of its own. What others have read is
 * looked at, and removed once all of it is in this backup.
 */
import { open, readFile, readdir, rm, stat, utimes, writeFile, type FileHandle } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import {
  FileError,
  checkManifest,
  compareDevices,
  crc32,
  deviceMark,
  manifestName,
  parseManifest,
  readBlockLine,
  readJournalDevice,
  resumeRead,
  startReadJournal,
  type BackupManifest,
  type ChipIdentity,
  type DeviceMark,
  type JobEvent,
  type ReadBlock,
  type ReadResume,
} from "../core/index";
import { PRIVATE_FILE, assertCanCreate, exists, fileError, runName, syncFolder } from "./wholeFiles";

export interface FinishedBackup {
  readonly data: Uint8Array;
  readonly manifest: BackupManifest;
}

interface Pair {
  readonly part: string;
  readonly journal: string;
}

/** What a run, perhaps one that is still at work, has read. */
interface Earlier {
  readonly journal: string;
  readonly resume: ReadResume | undefined;
  /** When it was last written to, milliseconds since 1970. */
  readonly at: number;
  /** Of this very device, which is busy with this run. */
  readonly isSurely: boolean;
  /** It does not say of which device. */
  readonly isNobodys: boolean;
}

const JOURNAL = ".journal";

export class PartialBackup {
  private own: Pair | undefined;
  private files: { readonly part: FileHandle; readonly journal: FileHandle } | undefined;
  private earlier: readonly Earlier[] = [];
  /** Temporary files of the target's that were there before this run, by name, and when they were written. */
  private leftBefore: ReadonlyMap<string, number> = new Map();
  /** Blocks of earlier runs that the chip holds otherwise, by journal. */
  private readonly refuted = new Set<string>();

  private constructor(
    private readonly target: string,
    private readonly anyName: boolean,
  ) {}

  /**
   * Looks at what is there, before any chip is asked for anything.
   * @param anyName go on from what is beside the target under whatever name
   * @returns the backup itself where an earlier run was stopped after its very last step but the tidying up
   * @throws FileError `file-exists`, `file-access`
   */
  static async prepare(target: string, anyName = false): Promise<PartialBackup | FinishedBackup> {
    const partial = new PartialBackup(target, anyName);
    const interrupted = await exists(`${target}${JOURNAL}`);
    const finished = interrupted ? await partial.finished() : undefined;
    if (finished) return finished;
    await assertCanCreate(target);
    // The manifest comes into being before the dump: with a journal beside it and no dump, it may be one of ours.
    if (!interrupted) await assertCanCreate(manifestName(target));
    return partial;
  }

  /** The journal of this run; undefined before {@link resume}. */
  get journal(): string | undefined {
    return this.own?.journal;
  }

  /**
   * For the job: what earlier runs have read of this chip, as far as can be told, and a fresh start where there is nothing.
   * @throws FileError
   */
  async resume(chip: ChipIdentity): Promise<ReadResume | undefined> {
    return await this.onDisk(async () => {
      const mark = deviceMark(chip);
      this.leftBefore = await this.temporaries();
      const earlier = await this.lookForEarlier(mark);
      const usual = earlier.find(({ journal }) => journal === `${this.target}${JOURNAL}`);
      const goesOn = usual?.isSurely === true && usual.resume !== undefined;
      if (usual && !goesOn && (usual.isSurely || usual.isNobodys)) await removePair(usual.journal);
      this.earlier = earlier.filter((run) => run !== usual || !(goesOn || run.isSurely || run.isNobodys));
      this.own = goesOn ? pairOf(usual.journal) : await this.claim(mark);
      this.files = {
        part: await open(this.own.part, goesOn ? "r+" : "wx", PRIVATE_FILE),
        journal: await open(this.own.journal, "a"),
      };
      await syncFolder(dirname(this.target));
      // A line that was cut off must not swallow the next one.
      if (goesOn) await this.files.journal.appendFile("\n");
      return joined(earlier.flatMap(({ resume }) => resume ?? []));
    });
  }

  /** The usual name where it is free, so that people find it; one of its own where another run has that. */
  private async claim(mark: DeviceMark): Promise<Pair> {
    for (const stem of [this.target, `${this.target}.${runName()}`]) {
      const names = pairOf(`${stem}${JOURNAL}`);
      if (await exists(names.part)) {
        // Bytes that no journal vouches for are worth nothing.
        if (await exists(names.journal)) continue;
        await rm(names.part, { force: true });
      }
      try {
        await writeFile(names.journal, startReadJournal(mark), { flag: "wx", mode: PRIVATE_FILE, flush: true });
        return names;
      } catch (error) {
        if (fileError(error, "", "").code !== "file-exists") throw error;
      }
    }
    throw new FileError("file-exists", `write ${basename(this.target)}`, { file: this.target });
  }

  /** Stores a block's bytes, then the line that vouches for them. Other events show that the run is at work. */
  async store(event: JobEvent): Promise<void> {
    const { files } = this;
    if (!files) return;
    if (event.type !== "block") return await this.touch(event);
    const { start, data } = event;
    const crc = crc32(data);
    for (const { journal, resume } of this.earlier)
      if (resume?.blocks.some((block) => block.start === start && block.crc32 !== crc)) this.refuted.add(journal);
    await this.onDisk(async () => {
      await files.part.write(data, 0, data.length, start);
      await files.part.datasync();
      await files.journal.appendFile(readBlockLine({ start, length: data.length, crc32: crc }));
      await files.journal.datasync();
    });
  }

  /** So that no other run takes this one for ended, however long a person or an adapter is waited for. */
  private async touch({ type }: JobEvent): Promise<void> {
    const { journal } = this.own ?? {};
    if (journal === undefined || (type !== "linking" && type !== "replugging")) return;
    const now = Date.now() / 1000;
    await this.onDisk(() => utimes(journal, now, now));
  }

  /** @throws FileError `file-access` where the disk does not do it */
  private async onDisk<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const part = `${this.target}.part`;
      throw fileError(error, `write ${basename(part)}`, part);
    }
  }

  async close(): Promise<void> {
    const { files } = this;
    this.files = undefined;
    await files?.part.close();
    await files?.journal.close();
  }

  /**
   * Once the backup is stored: this run's files go, and those of runs that have ended of which all is in it. The journal last: as
   * long as it is there, the rest is known to be a run's.
   */
  async remove(): Promise<void> {
    await this.close();
    for (const run of this.earlier) if (await this.isUsedUp(run)) await removePair(run.journal);
    for (const [name, at] of await this.temporaries())
      if (this.leftBefore.get(name) === at) await rm(join(dirname(this.target), name), { force: true });
    if (this.own) await removePair(this.own.journal);
  }

  /** Of the target and its manifest: files of runs that were killed while they stored them, or store them now. */
  private async temporaries(): Promise<ReadonlyMap<string, number>> {
    const folder = dirname(this.target);
    const begins = [this.target, manifestName(this.target)].map((path) => `.${basename(path)}.`);
    const isOne = (name: string): boolean =>
      begins.some((start) => name.startsWith(start) && /^[\da-f]{8}-[\da-f]{4}\.part$/.test(name.slice(start.length)));
    const found = new Map<string, number>();
    for (const name of (await readdir(folder)).filter(isOne)) {
      const at = await changedAt(join(folder, name));
      if (at !== undefined) found.set(name, at);
    }
    return found;
  }

  /** A run that is at work writes to its journal. */
  private async isUsedUp({ journal, at }: Earlier): Promise<boolean> {
    return !this.refuted.has(journal) && (await changedAt(journal)) === at;
  }

  private async lookForEarlier(mark: DeviceMark): Promise<Earlier[]> {
    const folder = dirname(this.target);
    const begins = this.anyName ? "" : `${basename(this.target)}.`;
    const names = (await readdir(folder)).filter((name) => name.startsWith(begins) && name.endsWith(JOURNAL));
    const found: Earlier[] = [];
    for (const journal of names.map((name) => join(folder, name))) {
      const at = await changedAt(journal);
      const text = await textOf(journal);
      if (at === undefined) continue;
      const whose = readJournalDevice(text);
      const compared = whose && compareDevices(whose, mark);
      if (compared === "other") continue;
      const resume = resumeRead(text, await bytesOf(pairOf(journal).part), mark);
      found.push({ journal, resume, at, isSurely: compared === "same", isNobodys: whose === undefined });
    }
    return found;
  }

  private async finished(): Promise<FinishedBackup | undefined> {
    if (!(await exists(this.target)) || !(await exists(manifestName(this.target)))) return undefined;
    const data = await bytesOf(this.target);
    const manifest = parseManifest(await textOf(manifestName(this.target)), basename(manifestName(this.target)));
    if (checkManifest(manifest, data).verdict !== "equal") return undefined;
    const isIn = ({ start, length, crc32: crc }: ReadBlock): boolean => crc32(data, start, start + length) === crc;
    const runs = await this.lookForEarlier(manifest.device);
    const done = runs.filter(({ resume }) => resume?.blocks.every(isIn) !== false);
    if (!done.some(({ journal }) => journal === `${this.target}${JOURNAL}`)) return undefined;
    for (const name of (await this.temporaries()).keys()) await rm(join(dirname(this.target), name), { force: true });
    for (const { journal } of done) await removePair(journal);
    return { data, manifest };
  }
}

/** Of several, what comes first in the list counts. */
function joined(all: readonly ReadResume[]): ReadResume | undefined {
  const [first, ...more] = all;
  if (!first || more.length === 0) return first;
  const bytes = new Uint8Array(Math.max(...all.map((each) => each.bytes.length)));
  const blocks = new Map<number, ReadBlock>();
  for (const each of all)
    for (const block of each.blocks) {
      if (blocks.has(block.start)) continue;
      blocks.set(block.start, block);
      bytes.set(each.bytes.subarray(block.start, block.start + block.length), block.start);
    }
  return { bytes, blocks: [...blocks.values()].sort((a, b) => a.start - b.start) };
}

function pairOf(journal: string): Pair {
  return { part: `${journal.slice(0, -JOURNAL.length)}.part`, journal };
}

async function removePair(journal: string): Promise<void> {
  await rm(pairOf(journal).part, { force: true });
  await rm(journal, { force: true });
}

async function changedAt(path: string): Promise<number | undefined> {
  return (await stat(path).catch(() => undefined))?.mtimeMs;
}

async function textOf(path: string): Promise<string> {
  return (await exists(path)) ? await readFile(path, "utf8") : "";
}

async function bytesOf(path: string): Promise<Uint8Array> {
  return (await exists(path)) ? new Uint8Array(await readFile(path)) : new Uint8Array(0);
}
