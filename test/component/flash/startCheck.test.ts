import assert from "node:assert/strict";
import { isLibreTiny } from "../../../src/core/beken/images/applicationText";
import { english, imageOf, recogniseFile } from "../../../src/core/index";
import type { StartCheck, StartCheckKind } from "../../../src/core/index";
import type { Transport } from "../../../src/core/index";
import { PRESETS, practiceFirmware, type FirmwareKind, type PresetId } from "../../../src/simulator/index";
import { mix } from "../../../src/simulator/prng";
import { flashRequest, never, resultOf, withSimulatedRig, type Outcome, type Rig, type RigOptions } from "./rig";

/** Where the person waits at most: the target is 6 s. */
const LIMIT_MS = 6_000;

interface Case extends RigOptions {
  readonly firmware?: FirmwareKind | "by-content";
  /** Does something to the chip, by default right after it was told to start. */
  readonly meddle?: (rig: Rig) => void;
  readonly meddleAt?: "verify" | "starts";
}

/** Flashes LibreTiny's practice firmware, has it checked, and gives the chip time to settle. */
async function flashed(
  preset: PresetId,
  { meddle, meddleAt = "starts", ...options }: Case,
  see: (rig: Rig, outcome: Outcome) => void,
): Promise<void> {
  await withSimulatedRig(preset, { firmware: "by-content", ...options }, async (rig) => {
    const request = flashRequest(practiceFirmware(PRESETS[preset]), {
      reboot: true,
      checkStart: true,
      evenIfItCannotStart: true,
    });
    const outcome = await rig.run(request, undefined, (event) => {
      if (event.type === (meddleAt === "verify" ? "phase-finished" : "phase-started") && event.phase === meddleAt)
        meddle?.(rig);
    });
    see(rig, outcome);
  });
}

async function kindOf(preset: PresetId, options: Case): Promise<StartCheckKind | undefined> {
  let kind: StartCheckKind | undefined;
  await flashed(preset, options, (rig, outcome) => {
    const { started, verified } = resultOf("flash", outcome);
    assert.equal(verified, true);
    kind = started?.kind;
    if (started) assertOver(rig, started);
  });
  return kind;
}

/** The device is as it would be without the check, and the person has waited no longer than they were told. */
function assertOver(rig: Rig, { tookMs, kind }: StartCheck): void {
  if (kind === "running") assert.ok(tookMs < LIMIT_MS, `${tookMs} ms`);
  assert.ok(["app", "crashed", "boot", "window"].includes(rig.chip.state), rig.chip.state);
}

async function endOf<T>(steps: AsyncGenerator<unknown, T, void>): Promise<T> {
  for (;;) {
    const step = await steps.next();
    if (step.done) return step.value;
  }
}

