/** What a caller of the core keeps on disk to resume by, kept in memory, and torn the way a kill tears it. */
import {
  crc32,
  deviceMark,
  doneLine,
  erasingLine,
  readBlockLine,
  resumeRead,
  resumeWrite,
  startReadJournal,
  startWriteJournal,
} from "../../src/core/index";
import type { ChipIdentity, FlashPlan, JobEvent, ReadResume, WriteResume } from "../../src/core/index";

export class Journals {
  readonly part: Uint8Array;
  private read = "";
  private write = "";
  private chip: ChipIdentity | undefined;
  private lastLine = 0;
  /** Bytes of flash that the latest resumed job said it need not do again. */
  offered = 0;

  constructor(flashSize: number) {
    this.part = new Uint8Array(flashSize);
  }

  readonly resumeRead = (chip: ChipIdentity): Promise<ReadResume | undefined> => {
    const found = resumeRead(this.read, this.part, deviceMark(chip));
    if (!found) this.read = startReadJournal(deviceMark(chip));
    else if (!this.read.endsWith("\n")) this.read += "\n";
    this.offered = found?.blocks.length ?? 0;
    return Promise.resolve(found);
  };

  readonly resumeWrite = (chip: ChipIdentity, plan: FlashPlan): Promise<WriteResume | undefined> => {
    this.chip = chip;
    const found = resumeWrite(this.write, deviceMark(chip), plan);
    this.offered = found === undefined ? 0 : found.claimed.length + found.kept.size;
    return Promise.resolve(found);
  };

  store(event: JobEvent): void {
    switch (event.type) {
      case "block":
        this.part.set(event.data, event.start);
        this.read += this.line(
          readBlockLine({ start: event.start, length: event.data.length, crc32: crc32(event.data) }),
        );
        return;
      case "kept":
        // Comes into being whole, under another name first.
        if (this.chip)
          this.write = startWriteJournal(deviceMark(this.chip), "file", event.plan, event.before, event.touched);
        this.lastLine = 0;
        return;
      case "erasing":
        this.write += this.line(erasingLine(event.range));
        return;
      case "sector-done":
        this.write += this.line(doneLine(event.address));
        return;
      default:
        this.lastLine = 0;
    }
  }

  /** The line that was being written when the process died. */
  tear(bytes: number): void {
    const lost = Math.min(bytes, this.lastLine);
    if (lost === 0) return;
    if (this.write !== "") this.write = this.write.slice(0, -lost);
    else this.read = this.read.slice(0, -lost);
  }

  private line(text: string): string {
    this.lastLine = text.length;
    return text;
  }
}
