/** Backups in a folder: which of them is of the device at hand and still what was read, and how a new one is called. */
import {
  FileError,
  askForSettings,
  assertUnchanged,
  buildManifest,
  checkManifest,
  deviceMark,
  formatManifest,
  manifestName,
  parseManifest,
  servesAsBase,
  settingsAgree,
  type BackupManifest,
  type BaseBackup,
  type ChipHolds,
  type ChipIdentity,
} from "../core/index";
import type { FileSystem } from "./fileSystem";
import { beside, createFile, exists, fileError, readFirmware, readText } from "./wholeFiles";

/** A backup with the marks of a device, which still is what was read. */
export interface Candidate {
  readonly path: string;
  readonly manifest: BackupManifest;
  readonly bytes: Uint8Array;
}

/**
 * Backups of a device's whole flash, as far as their marks tell, newest first, which are, bit for bit, what was read. Of a device
 * that nothing tells from others there are none.
 * @param elsewhere dumps that were saved in other places
 */
export async function backupsOf(
  files: FileSystem,
  folder: string,
  chip: ChipIdentity,
  elsewhere: readonly string[] = [],
): Promise<readonly Candidate[]> {
  const here = (await exists(files, folder)) ? await namesIn(files, folder) : [];
  const dumps = here
    .filter((name) => name.endsWith(".json"))
    .map((name) => files.join(folder, name.slice(0, -".json".length)));
  const found: Candidate[] = [];
  for (const dump of new Set([...elsewhere, ...dumps])) {
    const candidate = await candidateAt(files, dump, chip);
    if (candidate) found.push(candidate);
  }
  return found.sort((a, b) => Date.parse(b.manifest.date) - Date.parse(a.manifest.date));
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

async function namesIn(files: FileSystem, folder: string): Promise<readonly string[]> {
  return await files.list(folder).catch((error: unknown) => {
    throw fileError(error, "look for backups", folder);
  });
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

async function candidateAt(files: FileSystem, path: string, chip: ChipIdentity): Promise<Candidate | undefined> {
  try {
    const manifest = await readManifest(files, path);
    if (!servesAsBase(manifest, deviceMark(chip))) return undefined;
    const bytes = await files.read(path);
    return checkManifest(manifest, bytes).verdict === "equal" ? { path, manifest, bytes } : undefined;
  } catch {
    // Not a backup that could be relied on, whatever it is.
    return undefined;
  }
}

/** The same path every time as long as it is free, so that people find it. */
export async function newBackupPath(files: FileSystem, folder: string, chip: ChipIdentity): Promise<string> {
  const name = [chip.chip?.id ?? "unknown", chip.mac?.replaceAll(":", "")]
    .filter((part) => part !== undefined)
    .join("-");
  const path = files.join(folder, `${name}.bin`);
  const hasManifest = await exists(files, manifestPath(files, path));
  const taken = (await exists(files, path)) || (hasManifest && !(await exists(files, beside(files, path, ".journal"))));
  return taken ? files.join(folder, `${name}-${new Date().toISOString().replace(/[:.]/g, "-")}.bin`) : path;
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

/** `bulb.bin` as `bulb-2.bin`. */
function numbered(files: FileSystem, path: string, number: number): string {
  const name = files.nameOf(path);
  const dot = name.lastIndexOf(".");
  const stem = dot > 0 ? dot : name.length;
  return files.join(files.folderOf(path), `${name.slice(0, stem)}-${number}${name.slice(stem)}`);
}
