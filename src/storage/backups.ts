/** Backups in a folder: which of them is of the device at hand and still what was read, and how a new one is called. */
import { readFile, readdir, rm } from "node:fs/promises";
import { basename, join, parse } from "node:path";
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
import { createFile, exists, fileError, readFirmware } from "./wholeFiles";

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
  folder: string,
  chip: ChipIdentity,
  elsewhere: readonly string[] = [],
): Promise<readonly Candidate[]> {
  const here = (await exists(folder)) ? await namesIn(folder) : [];
  const dumps = here
    .filter((name) => name.endsWith(".json"))
    .map((name) => join(folder, name.slice(0, -".json".length)));
  const found: Candidate[] = [];
  for (const dump of new Set([...elsewhere, ...dumps])) {
    const candidate = await candidateAt(dump, chip);
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

async function candidateAt(path: string, chip: ChipIdentity): Promise<Candidate | undefined> {
  try {
    const manifest = await readManifest(path);
    if (!servesAsBase(manifest, deviceMark(chip))) return undefined;
    const bytes = new Uint8Array(await readFile(path));
    return checkManifest(manifest, bytes).verdict === "equal" ? { path, manifest, bytes } : undefined;
  } catch {
    // Not a backup that could be relied on, whatever it is.
    return undefined;
  }
}

/** The same path every time as long as it is free, so that people find it. */
export async function newBackupPath(folder: string, chip: ChipIdentity): Promise<string> {
  const name = [chip.chip?.id ?? "unknown", chip.mac?.replaceAll(":", "")]
    .filter((part) => part !== undefined)
    .join("-");
  const path = join(folder, `${name}.bin`);
  const taken = (await exists(path)) || ((await exists(manifestName(path))) && !(await exists(`${path}.journal`)));
  return taken ? join(folder, `${name}-${new Date().toISOString().replace(/[:.]/g, "-")}.bin`) : path;
}

/** Names that were taken while the flash was read, before a run gives up. */
const NAMES_TRIED = 20;

/**
 * {@link createBackup}; where another run has taken the name while the flash was read, under another.
 * @returns the path of the dump
 * @throws FileError `file-access`
 */
export async function storeBackup(
  path: string,
  chip: ChipIdentity,
  data: Uint8Array,
  toolVersion: string,
): Promise<string> {
  for (let number = 1; ; number++) {
    const name = number === 1 ? path : numbered(path, number);
    try {
      await createBackup(name, chip, data, toolVersion);
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
  path: string,
  chip: ChipIdentity,
  data: Uint8Array,
  toolVersion: string,
): Promise<void> {
  const manifest = buildManifest(chip, data, toolVersion, new Date());
  const beside = manifestName(path);
  // Killed between the two, an earlier run has left the manifest of this very dump.
  const left = (await exists(beside)) && !(await exists(path)) && (await describes(path, data));
  if (!left) await createFile(beside, new TextEncoder().encode(formatManifest(manifest)));
  try {
    await createFile(path, data);
  } catch (error) {
    // A dump that got its name before the disk refused to flush it stays, and so does what describes it.
    if (!left && !(await exists(path))) await rm(beside, { force: true });
    throw error;
  }
}

async function describes(dump: string, data: Uint8Array): Promise<boolean> {
  const manifest = await readManifest(dump).catch(() => undefined);
  return manifest !== undefined && checkManifest(manifest, data).verdict === "equal";
}

function numbered(path: string, number: number): string {
  const { dir, name, ext } = parse(path);
  return join(dir, `${name}-${number}${ext}`);
}
