/**
 * What earlier versions left readable for others on this computer, made its owner's alone: backups hold passwords and keys. Only
 * files that this program made, told by their content; never a file, or a folder with one in it, of anybody else.
 */
import { chmod, lstat, open, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { backupsFolder } from "./dataFolders";

/** The bits by which group and others may read, write or enter. */
const FOR_OTHERS = 0o077;
const OWNER_ONLY = 0o700;
/** The format stands at the start of what is ours. */
const HEAD = 128;
const OUR_FORMATS = /"format":\s*"beken-flasher-(?:backup|read-journal|write-journal)"/;
/** Records and copies of boot code, and what a killed run leaves: temporary names end in a part of a random id. */
const OUR_NAMES =
  /^(?:(?:job|line)-[\dA-F]{8}\.json|rates\.json|bootloader-[a-z\d]+-[\dTZ-]+\.bin|.*\.[\da-f]{8}-[\da-f]{4}\.(?:part|new))$/;

/** Told what stays readable for others, and why. */
export type OpenToOthers = (path: string, why: string) => void;

/**
 * @param folder nothing happens where there is none; with `all` it is made private too, unless it has files of others and is not
 *   the usual place
 * @param tell of each file or folder whose mode could not be changed; never fails because of one
 */
export async function makePrivate(folder: string, what: "all" | "files", tell: OpenToOthers): Promise<void> {
  // Windows keeps a person's folders from others by inheritance; modes say nothing there.
  if (process.platform === "win32") return;
  const names = await readdir(folder).catch((): string[] => []);
  const ours = await oursAmong(folder, names);
  for (const name of ours) await close(join(folder, name), tell);
  const isOurs = folder === backupsFolder({}) || (names.length > 0 && ours.size === names.length);
  if (what === "all" && isOurs) await close(folder, tell);
}

/** Manifests and journals tell by their content which dumps and parts are ours as well. */
async function oursAmong(folder: string, names: readonly string[]): Promise<ReadonlySet<string>> {
  const there = new Set(names);
  const ours = new Set(names.filter((name) => OUR_NAMES.test(name)));
  for (const name of names) {
    const partner = /\.json$/.test(name)
      ? name.slice(0, -".json".length)
      : /\.journal$/.test(name)
        ? name.replace(/journal$/, "part")
        : undefined;
    if (partner === undefined || !OUR_FORMATS.test(await headOf(join(folder, name)))) continue;
    ours.add(name);
    if (there.has(partner)) ours.add(partner);
  }
  return ours;
}

/** Empty for what cannot be read. */
async function headOf(path: string): Promise<string> {
  try {
    if (!(await lstat(path)).isFile()) return "";
    const file = await open(path, "r");
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD), 0, HEAD, 0);
      return buffer.toString("latin1", 0, bytesRead);
    } finally {
      await file.close();
    }
  } catch {
    return "";
  }
}

async function close(path: string, tell: OpenToOthers): Promise<void> {
  try {
    // What a link leads to lies in a folder of its own.
    if ((await lstat(path)).isSymbolicLink()) return;
    const { mode } = await stat(path);
    if ((mode & FOR_OTHERS) !== 0) await chmod(path, mode & OWNER_ONLY);
  } catch (error) {
    tell(path, error instanceof Error ? error.message : String(error));
  }
}
