/** The backup before a first write, as the command line does it: by default, into one folder, told in lines, asked about at a terminal. */
import { OperationError, type DumpJudgement, type JobEvent } from "../../core/index";
import { BackupBeforeWrite } from "../../storage/firstBackup";
import { nodeFiles } from "../../storage/nodeFileSystem";
import type { OpenToOthers } from "../../storage/privateFiles";
import { assertFolder } from "../../storage/wholeFiles";
import { version } from "../../../package.json";
import { backupsFolder } from "./dataFolders";
import { askYesNo } from "../terminal/ask";
import type { Output } from "../terminal/output";
import { judgementWords } from "../terminal/eventTexts";

export interface BackupOptions {
  /** A folder; false with `--no-backup`; left out, the usual folder. */
  readonly backup?: string | boolean;
  readonly dryRun?: boolean;
  /** Told the backup that was made, or was there. */
  readonly backedUp?: (file: string) => void;
}

/**
 * undefined where no backup is wanted, or nothing will be written.
 * @throws FileError `file-access` where a backup could not go
 */
export async function backupBefore(
  { backup, dryRun, backedUp = () => undefined }: BackupOptions,
  output: Output,
): Promise<BackupBeforeWrite | undefined> {
  if (backup === false || dryRun === true) return undefined;
  const folder = typeof backup === "string" ? backup : backupsFolder();
  await assertFolder(nodeFiles, folder);
  return new BackupBeforeWrite({
    files: nodeFiles,
    folder,
    toolVersion: version,
    accept: (judgement) => accept(judgement, output),
    found: (file) => {
      backedUp(file);
      output.news([`${file} is a verified backup of this device.`], { type: "backup-found", file });
    },
    openToOthers: openToOthers(output),
    saved: (file, { verdict, findings }) => {
      backedUp(file);
      output.news([`The device as it was is in ${file}.`], { type: "backup-saved", file, verdict, findings });
    },
  });
}

/** Printed, and no reason to end a job: new files are private in any case. */
export function openToOthers(output: Output): OpenToOthers {
  return (file, why) =>
    output.facts([`Others on this computer may be able to read ${file}, and that could not be changed: ${why}.`], {
      type: "open-to-others",
      file,
      detail: why,
    });
}

/** Two places to keep what a job tells, in the order of their setting up. */
export function both(
  ...stores: readonly ({ store(event: JobEvent): Promise<void> } | undefined)[]
): (event: JobEvent) => Promise<void> {
  return async (event) => {
    for (const each of stores) await each?.store(event);
  };
}

/**
 * At a terminal the person decides. A program goes on with a copy that is merely suspicious, as a chip without application
 * is; one that is worthless ends its job.
 * @throws OperationError `backup-refused`
 */
async function accept(judgement: DumpJudgement, output: Output): Promise<boolean> {
  const { verdict, findings } = judgement;
  output.facts(judgementWords(judgement), { type: "backup-judged", verdict, findings });
  if (output.isInteractive) return await askYesNo("Write to the chip all the same?");
  if (verdict === "suspicious") return true;
  const [finding] = findings;
  throw new OperationError("backup-refused", "back up first", finding && { detail: finding.words });
}
