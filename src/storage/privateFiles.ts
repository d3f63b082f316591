/**
 * What earlier versions left readable for others on this computer, made its owner's alone: backups hold passwords and keys. Only
 * files that this program made, told by their content; never a file, or a folder with one in it, of anybody else.
 */
import type { FileSystem, Modes } from "./fileSystem";

/** The format stands at the start of what is ours. */
const HEAD = 128;
const OUR_FORMATS = /"format":\s*"beken-flasher-(?:backup|read-journal|write-journal)"/;
/** Records and copies of boot code, and what a killed run leaves: temporary names end in a part of a random id. */
const OUR_NAMES =
  /^(?:(?:job|line)-[\dA-F]{8}\.json|rates\.json|bootloader-[a-z\d]+-[\dTZ-]+\.bin|.*\.[\da-f]{8}-[\da-f]{4}\.(?:part|new))$/;

/** Called with a path that stays readable for others, and why. */
export type OpenToOthers = (path: string, why: string) => void;

/**
 * @param folder nothing happens where there is none, nor where files have no modes; with `all` it is made private too, unless it
 *   has files of others and is not the usual place
 * @param tell of each file or folder whose mode could not be changed; never fails because of one
 */
export async function makePrivate(
  files: FileSystem,
  folder: string,
  what: "all" | "files",
  tell: OpenToOthers,
): Promise<void> {
  const { modes } = files;
  if (modes === undefined) return;
  const close = async (path: string): Promise<void> => {
    try {
      await modes.close(path);
    } catch (error) {
      tell(path, error instanceof Error ? error.message : String(error));
    }
  };
  const names = await files.list(folder).catch(() => undefined);
  if (names === undefined) return;
  const ours = await oursAmong(files, modes, folder, names);
  for (const name of ours) await close(files.join(folder, name));
  const isOurs = modes.isOurs(folder) || (names.length > 0 && ours.size === names.length);
  if (what === "all" && isOurs) await close(folder);
}

/** Manifests and journals tell by their content which dumps and parts are ours as well. */
async function oursAmong(
  files: FileSystem,
  modes: Modes,
  folder: string,
  names: readonly string[],
): Promise<ReadonlySet<string>> {
  const there = new Set(names);
  const ours = new Set(names.filter((name) => OUR_NAMES.test(name)));
  for (const name of names) {
    const partner = /\.json$/.test(name)
      ? name.slice(0, -".json".length)
      : /\.journal$/.test(name)
        ? name.replace(/journal$/, "part")
        : undefined;
    if (partner === undefined) continue;
    const head = new TextDecoder("latin1").decode(await modes.head(files.join(folder, name), HEAD));
    if (!OUR_FORMATS.test(head)) continue;
    ours.add(name);
    if (there.has(partner)) ours.add(partner);
  }
  return ours;
}
