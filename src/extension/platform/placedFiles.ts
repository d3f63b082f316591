/**
 * Files wherever they are: on this machine's disk through Node, which flushes what it writes and keeps it private; anywhere else
 * through the editor. A place is a path of this machine, or the text of a URI.
 */
import type { FileStat, FileSystem, GrowingFile, Modes } from "../../storage/fileSystem";

/** A scheme has more letters than a drive. */
export function isUriText(place: string): boolean {
  return /^[a-z][a-z\d+.-]+:/i.test(place);
}

export class PlacedFiles implements FileSystem {
  readonly modes?: Modes;

  constructor(
    private readonly disk: FileSystem,
    private readonly elsewhere: FileSystem,
  ) {
    const { modes } = disk;
    if (modes)
      this.modes = {
        head: (path, length) => (isUriText(path) ? Promise.resolve(new Uint8Array(0)) : modes.head(path, length)),
        close: (path) => (isUriText(path) ? Promise.resolve() : modes.close(path)),
        isOurs: (folder) => !isUriText(folder) && modes.isOurs(folder),
      };
  }

  join(folder: string, name: string): string {
    return this.at(folder).join(folder, name);
  }

  folderOf(path: string): string {
    return this.at(path).folderOf(path);
  }

  nameOf(path: string): string {
    return this.at(path).nameOf(path);
  }

  read(path: string): Promise<Uint8Array> {
    return this.at(path).read(path);
  }

  stat(path: string): Promise<FileStat> {
    return this.at(path).stat(path);
  }

  list(folder: string): Promise<readonly string[]> {
    return this.at(folder).list(folder);
  }

  write(path: string, bytes: Uint8Array): Promise<void> {
    return this.at(path).write(path, bytes);
  }

  publish(from: string, to: string): Promise<void> {
    return this.at(to).publish(from, to);
  }

  replace(from: string, to: string): Promise<void> {
    return this.at(to).replace(from, to);
  }

  openToAppend(path: string): Promise<GrowingFile> {
    return this.at(path).openToAppend(path);
  }

  openToPatch(path: string, isNew: boolean): Promise<GrowingFile> {
    return this.at(path).openToPatch(path, isNew);
  }

  remove(path: string): Promise<void> {
    return this.at(path).remove(path);
  }

  createFolder(path: string): Promise<void> {
    return this.at(path).createFolder(path);
  }

  assertWritable(folder: string): Promise<void> {
    return this.at(folder).assertWritable(folder);
  }

  private at(place: string): FileSystem {
    return isUriText(place) ? this.elsewhere : this.disk;
  }
}
