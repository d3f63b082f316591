/** The backups that are known here, wherever they were put. Reads manifests, and no dump. */
import { findBackups, type KnownBackup } from "../../storage/backups";
import { files, placeOf } from "../platform/places";
import type { OutputLog } from "../platform/outputLog";
import type { Settings } from "../platform/settings";
import { backupFolder } from "./backupPlaces";
import type { JobJournal } from "./jobJournal";

export interface BackupSources {
  readonly keeping: Pick<JobJournal, "backupsFolder" | "savedBackups">;
  readonly settings: Pick<Settings, "backupFolder">;
  readonly log: Pick<OutputLog, "info">;
}

/** Where backups go by themselves, where the settings put them, and where else they were saved. */
export async function knownBackups({ keeping, settings, log }: BackupSources): Promise<readonly KnownBackup[]> {
  const chosen = backupFolder(settings.backupFolder);
  const folders = [keeping.backupsFolder, ...(chosen === undefined ? [] : [placeOf(chosen)])];
  return await findBackups(files, folders, keeping.savedBackups, (path, error) =>
    log.info(`${path} is not used: ${String(error)}`),
  );
}
