/** Backups in a folder: which of them is of the device at hand and still what was read, and how a new one is called. */
import {
  FileError,
  askForSettings,
  assertUnchanged,
  basesFor,
  buildManifest,
  checkManifest,
  deviceMark,
  formatManifest,
  manifestName,
  parseManifest,
  settingsAgree,
  type BackupManifest,
  type BaseBackup,
  type ChipHolds,
  type ChipIdentity,
} from "../core/index";
import { backupName, numbered, unusedPath } from "./backupNames";
import type { FileSystem } from "./fileSystem";
import { assertCanCreate, beside, createFile, exists, fileError, readFirmware, readText } from "./wholeFiles";

/** A dump with its manifest beside it; whether it still is what was read is another question. */
export interface KnownBackup {
  readonly path: string;
  readonly manifest: BackupManifest;
}

/** A backup with the marks of a device, which still is what was read. */
export interface Candidate extends KnownBackup {
  readonly bytes: Uint8Array;
}

/** Told of a folder that could not be looked into, and of what is no backup. */
type Ignored = (path: string, error: unknown) => void;

/**
 * All backups there are, wherever the name of one comes from.
 * @param folders in which they are kept; one that is not there has none
 * @param elsewhere dumps that were saved in other places; one may be gone
 */
export async function findBackups(
  files: FileSystem,
  folders: readonly string[],
  elsewhere: readonly string[],
  ignored: Ignored,
): Promise<readonly KnownBackup[]> {
  const dumps = new Set<string>();
  for (const path of elsewhere) if (await exists(files, manifestPath(files, path))) dumps.add(path);
  for (const folder of new Set(folders)) {
    if (!(await exists(files, folder))) continue;
    try {
      const names = new Set(await files.list(folder));
      for (const name of names) if (names.has(manifestName(name))) dumps.add(files.join(folder, name));
    } catch (error) {
      ignored(folder, error);
    }
  }
  const found: KnownBackup[] = [];
  for (const path of dumps) {
    try {
      if (await exists(files, path)) found.push({ path, manifest: await readManifest(files, path) });
    } catch (error) {
      ignored(path, error);
    }
  }
  return found;
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

/**
 * Backups of a device's whole flash, as far as their marks tell, newest first, which are, bit for bit, what was read. Of a device
 * that nothing tells from others there are none.
 * @param elsewhere dumps that were saved in other places
 * @throws FileError `file-access` where the folder cannot be looked into
 */
export async function backupsOf(
  files: FileSystem,
  folder: string,
  chip: ChipIdentity,
  elsewhere: readonly string[] = [],
): Promise<readonly Candidate[]> {
  const all = await findBackups(files, [folder], elsewhere, (path, error) => {
    if (path === folder) throw fileError(error, "look for backups", folder);
  });
  const found: Candidate[] = [];
  for (const { path, manifest } of basesFor(all, deviceMark(chip))) {
    // One that cannot be read is none that could be relied on.
    const bytes = await files.read(path).catch(() => undefined);
    if (bytes && checkManifest(manifest, bytes).verdict === "equal") found.push({ path, manifest, bytes });
  }
  return found;
}

/**
 * The earlier backup that a new one can be made from: the newest of this very device that still is what was read. What is still
 * on the chip is for the chip to say.
 */
export async function newestBase(
  files: FileSystem,
  folders: readonly string[],
  chip: ChipIdentity,
  ignored: Ignored,
): Promise<BaseBackup | undefined> {
  for (const { path, manifest } of basesFor(await findBackups(files, folders, [], ignored), deviceMark(chip))) {
    try {
      const base = { ...(await readFirmware(files, path)), manifest };
      assertUnchanged(base);
      return base;
    } catch (error) {
      ignored(path, error);
    }
  }
  return undefined;
}

/**
 * The newest of them that the chip still agrees to in what sets devices with the same marks apart.
 * @returns undefined where there is a doubt
 */
export async function backupThatFits(
  candidates: readonly Candidate[],
  chip: ChipIdentity,
  holds: ChipHolds,
): Promise<Candidate | undefined> {
  for (const candidate of candidates) {
    const others = candidates.filter((other) => other !== candidate).map(({ bytes }) => bytes);
    const question = askForSettings(candidate.bytes, others, chip.calibration?.address);
    if (settingsAgree(question, await holds([...question.stable, ...question.changing]))) return candidate;
  }
  return undefined;
}

/** What lies beside a dump: of which device it is, and how to tell that it is undamaged. */
export function manifestPath(files: FileSystem, dump: string): string {
  return files.join(files.folderOf(dump), manifestName(files.nameOf(dump)));
}

/**
 * The manifest beside a dump.
 * @throws FileError `file-not-found`, `file-access`; ImageError `manifest-invalid`
 */
export async function readManifest(files: FileSystem, dump: string): Promise<BackupManifest> {
  const path = manifestPath(files, dump);
  const name = files.nameOf(path);
  const text = await readText(files, path).catch((error: unknown) => {
    throw fileError(error, `read ${name}`, path);
  });
  return parseManifest(text, name);
}

/**
 * An earlier backup that a new one may be made from; whether it is of the device is told with the chip at hand.
 * @throws FileError, ImageError `manifest-invalid`, `backup-damaged`
 */
export async function readBase(files: FileSystem, dump: string): Promise<BaseBackup> {
  const base = { ...(await readFirmware(files, dump)), manifest: await readManifest(files, dump) };
  assertUnchanged(base);
  return base;
}

/** The same path every time as long as it is free, so that people find it. */
export async function newBackupPath(files: FileSystem, folder: string, chip: ChipIdentity): Promise<string> {
  const path = files.join(folder, backupName(chip));
  const hasManifest = await exists(files, manifestPath(files, path));
  const taken = (await exists(files, path)) || (hasManifest && !(await exists(files, beside(files, path, ".journal"))));
  return taken ? await unusedPath(files, files.join(folder, backupName(chip, new Date()))) : path;
}

/** Names that were taken while the flash was read, before a run gives up. */
const NAMES_TRIED = 20;

/**
 * {@link createBackup}; where another run has taken the name while the flash was read, under another.
 * @returns the path of the dump
 * @throws FileError `file-access`
 */
export async function storeBackup(
  files: FileSystem,
  path: string,
  chip: ChipIdentity,
  data: Uint8Array,
  toolVersion: string,
): Promise<string> {
  for (let number = 1; ; number++) {
    const name = number === 1 ? path : numbered(files, path, number);
    try {
      await createBackup(files, name, chip, data, toolVersion);
      return name;
    } catch (error) {
      if (!(error instanceof FileError) || error.code !== "file-exists" || number === NAMES_TRIED) throw error;
    }
  }
}

/**
 * The dump and its manifest, both complete; the manifest first, so that a dump is never without one.
 * @throws FileError `file-exists`, `file-access`
 */
export async function createBackup(
  files: FileSystem,
  path: string,
  chip: ChipIdentity,
  data: Uint8Array,
  toolVersion: string,
): Promise<void> {
  const manifest = buildManifest(chip, data, toolVersion, new Date());
  const described = manifestPath(files, path);
  // Killed between the two, an earlier run has left the manifest of this very dump.
  const left = (await exists(files, described)) && !(await exists(files, path)) && (await describes(files, path, data));
  if (!left) await createFile(files, described, new TextEncoder().encode(formatManifest(manifest)));
  try {
    await createFile(files, path, data);
  } catch (error) {
    // A dump that got its name before the disk refused to flush it stays, and so does what describes it.
    if (!left && !(await exists(files, path))) await files.remove(described);
    throw error;
  }
}

async function describes(files: FileSystem, dump: string, data: Uint8Array): Promise<boolean> {
  const manifest = await readManifest(files, dump).catch(() => undefined);
  return manifest !== undefined && checkManifest(manifest, data).verdict === "equal";
}

/**
 * Another name for a backup, in the same folder or elsewhere: written there whole, then taken away here, so that at any moment one
 * of the two is a dump with its manifest.
 * @throws FileError `file-exists`, `file-access`, `file-not-found`
 */
export async function renameBackup(files: FileSystem, from: string, to: string): Promise<void> {
  const [before, after] = [manifestPath(files, from), manifestPath(files, to)];
  await assertCanCreate(files, to);
  await assertCanCreate(files, after);
  const { bytes } = await readFirmware(files, from);
  await createFile(files, after, new TextEncoder().encode(await readText(files, before)));
  await createFile(files, to, bytes);
  await files.remove(from);
  await files.remove(before);
}
