/**
 * The rates that held with each adapter, in a small file of the person's state folder. A hint and no more: a file that
 * cannot be read is as good as none.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  readRateMemory,
  rememberRate,
  speedHints,
  type ProvenRate,
  type RateMemory,
  type SessionOptions,
} from "../core/index";
import { createFolder, replaceFile } from "./wholeFiles";
import { stateFolder } from "./dataFolders";

const FILE = "rates.json";

export class RateStore {
  constructor(
    private readonly adapter: string,
    private readonly folder: string = stateFolder(),
  ) {}

  async hint(): Promise<Pick<SessionOptions, "speedHint">> {
    return { speedHint: speedHints(await this.read(), this.adapter) };
  }

  /** @throws what the file system throws; another program's rates may be lost when two end at once */
  async store(proven: ProvenRate): Promise<void> {
    const memory = rememberRate(await this.read(), this.adapter, proven);
    await createFolder(this.folder);
    await replaceFile(join(this.folder, FILE), `${JSON.stringify(memory, null, 2)}\n`);
  }

  private async read(): Promise<RateMemory> {
    try {
      return readRateMemory(JSON.parse(await readFile(join(this.folder, FILE), "utf8")));
    } catch {
      return {};
    }
  }
}
