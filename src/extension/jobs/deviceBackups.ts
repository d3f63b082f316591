/** The backups that are known here, and when the last one was made of a device. Reads manifests, and no dump. */
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

/** When the newest of each device was made, in ms since 1970, by its MAC address. */
export function newestByMac(backups: readonly Pick<KnownBackup, "manifest">[]): ReadonlyMap<string, number> {
  const newest = new Map<string, number>();
  for (const { manifest } of backups) {
    const { mac } = manifest.device;
    const at = Date.parse(manifest.date);
    if (mac === null || mac === undefined || Number.isNaN(at)) continue;
    newest.set(mac, Math.max(at, newest.get(mac) ?? at));
  }
  return newest;
}
