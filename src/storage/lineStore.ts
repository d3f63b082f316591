/**
 * How the last session with an adapter left its line, in a small file for each adapter: there while a session runs, and after
 * one that was killed. What cannot be read is as good as none. Knows nothing of what the bytes mean.
 */
import { crc32, hex32, readLineState, type LineMemory, type LineState } from "../core/index";
import type { FileSystem } from "./fileSystem";
import { createFolder, readText, replaceFile } from "./wholeFiles";

export class LineStore implements LineMemory {
  private readonly path: string;

  /** @param adapter what tells it from others, by its ids or the port's name */
  constructor(
    private readonly files: FileSystem,
    adapter: string,
    private readonly folder: string,
  ) {
    this.path = files.join(folder, `line-${hex32(crc32(new TextEncoder().encode(adapter)))}.json`);
  }

  async recall(): Promise<LineState | undefined> {
    try {
      return readLineState(JSON.parse(await readText(this.files, this.path)));
    } catch {
      return undefined;
    }
  }

  /** @throws what the file system throws */
  async keep(state: LineState | undefined): Promise<void> {
    if (state === undefined) return await this.files.remove(this.path);
    await createFolder(this.files, this.folder);
    await replaceFile(this.files, this.path, JSON.stringify(state));
  }
}
