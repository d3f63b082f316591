/**
 * The backup before a first write, on disk: whether one is there, the partial file while it is read, the finished one with
 * its manifest. What is worth nothing becomes a backup only with the person's consent. Reads no chip; the job does.
 */
import {
  judgeDump,
  wholeOf,
  type BackUpFirst,
  type ChipHolds,
  type ChipIdentity,
  type DumpJudgement,
  type JobEvent,
  type ReadResume,
} from "../core/index";
import type { FileSystem } from "./fileSystem";
import { createFolder } from "./wholeFiles";
import { backupThatFits, backupsOf, newBackupPath, storeBackup, type Candidate } from "./backups";
import { PartialBackup } from "./partialBackup";
import { makePrivate, type OpenToOthers } from "./privateFiles";

export interface BackupFirstOptions {
  readonly files: FileSystem;
  readonly folder: string;
  /** Dumps that were saved in other places. */
  readonly elsewhere?: readonly string[];
  /** Goes into the manifest. */
  readonly toolVersion: string;
  /** Asked about a dump that is not good, before it is stored; false ends the job with nothing touched. */
  readonly accept: (judgement: DumpJudgement) => Promise<boolean>;
  readonly found?: (path: string) => void;
  /** A copy is about to be read into this file, beside which there is a journal now. */
  readonly begun?: (path: string, journal: string, chip: ChipIdentity) => Promise<void>;
  readonly saved?: (path: string, judgement: DumpJudgement) => void;
  readonly openToOthers?: OpenToOthers;
}

export class BackupBeforeWrite implements BackUpFirst {
  private path: string | undefined;
  private partial: PartialBackup | undefined;
  /** Of this device by its marks, and still in doubt. */
  private doubtful: Candidate | undefined;

  constructor(private readonly options: BackupFirstOptions) {}

  async needed(chip: ChipIdentity, holds: ChipHolds): Promise<boolean> {
    const { files, folder, elsewhere, found, openToOthers = () => undefined } = this.options;
    await makePrivate(files, folder, "all", openToOthers);
    const candidates = await backupsOf(files, folder, chip, elsewhere);
    const there = await backupThatFits(candidates, chip, holds);
    if (there) found?.(there.path);
    this.doubtful = there ? undefined : candidates[0];
    return there === undefined;
  }

  /** @throws FileError where the copy could not be stored: told before it is read */
  async resume(chip: ChipIdentity): Promise<ReadResume | undefined> {
    const { files, folder, begun } = this.options;
    await createFolder(files, folder);
    this.path = await newBackupPath(files, folder, chip);
    const partial = await PartialBackup.prepare(files, this.path, true);
    // Only tidying up was left of an interrupted run, of another moment: this copy gets a name of its own.
    if (!(partial instanceof PartialBackup)) return await this.resume(chip);
    this.partial = partial;
    const interrupted = await partial.resume(chip);
    await begun?.(this.path, partial.journal ?? "", chip);
    return interrupted ?? (this.doubtful && wholeOf(this.doubtful.bytes));
  }

  /** To be given every event of the job, before it goes on. */
  async store(event: JobEvent): Promise<void> {
    await this.partial?.store(event);
  }

  async save(data: Uint8Array, chip: ChipIdentity): Promise<boolean> {
    const { path, partial } = this;
    const { files, toolVersion } = this.options;
    if (path === undefined || partial === undefined) return false;
    const judgement = judgeDump(data, chip.flash.size);
    if (judgement.verdict !== "good" && !(await this.options.accept(judgement))) return false;
    const stored = await storeBackup(files, path, chip, data, toolVersion);
    await partial.remove();
    this.options.saved?.(stored, judgement);
    return true;
  }

  /** What was read stays for the next time. */
  async close(): Promise<void> {
    await this.partial?.close();
  }
}
