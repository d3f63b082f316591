import assert from "node:assert/strict";
import type { ChipIdentity, FlashPlan, JobEvent, JobRequest } from "../../../src/core/index";
import { PRESETS } from "../../../src/simulator/index";
import { noise } from "../../../src/simulator/prng";
import { runningPrograms } from "../../../src/storage/nodeFileSystem";
import { WriteJournal } from "../../../src/storage/writeJournalStore";
import { APP_AT, packaged, rawFirmware } from "../flash/builds";
import { Rig, resultOf } from "../flash/rig";
import { onBothFileSystems, type Place } from "./places";

const SECTOR = 0x1000;
const ID = "bk7231n-zero";
const short = packaged(PRESETS[ID], rawFirmware(0x8a50)).crc;
const long = packaged(PRESETS[ID], rawFirmware(0x8b90)).crc;

onBothFileSystems("write journals", (make) => {
  let place: Place;
  beforeEach(() => {
    place = make();
  });
  afterEach(() => place.dispose());

  const journalFor = (fileName: string): WriteJournal =>
    new WriteJournal({
      files: place.files,
      programs: runningPrograms,
      folder: place.folder,
      fileName,
      warn: (why) => assert.fail(why),
    });

  /** Runs until `stop` says so, and leaves everything as a kill would. */
  async function flash(rig: Rig, file: typeof short, stop?: (event: JobEvent) => boolean): Promise<boolean> {
    const journal = journalFor(file.name);
    const session = await rig.openSession();
    const resumeWrite = (chip: ChipIdentity, plan: FlashPlan): ReturnType<WriteJournal["resume"]> =>
      journal.resume(chip, plan);
    const request: JobRequest = { kind: "flash", file, verify: true, reboot: false, dryRun: false };
    const { runInSession } = await import("../../../src/core/index");
    const job = runInSession(session, request, { resumeWrite }, new AbortController().signal);
    try {
      for (;;) {
        const step = await job.next();
        if (step.done) {
          resultOf("flash", { events: [], result: step.value, error: undefined });
          await journal.remove();
          return true;
        }
        await journal.store(step.value);
        if (stop?.(step.value) === true) return false;
      }
    } finally {
      await job.return(undefined as never);
      await journal.close();
      await session.close();
    }
  }

  const journals = (): string[] => place.names().filter((name) => name.endsWith(".journal"));

  it("what an interrupted write erased comes back, though another file is flashed in between", async () => {
    const rig = new Rig(ID);
    const tail = APP_AT + short.bytes.length - ((APP_AT + short.bytes.length) % SECTOR);
    assert.equal(
      tail,
      APP_AT + long.bytes.length - ((APP_AT + long.bytes.length) % SECTOR),
      "one sector has both ends",
    );
    rig.chip.flash.set(noise(77, SECTOR), tail);
    const before = rig.snapshot();
    const erased = (event: JobEvent): boolean =>
      event.type === "progress" && event.phase === "erase" && event.address + event.length > tail;
    assert.equal(await flash(rig, short, erased), false);
    assert.notDeepEqual(rig.snapshot().subarray(tail, tail + SECTOR), before.subarray(tail, tail + SECTOR));
    assert.equal(await flash(rig, long), true);
    const expected = before.slice();
    expected.set(long.bytes, APP_AT);
    assert.equal(Buffer.compare(rig.snapshot(), expected), 0);
    assert.deepEqual(journals(), [], "what the second write has put right needs no journal any more");
  });

  it("there is one for each file: interrupted by turns, neither takes the other's place", async () => {
    const rig = new Rig(ID);
    const started = (event: JobEvent): boolean => event.type === "sector-done";
    await flash(rig, short, started);
    const [first] = journals();
    await flash(rig, long, started);
    assert.equal(journals().length, 2);
    assert.equal(journals().includes(first as string), true);
    assert.equal(await flash(rig, short), true);
    assert.equal(await flash(rig, long), true);
    assert.deepEqual(journals(), []);
  });
});
