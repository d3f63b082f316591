/** The file a command is given: itself, or what is meant inside an archive, which may be named behind a `#`. */
import { basename } from "node:path";
import { ImageError, type NamedFile } from "../../core/index";
import {
  archiveKind,
  choicesIn,
  fileNamed,
  namesOf,
  openArchive,
  type Archive,
  type Fits,
} from "../../archives/archive";
import { nodeFiles } from "../../storage/nodeFileSystem";
import { exists, readFirmware } from "../../storage/wholeFiles";
import type { Output } from "../terminal/output";

export interface FirmwareFile extends NamedFile {
  readonly beside: readonly string[];
  /** The file on the disk. */
  readonly path: string;
  /** The same for the same bytes each time: the path, with the file's path in the archive behind it. */
  readonly identity: string;
  /** Another file of the same archive by its path there; undefined outside of archives. */
  readonly sibling: (path: string) => Uint8Array | undefined;
}

/** A file of that very name comes first, also with a `#` in it. */
async function split(path: string): Promise<readonly [string, string | undefined]> {
  if (await exists(nodeFiles, path)) return [path, undefined];
  for (let at = path.indexOf("#"); at > 0; at = path.indexOf("#", at + 1))
    if (await exists(nodeFiles, path.slice(0, at))) return [path.slice(0, at), path.slice(at + 1)];
  return [path, undefined];
}

/**
 * @param fits what the command can make use of
 * @throws FileError, ImageError
 */
export async function openFirmware(path: string, fits: Fits, output: Output): Promise<FirmwareFile> {
  const [outer, wanted] = await split(path);
  const file = await readFirmware(nodeFiles, outer);
  const kind = archiveKind(file.bytes);
  if (kind === undefined && wanted === undefined) return { ...file, path, identity: path, sibling: () => undefined };
  if (kind === undefined) {
    const detail = "it is no archive that could be opened, so there is no file in it";
    throw new ImageError("image-foreign", `open ${basename(outer)}`, { file: path, detail });
  }
  const archive = openArchive(file.bytes, file.name);
  const inner = wanted === undefined ? chosen(archive, outer, fits) : fileNamed(archive, file.name, wanted);
  const identity = `${outer}#${inner.path}`;
  output.news([`${file.name} is an archive (${kind}); ${inner.path} is taken from it.`], {
    type: "archive-opened",
    file: outer,
    archive: kind,
    entry: inner.path,
  });
  const beside = archive.files.map(({ name }) => name);
  const sibling = (other: string): Uint8Array | undefined => archive.files.find((each) => each.path === other)?.bytes;
  const { name, bytes, recognised } = inner;
  return { name, bytes, ...(recognised && { recognised }), beside, path: outer, identity, sibling };
}

function chosen(archive: Archive, path: string, fits: Fits): Archive["files"][number] {
  const name = basename(path);
  const choices = choicesIn(archive, name, fits);
  const [only] = choices;
  if (only !== undefined && choices.length === 1) return only;
  throw new ImageError("image-foreign", `open ${name}`, {
    file: path,
    detail: `the archive has several files that would do: ${namesOf(choices)}; name one behind a #, as in ${name}#${only?.path ?? ""}`,
  });
}
