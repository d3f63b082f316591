import assert from "node:assert/strict";
import type { JobEvent, JobRequest } from "../../../src/core/index";
import { PRESETS, type Behaviour, type SimulatedChip } from "../../../src/simulator/index";
import { noise } from "../../../src/simulator/prng";
import { shortBuildFor } from "./builds";
import {
  Hand,
  assertCarriedOut,
  firstDifference,
  flashRequest,
  notes,
  resultOf,
  withSimulatedRig,
  type Outcome,
} from "./rig";

/** An adapter that is known: above what it does, one that nobody knows is only tried. */
const KNOWN = { adapterMaxBaud: 921_600 };

const CHIPS = ["bk7231t", "bk7231s", "bk7231n-zero"] as const;

/** A line that loses or changes every so many bytes as long as it runs faster than `limit`. */
class BadLine {
  chip: SimulatedChip | undefined;
  /** Off until the job is where it should meet it. */
  on = false;
  private count = 0;

  constructor(
    private readonly limit: number,
    private readonly every: number,
    private readonly harm: (byte: number) => readonly number[],
    private readonly direction: "onHostByte" | "onChipByte",
  ) {}

  get behaviour(): Behaviour {
    return {
      [this.direction]: (byte: number): readonly number[] => {
        if (!this.on || (this.chip?.baudRate ?? 0) <= this.limit || ++this.count % this.every !== 0) return [byte];
        return this.harm(byte);
      },
    };
  }
}

const DROP = (): readonly number[] => [];
const FLIP = (byte: number): readonly number[] => [byte ^ 0x10];

async function slowsDown(
  id: (typeof CHIPS)[number],
  line: BadLine,
  request: JobRequest,
  phase: string,
  judge: (outcome: Outcome, chip: SimulatedChip, before: Uint8Array) => void,
): Promise<void> {
  const options = {
    session: KNOWN,
    behaviours: [line.behaviour],
    idleRebootMs: 60_000,
    firmware: Hand.firmwareFor(PRESETS[id]),
  };
  await withSimulatedRig(id, options, async (rig) => {
    line.chip = rig.chip;
    rig.chip.flash.set(noise(5, 0x30000), 0x40000);
    const before = rig.snapshot();
    const onEvent = (event: JobEvent): void => {
      if (event.type === "phase-started") line.on = event.phase === phase;
    };
    const outcome = await rig.run(request, undefined, onEvent);
    judge(outcome, rig.chip, before);
    const what = `${id} ${request.kind} ${phase}`;
    assert.equal(notes(outcome.events).includes("baud-fallback"), true, what);
    // One link from beginning to end, but for the reset that a CRC costs old loaders.
    const links = outcome.events.filter(({ type }) => type === "linked").length;
    const resets = notes(outcome.events).filter((code) => code === "needs-reset").length;
    assert.equal(links, 1 + resets, what);
  });
}

describe("errors that repeat cost one step of speed, and nothing is started over", () => {
  for (const id of CHIPS) {
    const file = shortBuildFor(PRESETS[id]).crc;
    const flash = flashRequest(file, { full: true });

    it(`${id}: bytes lost while reading, to and from the chip`, async () => {
      const read: JobRequest = { kind: "read", start: 0x40000, length: 0x30000 };
      const whole = (outcome: Outcome, chip: SimulatedChip): void =>
        assert.equal(firstDifference(resultOf("read", outcome).data, chip.flash.subarray(0x40000, 0x70000)), -1);
      await slowsDown(id, new BadLine(500_000, 9_000, DROP, "onChipByte"), read, "read", whole);
      await slowsDown(id, new BadLine(500_000, 151, DROP, "onHostByte"), read, "read", whole);
    });

    it(`${id}: bytes lost while erasing and writing`, async () => {
      const carriedOut = (outcome: Outcome, chip: SimulatedChip, before: Uint8Array): void =>
        assertCarriedOut(resultOf("flash", outcome).plan, before, chip.flash);
      const erase: JobRequest = { kind: "erase", start: 0x41000, length: 0x2e000, dryRun: false };
      const erased = (outcome: Outcome, chip: SimulatedChip, before: Uint8Array): void =>
        assertCarriedOut(resultOf("erase", outcome).plan, before, chip.flash);
      await slowsDown(id, new BadLine(500_000, 41, DROP, "onChipByte"), erase, "erase", erased);
      await slowsDown(id, new BadLine(500_000, 9_000, DROP, "onHostByte"), flash, "write", carriedOut);
    });

    it(`${id}: answers to CRCs lost`, async () => {
      const carriedOut = (outcome: Outcome, chip: SimulatedChip, before: Uint8Array): void =>
        assertCarriedOut(resultOf("erase", outcome).plan, before, chip.flash);
      const erase: JobRequest = { kind: "erase", start: 0x41000, length: 0x8f000, dryRun: false };
      await slowsDown(id, new BadLine(500_000, 17, DROP, "onChipByte"), erase, "verify", carriedOut);
    });

    it(`${id}: bytes changed on the way, which only the chip's CRC shows`, async () => {
      const read: JobRequest = { kind: "backup" };
      const whole = (outcome: Outcome, chip: SimulatedChip): void =>
        assert.equal(firstDifference(resultOf("backup", outcome).data, chip.flash), -1);
      const line = new BadLine(500_000, 1_009, FLIP, "onChipByte");
      await withSimulatedRig(id, { session: KNOWN, behaviours: [line.behaviour] }, async (rig) => {
        line.chip = rig.chip;
        rig.chip.flash.set(noise(5, 0x30000), 0x40000);
        const outcome = await rig.run(read, undefined, (event) => {
          if (event.type === "identified") line.on = true;
        });
        whole(outcome, rig.chip);
        assert.equal(notes(outcome.events).includes("baud-fallback"), true);
        assert.equal(outcome.events.filter(({ type }) => type === "linked").length, 1);
      });
    });
  }
});
