/**
 * The rates that held with each adapter, in a small file of the person's state folder. A hint and no more: a file that
 * cannot be read is as good as none.
 */
import {
  readRateMemory,
  rememberRate,
  speedHints,
  type ProvenRate,
  type RateMemory,
  type SessionOptions,
} from "../core/index";
import type { FileSystem } from "./fileSystem";
import { createFolder, readText, replaceFile } from "./wholeFiles";

const FILE = "rates.json";

export class RateStore {
  constructor(
    private readonly files: FileSystem,
    private readonly adapter: string,
    private readonly folder: string,
  ) {}

  async hint(): Promise<Pick<SessionOptions, "speedHint">> {
    return { speedHint: speedHints(await this.read(), this.adapter) };
  }

  /** @throws what the file system throws; another program's rates may be lost when two end at once */
  async store(proven: ProvenRate): Promise<void> {
    const memory = rememberRate(await this.read(), this.adapter, proven);
    await createFolder(this.files, this.folder);
    await replaceFile(this.files, this.files.join(this.folder, FILE), `${JSON.stringify(memory, null, 2)}\n`);
  }

  private async read(): Promise<RateMemory> {
    try {
      return readRateMemory(JSON.parse(await readText(this.files, this.files.join(this.folder, FILE))));
    } catch {
      return {};
    }
  }
}

/** Of every adapter. @throws what the file system throws */
export async function forgetRates(files: FileSystem, folder: string): Promise<void> {
  await files.remove(files.join(folder, FILE));
}