describe("check that it runs", () => {
  for (const preset of Object.keys(PRESETS) as PresetId[]) {
    it(`${preset}: firmware that runs`, async () => {
      // LibreTiny builds for none of the others, and no other firmware is watched.
      const isBuiltFor = practiceFirmware(PRESETS[preset]).name.endsWith(".crc");
      assert.equal(await kindOf(preset, {}), isBuiltFor ? "running" : undefined);
    });
  }

  for (const preset of ["bk7231s", "bk7231t", "bk7231n", "bk7252n"] as const) {
    it(`${preset}: firmware that restarts again and again, that hangs, and none that listens`, async () => {
      assert.equal(await kindOf(preset, { firmware: "libretiny-loops" }), "restarting");
      assert.equal(await kindOf(preset, { firmware: "libretiny-hangs" }), "no-answer");
      assert.equal(await kindOf(preset, { firmware: "openbeken" }), "no-answer");
      assert.equal(await kindOf(preset, { firmware: "tuya" }), "no-answer");
      assert.equal(await kindOf(preset, { firmware: "none" }), "no-answer");
    });
  }

  it("an application that is blank, and one for another key", async () => {
    const blank = (rig: Rig): void => void rig.chip.flash.fill(0xff, 0x11000, 0x121000);
    assert.equal(await kindOf("bk7231t", { meddle: blank }), "no-answer");
    const other = practiceFirmware({ ...PRESETS.bk7231t, key: PRESETS.bk7231s.key }).bytes;
    const wrongKey = (rig: Rig): void => void rig.chip.flash.set(other, 0x11000);
    assert.equal(await kindOf("bk7231t", { meddle: wrongKey, meddleAt: "verify" }), "no-answer");
  });

  it("a boot ROM that is never left, from the first start or from the second", async () => {
    // Without its chip's name in flash a ROM waits for ever.
    const nameless = (rig: Rig): void => void rig.chip.flash.fill(0xff, 0x110, 0x116);
    for (const phase of ["verify", "starts"] as const)
      await flashed("bk7231n", { meddle: nameless, meddleAt: phase }, (_, outcome) => {
        const { started } = resultOf("flash", outcome);
        assert.equal(started?.kind, "in-loader");
        assert.match(english(started.next[0] ?? ""), /Cut the power/);
      });
  });

  it("asks nobody but LibreTiny, and only where it was asked for and the chip was restarted", async () => {
    const bytes = { ...practiceFirmware(PRESETS.bk7231t) };
    const image = imageOf(recogniseFile(bytes), undefined);
    assert.equal(isLibreTiny(image), true);
    await withSimulatedRig("bk7231t", { firmware: "by-content" }, async (rig) => {
      const quiet = resultOf("flash", await rig.run(flashRequest(bytes, { reboot: true })));
      assert.equal(quiet.started, undefined);
      const stays = resultOf("flash", await rig.run(flashRequest(bytes, { checkStart: true })));
      assert.equal(stays.started, undefined);
      const dry = resultOf(
        "flash",
        await rig.run(flashRequest(bytes, { reboot: true, checkStart: true, dryRun: true })),
      );
      assert.equal(dry.started, undefined);
    });
  });

  it("changes nothing, whatever it finds", async () => {
    for (const firmware of ["by-content", "libretiny-loops", "openbeken"] as const) {
      await flashed("bk7231s", { firmware, meddle: (rig) => rig.forget() }, (rig, outcome) => {
        resultOf("flash", outcome);
        assert.deepEqual(
          rig.log.filter((event) => event.type === "flash"),
          [],
        );
      });
    }
  });

  it("on a computer that stands still again and again: one that runs is seen to, and nothing else is taken for it", async () => {
    const SHOWN = {
      libretiny: "running",
      "libretiny-loops": "restarting",
      "libretiny-hangs": "no-answer",
      openbeken: "no-answer",
    } satisfies Partial<Record<FirmwareKind, StartCheckKind>>;
    const CHECKS = 8;
    let seen = 0;
    for (const firmware of Object.keys(SHOWN) as (keyof typeof SHOWN)[]) {
      let seed = 0;
      let watching = false;
      let writes = 0;
      /** About every fiftieth thing that is sent meets a computer that does something else for up to 0.7 s. */
      const wrap = (line: Transport): Transport => {
        const write = line.write.bind(line);
        line.write = (bytes, signal) => {
          const dice = mix(seed * 100_003 + ++writes);
          if (watching && dice % 53 === 0) rig?.standStill(20 + ((dice >>> 8) % 700));
          return write(bytes, signal);
        };
        return line;
      };
      let rig: Rig | undefined;
      await withSimulatedRig("bk7231t", { firmware, wrap }, async (made) => {
        rig = made;
        const session = await made.openSession();
        for (; seed < CHECKS; seed++) {
          resultOf("info", await made.inSession(session, { kind: "info" }));
          watching = true;
          await endOf(session.reboot(never));
          const { kind } = await endOf(session.checkStart(never));
          watching = false;
          assert.ok(kind === "unknown" || kind === SHOWN[firmware], `${firmware}, ${seed}: ${kind}`);
          if (firmware === "libretiny" && kind === "running") seen++;
        }
        await session.close();
      });
    }
    assert.ok(seen > 0.8 * CHECKS, `${seen} times`);
  });

  it("a start that is not looked at to the end is no failure, and the application has the chip", async () => {
    const stop = new AbortController();
    await withSimulatedRig("bk7231n", { firmware: "by-content" }, async (rig) => {
      const request = flashRequest(practiceFirmware(PRESETS.bk7231n), { reboot: true, checkStart: true });
      let steps = 0;
      const outcome = await rig.run(request, stop.signal, (event) => {
        if (event.type === "progress" && event.phase === "starts" && ++steps === 3) {
          assert.equal(rig.chip.state, "linked");
          stop.abort();
        }
      });
      const { started, verified } = resultOf("flash", outcome);
      assert.deepEqual([started?.kind, verified], ["unknown", true]);
      await rig.untilStarted();
    });
  });
});
