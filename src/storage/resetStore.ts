/**
 * What was learnt of how each adapter resets its chip, in a small file of the person's state folder. A hint and no more: a file that
 * cannot be read is as good as none.
 */
import { readAdapterResets, type AdapterResets, type ResetMemory } from "../core/index";
import type { FileSystem } from "./fileSystem";
import { createFolder, readText, replaceFile } from "./wholeFiles";

const FILE = "resets.json";
/** More adapters than anybody has. */
const ADAPTERS_KEPT = 50;

export class ResetStore implements ResetMemory {
  /** @param adapter what tells it from others, by its ids or the port's name */
  constructor(
    private readonly files: FileSystem,
    private readonly adapter: string,
    private readonly folder: string,
  ) {}

  async recall(): Promise<AdapterResets | undefined> {
    return readAdapterResets((await this.read()).find(([adapter]) => adapter === this.adapter)?.[1]);
  }

  /** @throws what the file system throws; what another program learnt may be lost when two end at once */
  async keep(resets: AdapterResets): Promise<void> {
    const others = (await this.read()).filter(([adapter]) => adapter !== this.adapter);
    const all = Object.fromEntries([...others, [this.adapter, resets] as const].slice(-ADAPTERS_KEPT));
    await createFolder(this.files, this.folder);
    await replaceFile(this.files, this.files.join(this.folder, FILE), `${JSON.stringify(all, null, 2)}\n`);
  }

  private async read(): Promise<readonly (readonly [adapter: string, resets: unknown])[]> {
    try {
      const stored: unknown = JSON.parse(await readText(this.files, this.files.join(this.folder, FILE)));
      return typeof stored === "object" && stored !== null && !Array.isArray(stored) ? Object.entries(stored) : [];
    } catch {
      return [];
    }
  }
}

/** Of every adapter. @throws what the file system throws */
export async function forgetResets(files: FileSystem, folder: string): Promise<void> {
  await files.remove(files.join(folder, FILE));
}
