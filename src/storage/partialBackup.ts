/**
 * A backup under way, on disk: what was read so far in a `.part` file at its flash address, a journal that says which of
 * it is whole, both beside the target. The target itself comes into being complete, and only then do these two go.
 */
import { open, readFile, readdir, rm, type FileHandle } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import {
  checkManifest,
  crc32,
  deviceMark,
  manifestName,
  parseManifest,
  readBlockLine,
  resumeRead,
  startReadJournal,
  type BackupManifest,
  type ChipIdentity,
  type JobEvent,
  type ReadResume,
} from "../core/index";
import { PRIVATE_FILE, assertCanCreate, exists, fileError, syncFolder, temporaryOf } from "./wholeFiles";

export interface FinishedBackup {
  readonly data: Uint8Array;
  readonly manifest: BackupManifest;
}

export class PartialBackup {
  private readonly part: string;
  private readonly journal: string;
  private files: { readonly part: FileHandle; readonly journal: FileHandle } | undefined;

  private constructor(private readonly target: string) {
    this.part = `${target}.part`;
    this.journal = `${target}.journal`;
  }

  /**
   * Looks at what is there, before any chip is asked for anything.
   * @returns the backup itself where an earlier run was stopped after its very last step but the tidying up
   * @throws FileError `file-exists`, `file-access`
   */
  static async prepare(target: string): Promise<PartialBackup | FinishedBackup> {
    const partial = new PartialBackup(target);
    const interrupted = await exists(partial.journal);
    const finished = interrupted ? await partial.finished() : undefined;
    if (finished) {
      await partial.remove();
      return finished;
    }
    await assertCanCreate(target);
    // The manifest comes into being before the dump: with a journal beside it and no dump, it is one of ours.
    if (interrupted) await rm(manifestName(target), { force: true });
    else await assertCanCreate(manifestName(target));
    return partial;
  }

  /**
   * For the job: what an earlier run has read of this very chip, and a fresh start where there is nothing to go on from.
   * @throws FileError
   */
  async resume(chip: ChipIdentity): Promise<ReadResume | undefined> {
    return await this.onDisk(() => this.open(chip));
  }

  private async open(chip: ChipIdentity): Promise<ReadResume | undefined> {
    const mark = deviceMark(chip);
    const found = resumeRead(await textOf(this.journal), await bytesOf(this.part), mark);
    if (!found) {
      await this.remove();
      const journal = await open(this.journal, "wx", PRIVATE_FILE);
      await journal.appendFile(startReadJournal(mark));
      await journal.close();
    }
    this.files = {
      part: await open(this.part, found ? "r+" : "wx", PRIVATE_FILE),
      journal: await open(this.journal, "a"),
    };
    if (!found) await syncFolder(dirname(this.part));
    // A line that was cut off must not swallow the next one.
    if (found) await this.files.journal.appendFile("\n");
    return found;
  }

  /** Stores a block's bytes, then the line that vouches for them: a power cut costs the block under way. */
  async store(event: JobEvent): Promise<void> {
    const { files } = this;
    if (event.type !== "block" || !files) return;
    const { start, data } = event;
    await this.onDisk(async () => {
      await files.part.write(data, 0, data.length, start);
      await files.part.datasync();
      await files.journal.appendFile(readBlockLine({ start, length: data.length, crc32: crc32(data) }));
      await files.journal.datasync();
    });
  }

  /** @throws FileError `file-access` where the disk does not do it */
  private async onDisk<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw fileError(error, `write ${basename(this.part)}`, this.part);
    }
  }

  async close(): Promise<void> {
    const { files } = this;
    this.files = undefined;
    await files?.part.close();
    await files?.journal.close();
  }

  /** The journal last: as long as it is there, the rest is known to be ours. */
  async remove(): Promise<void> {
    await this.close();
    await rm(this.part, { force: true });
    for (const path of [this.target, manifestName(this.target)]) await removeLeftovers(path);
    await rm(this.journal, { force: true });
  }

  private async finished(): Promise<FinishedBackup | undefined> {
    if (!(await exists(this.target)) || !(await exists(manifestName(this.target)))) return undefined;
    const data = await bytesOf(this.target);
    const manifest = parseManifest(await textOf(manifestName(this.target)), basename(manifestName(this.target)));
    return checkManifest(manifest, data).verdict === "equal" ? { data, manifest } : undefined;
  }
}

/** Temporary files of runs that were killed while they wrote `path`. */
async function removeLeftovers(path: string): Promise<void> {
  const [head, tail] = temporaryOf(basename(path), "*").split("*") as [string, string];
  const names = (await readdir(dirname(path))).filter(
    (name) => name.startsWith(head) && name.endsWith(tail) && /^\d+$/.test(name.slice(head.length, -tail.length)),
  );
  for (const name of names) await rm(join(dirname(path), name), { force: true });
}

async function textOf(path: string): Promise<string> {
  return (await exists(path)) ? await readFile(path, "utf8") : "";
}

async function bytesOf(path: string): Promise<Uint8Array> {
  return (await exists(path)) ? new Uint8Array(await readFile(path)) : new Uint8Array(0);
}
