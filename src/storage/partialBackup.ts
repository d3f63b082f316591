/**
 * A backup under way, on disk: what was read so far in a `.part` file at its flash address, a journal that says which of
 * it is whole, both beside the target. The target itself comes into being complete, and only then do these two go.
 * Several runs may be at work in one folder, on other chips: each writes and removes only files of its own. What others have read is
 * looked at, and removed once all of it is in this backup.
 */
import {
  FileError,
  checkManifest,
  compareDevices,
  crc32,
  deviceMark,
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
import { manifestPath } from "./backups";
import type { FileSystem, GrowingFile } from "./fileSystem";
import {
  assertCanCreate,
  beside,
  createFile,
  exists,
  fileError,
  isTemporaryOf,
  readIfThere,
  runName,
  statOf,
} from "./wholeFiles";

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
  readonly isUnmarked: boolean;
}

const JOURNAL = ".journal";
const PART = ".part";

export class PartialBackup {
  private own: Pair | undefined;
  private open: { readonly part: GrowingFile; readonly journal: GrowingFile } | undefined;
  private earlier: readonly Earlier[] = [];
  /** Temporary files of the target's that were there before this run, by name, and when they were written. */
  private leftBefore: ReadonlyMap<string, number> = new Map();
  /** Blocks of earlier runs that the chip holds otherwise, by journal. */
  private readonly refuted = new Set<string>();

  private readonly folder: string;
  private readonly name: string;
  private readonly manifest: string;

  private constructor(
    private readonly files: FileSystem,
    private readonly target: string,
    private readonly anyName: boolean,
  ) {
    this.folder = files.folderOf(target);
    this.name = files.nameOf(target);
    this.manifest = manifestPath(files, target);
  }

  /** The journal that people find beside the target. */
  private get usualJournal(): string {
    return beside(this.files, this.target, JOURNAL);
  }

