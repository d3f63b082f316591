/**
 * The earlier backup that a new one can be made from: the newest of this very device in some folders that still is what
 * was read. Reads files; what fits is for the core to say, and what is still on the chip for the chip.
 */
import * as vscode from "vscode";
import {
  assertUnchanged,
  basesFor,
  deviceMark,
  manifestName,
  parseManifest,
  type BackupManifest,
  type BaseBackup,
  type ChipIdentity,
} from "../../core/index";
import { nameOf, readFirmware } from "../platform/firmwareFiles";
import type { OutputLog } from "../platform/outputLog";
import { manifestOf } from "../jobs/backupPlaces";

/** @param folders where backups are kept; one that cannot be looked into has none */
export async function earlierBackup(
  folders: readonly vscode.Uri[],
  chip: ChipIdentity,
  log: Pick<OutputLog, "info">,
): Promise<BaseBackup | undefined> {
  const different = [...new Map(folders.map((folder) => [folder.toString(), folder])).values()];
  const backups = (await Promise.all(different.map((folder) => backupsIn(folder, log)))).flat();
  for (const { dump, manifest } of basesFor(backups, deviceMark(chip))) {
    try {
      const { name, bytes } = await readFirmware(dump);
      const base = { name, bytes, manifest };
      assertUnchanged(base);
      return base;
    } catch (error) {
      log.info(`${nameOf(dump)} is not used: ${String(error)}`);
    }
  }
  return undefined;
}

export interface Backup {
  readonly dump: vscode.Uri;
  readonly manifest: BackupManifest;
}

/** Dumps with their manifests beside them; a folder that cannot be looked into has none. */
export async function backupsIn(folder: vscode.Uri, log: Pick<OutputLog, "info">): Promise<readonly Backup[]> {
  try {
    const entries = await vscode.workspace.fs.readDirectory(folder);
    const names = new Set(entries.map(([name]) => name));
    const dumps = [...names].filter((name) => name !== "" && names.has(manifestName(name)));
    return (await Promise.all(dumps.map((name) => backupOf(vscode.Uri.joinPath(folder, name), log)))).flat();
  } catch (error) {
    log.info(`${folder.path} was not searched for earlier backups: ${String(error)}`);
    return [];
  }
}

/** Nothing where the JSON file is no manifest: a folder may hold anything. */
export async function backupOf(dump: vscode.Uri, log: Pick<OutputLog, "info">): Promise<readonly Backup[]> {
  const name = manifestName(nameOf(dump));
  try {
    const text = await vscode.workspace.fs.readFile(manifestOf(dump));
    return [{ dump, manifest: parseManifest(new TextDecoder().decode(text), name) }];
  } catch (error) {
    log.info(`${name} is not used: ${String(error)}`);
    return [];
  }
}
