/**
 * What a write can be resumed by, on disk: one journal for each device in the person's state folder, so that bytes that
 * must survive an erase survive a kill of this program as well. It is gone once the write is proven.
 */
import { mkdir, open, readFile, rename, rm, type FileHandle } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import {
  crc32,
  deviceMark,
  doneLine,
  erasingLine,
  hex32,
  resumeWrite,
  startWriteJournal,
  type ChipIdentity,
  type DeviceMark,
  type FlashPlan,
  type JobEvent,
  type WriteResume,
} from "../core/index";

/** Where programs of this person keep what must outlive them, the way each system does it. */
function stateFolder(env: NodeJS.ProcessEnv = process.env): string {
  if (env.XDG_STATE_HOME) return join(env.XDG_STATE_HOME, "beken-flasher");
  if (process.platform === "win32")
    return join(env.LOCALAPPDATA ?? join(homedir(), "AppData", "Local"), "beken-flasher");
  if (process.platform === "darwin") return join(homedir(), "Library", "Application Support", "beken-flasher");
  return join(homedir(), ".local", "state", "beken-flasher");
}

export class WriteJournal {
  private chip: DeviceMark | undefined;
  private file: FileHandle | undefined;

  /** @param warn told once when nothing can be stored: the write goes on, and could not be resumed */
  constructor(
    private readonly fileName: string,
    private readonly warn: (why: string) => void,
    private readonly folder: string = stateFolder(),
  ) {}

  /** For the job: what an interrupted write of this plan to this device left behind. */
  async resume(chip: ChipIdentity, plan: FlashPlan): Promise<WriteResume | undefined> {
    this.chip = deviceMark(chip);
    try {
      return resumeWrite(await readFile(this.path, "utf8"), this.chip, plan);
    } catch {
      return undefined;
    }
  }

  async store(event: JobEvent): Promise<void> {
    try {
      if (event.type === "kept") await this.begin(event);
      else if (event.type === "erasing") await this.append(erasingLine(event.range), true);
      else if (event.type === "sector-done") await this.append(doneLine(event.address), false);
    } catch (error) {
      await this.close();
      this.warn(error instanceof Error ? error.message : String(error));
    }
  }

  /** The flash holds what it should, or what it held: there is nothing to resume. */
  async remove(): Promise<void> {
    await this.close();
    if (this.chip) await rm(this.path, { force: true });
  }

  async close(): Promise<void> {
    await this.file?.close();
    this.file = undefined;
  }

  /** In place of an older one only once it is whole: at any moment one of the two is there. */
  private async begin({ plan, before, touched }: Extract<JobEvent, { type: "kept" }>): Promise<void> {
    if (!this.chip) return;
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    const temporary = `${this.path}.${process.pid}.new`;
    const file = await open(temporary, "w", 0o600);
    await file.writeFile(startWriteJournal(this.chip, this.fileName, plan, before, touched));
    await file.sync();
    await file.close();
    await rename(temporary, this.path);
    this.file = await open(this.path, "a");
  }

  private async append(line: string, flush: boolean): Promise<void> {
    await this.file?.appendFile(line);
    if (flush) await this.file?.sync();
  }

  private get path(): string {
    const { chip } = this;
    const name = chip?.mac?.replaceAll(":", "") ?? hex32(crc32(new TextEncoder().encode(JSON.stringify(chip))));
    return join(this.folder, `write-${name}.journal`);
  }
}