  /**
   * Looks at what is there, before any chip is asked for anything.
   * @param anyName go on from what is beside the target under whatever name
   * @returns the backup itself where an earlier run was stopped after its very last step but the tidying up
   * @throws FileError `file-exists`, `file-access`
   */
  static async prepare(files: FileSystem, target: string, anyName = false): Promise<PartialBackup | FinishedBackup> {
    const partial = new PartialBackup(files, target, anyName);
    const interrupted = await exists(files, partial.usualJournal);
    const finished = interrupted ? await partial.finished() : undefined;
    if (finished) return finished;
    await assertCanCreate(files, target);
    // The manifest comes into being before the dump: with a journal beside it and no dump, it may be one of ours.
    if (!interrupted) await assertCanCreate(files, partial.manifest);
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
      const usual = earlier.find(({ journal }) => journal === this.usualJournal);
      const goesOn = usual?.isSurely === true && usual.resume !== undefined;
      if (usual && !goesOn && (usual.isSurely || usual.isUnmarked)) await this.removePair(usual.journal);
      this.earlier = earlier.filter((run) => run !== usual || !(goesOn || run.isSurely || run.isUnmarked));
      this.own = goesOn ? this.pairOf(usual.journal) : await this.claim(mark);
      this.open = {
        part: await this.files.openToPatch(this.own.part, !goesOn),
        journal: await this.files.openToAppend(this.own.journal),
      };
      // A line that was cut off must not swallow the next one.
      if (goesOn) await this.open.journal.write(asBytes("\n"), false);
      return joined(earlier.flatMap(({ resume }) => resume ?? []));
    });
  }

  /** The usual name where it is free, so that people find it; one of its own where another run has that. */
  private async claim(mark: DeviceMark): Promise<Pair> {
    const { files, target } = this;
    for (const run of ["", `.${runName()}`]) {
      const names = this.pairOf(beside(files, target, `${run}${JOURNAL}`));
      if (await exists(files, names.part)) {
        // Bytes that no journal vouches for are worth nothing.
        if (await exists(files, names.journal)) continue;
        await files.remove(names.part);
      }
      try {
        await createFile(files, names.journal, asBytes(startReadJournal(mark)));
        return names;
      } catch (error) {
        if (!(error instanceof FileError) || error.code !== "file-exists") throw error;
      }
    }
    throw new FileError("file-exists", `write ${this.name}`, { file: target });
  }

  /** Stores a block's bytes, then the line that vouches for them. Other events show that the run is at work. */
  async store(event: JobEvent): Promise<void> {
    const { open } = this;
    if (!open) return;
    if (event.type !== "block") {
      // So that no other run takes this one for ended, however long a person or an adapter is waited for.
      if (event.type === "linking" || event.type === "replugging") await this.onDisk(() => open.journal.touch());
      return;
    }
    const { start, data } = event;
    const crc = crc32(data);
    for (const { journal, resume } of this.earlier)
      if (resume?.blocks.some((block) => block.start === start && block.crc32 !== crc)) this.refuted.add(journal);
    await this.onDisk(async () => {
      await open.part.write(data, true, start);
      await open.journal.write(asBytes(readBlockLine({ start, length: data.length, crc32: crc })), true);
    });
  }

  /** @throws FileError `file-access` where the disk does not do it */
  private async onDisk<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const part = beside(this.files, this.target, PART);
      throw fileError(error, `write ${this.files.nameOf(part)}`, part);
    }
  }

  async close(): Promise<void> {
    const { open } = this;
    this.open = undefined;
    await open?.part.close();
    await open?.journal.close();
  }

  /**
   * Once the backup is stored: this run's files go, and those of runs that have ended of which all is in it. The journal last: as
   * long as it is there, the rest is known to be a run's.
   */
  async remove(): Promise<void> {
    await this.close();
    for (const run of this.earlier) if (await this.isUsedUp(run)) await this.removePair(run.journal);
    for (const [name, at] of await this.temporaries())
      if (this.leftBefore.get(name) === at) await this.files.remove(this.files.join(this.folder, name));
    if (this.own) await this.removePair(this.own.journal);
  }

  /** Of the target, its manifest and its journal: files of runs that were killed while they stored them, or store them now. */
  private async temporaries(): Promise<ReadonlyMap<string, number>> {
    const { files, folder } = this;
    const of = [this.target, this.manifest, this.usualJournal].map((path) => files.nameOf(path));
    const found = new Map<string, number>();
    for (const name of (await files.list(folder)).filter((each) => isTemporaryOf(each, of))) {
      const at = await this.changedAt(files.join(folder, name));
      if (at !== undefined) found.set(name, at);
    }
    return found;
  }

  /** A run that is at work writes to its journal. */
  private async isUsedUp({ journal, at }: Earlier): Promise<boolean> {
    return !this.refuted.has(journal) && (await this.changedAt(journal)) === at;
  }

  private async lookForEarlier(mark: DeviceMark): Promise<Earlier[]> {
    const { files, folder } = this;
    const begins = this.anyName ? "" : `${this.name}.`;
    const names = (await files.list(folder)).filter((name) => name.startsWith(begins) && name.endsWith(JOURNAL));
    const found: Earlier[] = [];
    for (const journal of names.map((name) => files.join(folder, name))) {
      const at = await this.changedAt(journal);
      const text = await this.textOf(journal);
      if (at === undefined) continue;
      const whose = readJournalDevice(text);
      const compared = whose && compareDevices(whose, mark);
      if (compared === "other") continue;
      const resume = resumeRead(text, await this.bytesOf(this.pairOf(journal).part), mark);
      found.push({ journal, resume, at, isSurely: compared === "same", isUnmarked: whose === undefined });
    }
    return found;
  }

  private async finished(): Promise<FinishedBackup | undefined> {
    const { files } = this;
    if (!(await exists(files, this.target)) || !(await exists(files, this.manifest))) return undefined;
    const data = await this.bytesOf(this.target);
    const manifest = parseManifest(await this.textOf(this.manifest), files.nameOf(this.manifest));
    if (checkManifest(manifest, data).verdict !== "equal") return undefined;
    const isIn = ({ start, length, crc32: crc }: ReadBlock): boolean => crc32(data, start, start + length) === crc;
    const runs = await this.lookForEarlier(manifest.device);
    const done = runs.filter(({ resume }) => resume?.blocks.every(isIn) !== false);
    if (!done.some(({ journal }) => journal === this.usualJournal)) return undefined;
    for (const name of (await this.temporaries()).keys()) await files.remove(files.join(this.folder, name));
    for (const { journal } of done) await this.removePair(journal);
    return { data, manifest };
  }

  private pairOf(journal: string): Pair {
    const { files } = this;
    const stem = files.nameOf(journal).slice(0, -JOURNAL.length);
    return { part: files.join(files.folderOf(journal), `${stem}${PART}`), journal };
  }

  private async removePair(journal: string): Promise<void> {
    await this.files.remove(this.pairOf(journal).part);
    await this.files.remove(journal);
  }

  private async changedAt(path: string): Promise<number | undefined> {
    return (await statOf(this.files, path))?.changed;
  }

  private async textOf(path: string): Promise<string> {
    return new TextDecoder().decode(await this.bytesOf(path));
  }

  private async bytesOf(path: string): Promise<Uint8Array> {
    return (await readIfThere(this.files, path)) ?? new Uint8Array(0);
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

function asBytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
