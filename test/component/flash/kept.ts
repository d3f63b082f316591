/** What callers keep on disk of a backup or a write under way, kept in memory; and the death of a process. */
import {
  deviceMark,
  doneLine,
  erasingLine,
  readBlockLine,
  resumeRead,
  resumeWrite,
  startReadJournal,
  startWriteJournal,
  type ChipIdentity,
  type FlashPlan,
  type JobEvent,
  type JobHooks,
  type JobRequest,
  type JobResult,
  type ReadResume,
  type WriteResume,
} from "../../../src/core/index";
import { crc32 } from "../../../src/core/base/checksum";
import type { Rig } from "./rig";

/** Bytes of the flash of most chips. */
const FLASH = 0x200000;

export class KeptRead {
  readonly part: Uint8Array;
  journal = "";

  constructor(flashSize = FLASH) {
    this.part = new Uint8Array(flashSize);
  }

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

/** The same of a write. */
export class KeptWrite {
  journal = "";
  private chip: ChipIdentity | undefined;
  resume = (chip: ChipIdentity, plan: FlashPlan): Promise<WriteResume | undefined> => {
    this.chip = chip;
    return Promise.resolve(resumeWrite(this.journal, deviceMark(chip), plan));
  };
  store(event: JobEvent): void {
    if (event.type === "kept" && this.chip)
      this.journal = startWriteJournal(deviceMark(this.chip), "f", event.plan, event.before, event.touched);
    if (event.type === "erasing") this.journal += erasingLine(event.range);
    if (event.type === "sector-done") this.journal += doneLine(event.address);
  }
}

/** Runs a job until `stop` says so and abandons it there, as a killed process does: nothing more is sent. */
export async function killedAt(
  rig: Rig,
  request: JobRequest,
  hooks: JobHooks,
  stop: (event: JobEvent, index: number) => boolean,
): Promise<JobResult | undefined> {
  const controller = new AbortController();
  let index = 0;
  let killed = false;
  const outcome = await rig.answering(hooks).run(request, controller.signal, (event) => {
    if (killed || !stop(event, index++)) return;
    killed = true;
    rig.transport?.unplug();
  });
  return outcome.result;
}
