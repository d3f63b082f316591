/**
 * The write protection of a flash that a killed job had lifted: the next job that writes to the device puts it back, whatever
 * it writes, and nothing else of the status register changes.
 */
import assert from "node:assert/strict";
import {
  runInSession,
  type ChipIdentity,
  type FlashPlan,
  type JobEvent,
  type JobRequest,
} from "../../../src/core/index";
import { PRESETS } from "../../../src/simulator/index";
import { runningPrograms } from "../../../src/storage/nodeFileSystem";
import { WriteJournal } from "../../../src/storage/writeJournalStore";
import { packaged, rawFirmware } from "../flash/builds";
import { Rig, notes } from "../flash/rig";
import { onBothFileSystems, textOf, type Place } from "./places";

const ID = "bk7231n";
const STATUS = 0x0a7c;
const BP = 0x407c;
const one = packaged(PRESETS[ID], rawFirmware(0x8a50)).crc;
const other = packaged(PRESETS[ID], rawFirmware(0x6000)).crc;

type Writing = Extract<JobRequest, { readonly kind: "flash" | "erase" }>;
const flashOf = (file: typeof one): Writing => ({ kind: "flash", file, verify: true, reboot: false, dryRun: false });
const ERASE: Writing = { kind: "erase", start: 0x150000, length: 0x3000, dryRun: false };

