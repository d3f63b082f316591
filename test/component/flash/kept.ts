/** What callers keep on disk of a backup under way, kept in memory. */
import {
  deviceMark,
  readBlockLine,
  resumeRead,
  startReadJournal,
  type ChipIdentity,
  type JobEvent,
  type ReadResume,
} from "../../../src/core/index";
import { crc32 } from "../../../src/core/base/checksum";

/** Bytes of the flash of the chips it is used with. */
const FLASH = 0x200000;

export class KeptRead {
  readonly part = new Uint8Array(FLASH);
  journal = "";

  readonly resume = (chip: ChipIdentity): Promise<ReadResume | undefined> => {
    const found = resumeRead(this.journal, this.part, deviceMark(chip));
    if (!found) this.journal = startReadJournal(deviceMark(chip));
    return Promise.resolve(found);
  };

  store(event: JobEvent): void {
    if (event.type !== "block") return;
    this.part.set(event.data, event.start);
    this.journal += readBlockLine({ start: event.start, length: event.data.length, crc32: crc32(event.data) });
  }
}
