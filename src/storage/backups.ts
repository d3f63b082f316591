/** Backups in a folder: which of them is of the device at hand and still what was read, and how a new one is called. */
import { readFile, readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import {
  assertUnchanged,
  buildManifest,
  checkManifest,
  compareDevices,
  deviceMark,
  formatManifest,
  manifestName,
  parseManifest,
  type BackupManifest,
  type BaseBackup,
  type ChipIdentity,
} from "../core/index";
import { createFile, exists, fileError, readFirmware } from "./wholeFiles";

/**
 * A backup of this very device that is, bit for bit, what was read. Only a MAC address tells two devices of a kind apart:
 * of a device without one, no backup is found.
 * @param elsewhere dumps that were saved in other places
 * @returns the path of the dump
 */
export async function findBackup(
  folder: string,
  chip: ChipIdentity,
  elsewhere: readonly string[] = [],
): Promise<string | undefined> {
  const here = (await exists(folder)) ? await namesIn(folder) : [];
  const dumps = here
    .filter((name) => name.endsWith(".json"))
    .map((name) => join(folder, name.slice(0, -".json".length)));
  for (const dump of new Set([...elsewhere, ...dumps])) if (await isBackupOf(dump, chip)) return dump;
  return undefined;
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return await readdir(folder).catch((error: unknown) => {
    throw fileError(error, "look for backups", folder);
  });
}

/**
 * The manifest beside a dump.
 * @throws FileError `file-not-found`, `file-access`; ImageError `manifest-invalid`
 */
export async function readManifest(dump: string): Promise<BackupManifest> {
  const path = manifestName(dump);
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    throw fileError(error, `read ${basename(path)}`, path);
  });
  return parseManifest(text, basename(path));
}

/**
 * An earlier backup that a new one may be made from; whether it is of the device is told with the chip at hand.
 * @throws FileError, ImageError `manifest-invalid`, `backup-damaged`
 */
export async function readBase(dump: string): Promise<BaseBackup> {
  const base = { ...(await readFirmware(dump)), manifest: await readManifest(dump) };
  assertUnchanged(base);
  return base;
}

async function isBackupOf(dump: string, chip: ChipIdentity): Promise<boolean> {
  try {
    const manifest = await readManifest(dump);
    if (compareDevices(manifest.device, deviceMark(chip)) !== "same") return false;
    return checkManifest(manifest, new Uint8Array(await readFile(dump))).verdict === "equal";
  } catch {
    // Not a backup that could be relied on, whatever it is.
    return false;
  }
}

/** The same path every time as long as it is free, so that an interrupted backup is found again. */
export async function newBackupPath(folder: string, chip: ChipIdentity): Promise<string> {
  const name = [chip.chip?.id ?? "unknown", chip.mac?.replaceAll(":", "")]
    .filter((part) => part !== undefined)
    .join("-");
  // A manifest alone is of an interrupted backup: it is ours only with the journal beside it.
  const path = join(folder, `${name}.bin`);
  const taken = (await exists(path)) || ((await exists(manifestName(path))) && !(await exists(`${path}.journal`)));
  return taken ? join(folder, `${name}-${new Date().toISOString().replace(/[:.]/g, "-")}.bin`) : path;
}

/**
 * The dump and its manifest, both complete; the manifest first, so that a dump is never without one.
 * @throws FileError `file-exists`, `file-access`
 */
export async function createBackup(
  path: string,
  chip: ChipIdentity,
  data: Uint8Array,
  toolVersion: string,
): Promise<void> {
  const manifest = buildManifest(chip, data, toolVersion, new Date());
  await createFile(manifestName(path), new TextEncoder().encode(formatManifest(manifest)));
  await createFile(path, data);
}