onBothFileSystems("write protection that a killed job had lifted", (make) => {
  let place: Place;
  let rig: Rig;
  beforeEach(() => {
    place = make();
    rig = new Rig(ID, { statusRegister: STATUS, simulated: true });
  });
  afterEach(() => {
    rig.dispose();
    place.dispose();
  });

  const journals = (): string[] => place.names().filter((name) => name.endsWith(".journal"));

  /** Runs to its end, or dies where `dies` says so: then nothing is told to anybody any more, and nothing is put back. */
  async function run(request: Writing, dies: (event: JobEvent) => boolean = () => false): Promise<readonly JobEvent[]> {
    const journal = new WriteJournal({
      files: place.files,
      programs: runningPrograms,
      folder: place.folder,
      fileName: "f",
      warn: (why) => assert.fail(why),
    });
    const resumeWrite = (chip: ChipIdentity, plan: FlashPlan): ReturnType<WriteJournal["resume"]> =>
      journal.resume(chip, plan);
    const session = await rig.openSession();
    const job = runInSession(session, request, { resumeWrite }, new AbortController().signal);
    const events: JobEvent[] = [];
    try {
      for (;;) {
        const step = await job.next();
        if (step.done) {
          await journal.remove();
          return events;
        }
        events.push(step.value);
        await journal.store(step.value);
        if (dies(step.value)) {
          rig.transport?.unplug();
          return events;
        }
      }
    } finally {
      await job.return(undefined as never).catch(() => undefined);
      await journal.close();
      await session.close().catch(() => undefined);
    }
  }

  const erased = (event: JobEvent): boolean => event.type === "progress" && event.phase === "erase";
  const lifting = (event: JobEvent): boolean => event.type === "unprotecting";
  const lifted = (event: JobEvent): boolean => event.type === "note" && event.code === "unprotected";

  for (const [name, first, next] of [
    ["the same write", flashOf(one), flashOf(one)],
    ["the write of another file", flashOf(one), flashOf(other)],
    ["an erase", flashOf(one), ERASE],
    ["a write after an erase", ERASE, flashOf(other)],
  ] as const) {
    it(`${name} puts it back, as it was to the bit, and leaves nothing to be remembered`, async () => {
      await run(first, erased);
      assert.equal(rig.chip.statusRegister, STATUS & ~BP, "the kill left it lifted");
      rig.forget();
      const events = await run(next);
      assert.equal(rig.chip.statusRegister, STATUS);
      assert.ok(notes(events).includes("reprotected"));
      const writes = rig.flashOperations.flatMap(({ operation }) =>
        operation.kind === "status" ? [operation.value] : [],
      );
      assert.deepEqual(writes, [STATUS], "written once");
      // Somebody lifts it for good: that is not undone.
      rig.chip.statusRegister = STATUS & ~BP;
      await run(next);
      assert.equal(rig.chip.statusRegister, STATUS & ~BP);
    });
  }

  it("killed twice, between the lifting and what follows, and where everything is on the chip already", async () => {
    await run(flashOf(one), lifting);
    assert.equal(rig.chip.statusRegister, STATUS, "stored before it is lifted");
    await run(flashOf(one), lifted);
    assert.equal(rig.chip.statusRegister, STATUS & ~BP);
    await run(flashOf(one), (event) => event.type === "kept");
    await run(flashOf(one), (event) => event.type === "phase-started" && event.phase === "verify");
    assert.equal(rig.chip.statusRegister, STATUS & ~BP);
    const events = await run(flashOf(one));
    assert.equal(rig.chip.statusRegister, STATUS);
    assert.ok(notes(events).includes("reprotected"));
  });

  it("a flash that is protected again is left as it is; lock bits of then are not set now", async () => {
    await run(flashOf(one), erased);
    rig.chip.statusRegister = 0x0018;
    await run(flashOf(one));
    assert.equal(rig.chip.statusRegister, 0x0018);
    rig.chip.statusRegister = STATUS;
    await run(ERASE, erased);
    rig.chip.statusRegister = 0x0000;
    await run(ERASE);
    assert.equal(rig.chip.statusRegister, STATUS & BP);
  });

  it("a journal of another file, kept for its sectors, no longer speaks of it once it is back", async () => {
    await run(flashOf(one), erased);
    for (const name of journals()) {
      place.put(name, place.bytes(name), new Date(Date.now() - 60_000));
    }
    await run(ERASE);
    assert.equal(rig.chip.statusRegister, STATUS);
    for (const name of journals()) assert.match(textOf(place, name), /"protection":null}\n$/);
    rig.chip.statusRegister = STATUS & ~BP;
    await run(ERASE);
    assert.equal(rig.chip.statusRegister, STATUS & ~BP);
  });

  describe("of a device that nothing tells from others of its kind", () => {
    const at = PRESETS[ID].calibrationAt;
    const doubts = (events: readonly JobEvent[]): readonly unknown[] =>
      events.flatMap((event) =>
        event.type === "note" && event.code === "protection-in-doubt" ? [event.context.detail] : [],
      );
    const written = (event: JobEvent): boolean => event.type === "phase-started" && event.phase === "verify";
    beforeEach(() => void rig.chip.flash.fill(0xff, at, at + 0x1000));

    for (const [name, dies] of [
      ["before the first erase", lifted],
      ["in the middle", erased],
    ] as const)
      it(`killed ${name}: it is told, with the journal that knows, and stays as it is`, async () => {
        await run(flashOf(one), dies);
        const [journal = ""] = journals();
        const events = await run(flashOf(one));
        assert.equal(rig.chip.statusRegister, STATUS & ~BP);
        assert.deepEqual(doubts(events), [place.files.join(place.folder, journal)]);
        assert.deepEqual(
          doubts(await run(ERASE)),
          [place.files.join(place.folder, journal)],
          "as long as nobody has settled it",
        );
        await place.files.remove(place.files.join(place.folder, journal));
        assert.deepEqual(doubts(await run(ERASE)), []);
      });

    it("it is put back where all that was written is there, and the register is as it was left", async () => {
      await run(flashOf(one), written);
      assert.equal(rig.chip.statusRegister, STATUS & ~BP);
      const events = await run(flashOf(one));
      assert.equal(rig.chip.statusRegister, STATUS);
      assert.ok(notes(events).includes("reprotected"));
      assert.deepEqual(doubts(events), []);
      // It is settled, also where somebody lifts it for good.
      rig.chip.statusRegister = STATUS & ~BP;
      assert.deepEqual(doubts(await run(flashOf(one))), []);
      assert.equal(rig.chip.statusRegister, STATUS & ~BP);
    });

    it("another chip is left as it is: one that holds less, one whose register differs, one that is protected", async () => {
      await run(flashOf(one), written);
      rig.chip.statusRegister = STATUS & ~BP & ~0x0200;
      assert.equal(doubts(await run(flashOf(one))).length, 1);
      assert.equal(rig.chip.statusRegister, STATUS & ~BP & ~0x0200);
      rig.chip.statusRegister = STATUS & ~BP;
      rig.chip.flash.fill(0x55, 0x13000, 0x14000);
      assert.equal(doubts(await run(flashOf(one))).length, 1);
      assert.equal(rig.chip.statusRegister, STATUS & ~BP);
      rig.chip.statusRegister = 0x0018;
      assert.deepEqual(doubts(await run(flashOf(one))), []);
      assert.equal(rig.chip.statusRegister, 0x0018);
    });
  });
});
