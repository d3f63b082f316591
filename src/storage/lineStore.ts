/**
 * How the last session with an adapter left its line, in a small file for each adapter: there while a session runs, and after
 * one that was killed. What cannot be read is as good as none. Knows nothing of what the bytes mean.
 */
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { crc32, hex32, readLineState, type LineMemory, type LineState } from "../core/index";
import { createFolder, replaceFile } from "./wholeFiles";
import { stateFolder } from "./dataFolders";

export class LineStore implements LineMemory {
  private readonly path: string;

  /** @param adapter what tells it from others, by its ids or the port's name */
  constructor(
    adapter: string,
    private readonly folder: string = stateFolder(),
  ) {
    this.path = join(folder, `line-${hex32(crc32(new TextEncoder().encode(adapter)))}.json`);
  }

  async recall(): Promise<LineState | undefined> {
    try {
      return readLineState(JSON.parse(await readFile(this.path, "utf8")));
    } catch {
      return undefined;
    }
  }

  /** @throws what the file system throws */
  async keep(state: LineState | undefined): Promise<void> {
    if (state === undefined) return await rm(this.path, { force: true });
    await createFolder(this.folder);
    await replaceFile(this.path, JSON.stringify(state));
  }
}
