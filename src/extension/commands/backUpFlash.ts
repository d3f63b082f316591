/** Copying the whole flash into a file: where it goes, what is kept of it while it is read, and what it is worth in the end. */
import type * as vscode from "vscode";
import { judgeDump, type ChipIdentity, type DumpJudgement, type JobHooks } from "../../core/index";
import { backupName, unusedPath } from "../../storage/backupNames";
import { newestBase, storeBackup } from "../../storage/backups";
import { createFolder } from "../../storage/wholeFiles";
import { PartialBackup } from "../../storage/partialBackup";
import { makePrivate } from "../../storage/privateFiles";
import type { PortArgument } from "../platform/contributions";
import { assertCanCreate, createFile, isLoneFile, nameOf } from "../platform/firmwareFiles";
import { files, placeOf } from "../platform/places";
import type { JobEnd, JobSpec } from "../jobs/jobSpec";
import { say, t } from "../text/l10n";
import { inform, warn } from "../platform/shownMessages";
import { doubtTitle } from "../text/planText";
import type { PortEntry } from "../ports/portEntry";
import { showError } from "../platform/showError";
import { portFor, run } from "./choosePort";
import { backupPlace } from "../jobs/backupPlaces";
import type { Services } from "../services";

export async function backUpFlash(services: Services, argument?: PortArgument): Promise<void> {
  const port = await portFor(services, argument);
  if (port === undefined) return;
  const { settings, jobs } = services;
  const place = await backupPlace(settings.backupFolder, backupName(jobs.chipOn(port.id), new Date()));
  if (place !== undefined) await startBackup(services, port, place);
}

/**
 * Goes on with what an interrupted backup of this place has left.
 * @returns how it ended; `there` where an earlier one had all of it; undefined where it never began
 */
export async function startBackup(
  services: Services,
  port: PortEntry,
  place: vscode.Uri,
): Promise<JobEnd<"backup"> | "there" | undefined> {
  try {
    const spec = await backupTo(services, port, place);
    if (spec === undefined) return "there";
    const end = await run<"backup">(services, spec);
    if (end?.status === "succeeded") warnOf(judgeDump(end.result.data, end.result.chip.flash.size));
    return end;
  } catch (error) {
    void showError(error);
    return undefined;
  }
}

/** A file of its own gets its copy when all is there: until then, and afterwards too, the editor keeps it. */
async function backupTo(
  services: Services,
  port: PortEntry,
  place: vscode.Uri,
): Promise<JobSpec<"backup"> | undefined> {
  if (!(await isLoneFile(place))) return await backupInto(services, port, placeOf(place));
  await assertCanCreate(place);
  const path = await unusedPath(files, files.join(services.journal.backupsFolder, nameOf(place)));
  return await backupInto(services, port, path, (data) => createFile(place, data));
}

/** Undefined when all of an earlier backup is there and only the tidying up was left. */
async function backupInto(
  services: Services,
  port: PortEntry,
  path: string,
  handOut?: (data: Uint8Array) => Promise<void>,
): Promise<JobSpec<"backup"> | undefined> {
  const { journal, version } = services;
  const folder = files.folderOf(path);
  await createFolder(files, folder);
  await makePrivate(files, folder, "files", journal.openToOthers);
  const partial = await PartialBackup.prepare(files, path);
  if (!(partial instanceof PartialBackup)) {
    await journal.rememberBackup(path);
    await journal.refresh();
    void inform(t("The backup in {0} was complete already.", path));
    return undefined;
  }
  const title = t("Back up flash");
  const kept = journal.forBackup({ port, title, request: { kind: "backup" } }, path);
  const resumeBackup = async (chip: ChipIdentity): ReturnType<PartialBackup["resume"]> => {
    const interrupted = await partial.resume(chip);
    await kept.begun(partial.journal ?? "", chip);
    return interrupted;
  };
  return {
    port,
    title,
    request: { kind: "backup" },
    hooks: { resumeBackup, baseBackup: earlierBackupFor(services, path) },
    store: (event) => partial.store(event),
    save: async ({ chip, data }) => {
      const stored = await storeBackup(files, path, chip, data, version);
      await partial.remove();
      await journal.rememberBackup(stored);
      await handOut?.(data);
      return stored;
    },
    close: async () => {
      await partial.close();
      await kept.end();
    },
  };
}

/** Beside the new one, or where backups go whose place was not asked for. */
function earlierBackupFor({ journal, log }: Services, path: string): NonNullable<JobHooks["baseBackup"]> {
  const folders = [files.folderOf(path), journal.backupsFolder];
  return (chip) =>
    newestBase(files, folders, chip, (ignored, error) => log.info(`${ignored} is not used: ${String(error)}`));
}

/** The copy is exact either way; what it is a copy of may not be worth journal. */
function warnOf(judgement: DumpJudgement): void {
  if (judgement.verdict === "good") return;
  void warn([doubtTitle(judgement), ...judgement.findings.map(({ words }) => say(words))].join(" "));
}
