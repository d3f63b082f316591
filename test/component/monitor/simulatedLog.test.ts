import assert from "node:assert/strict";
import { BootWatch } from "../../../src/core/monitor/bootWatch";
import type { BootVerdictKind } from "../../../src/core/monitor/bootVerdict";
import {
  PRESETS,
  ManualTime,
  createChip,
  practiceFirmware,
  type FirmwareKind,
  type PresetId,
} from "../../../src/simulator/index";
import { BEDROOM_RBL, fileAt } from "../flash/builds";

const SECOND_US = 1_000_000;

/** What the log of a chip says of it, some seconds after it got power. */
function verdictOf(
  preset: PresetId,
  options: {
    readonly firmware?: FirmwareKind | "by-content";
    readonly application?: "practice" | "other-key" | "blank" | "built" | "built-then-other";
    readonly seconds?: number;
  },
): BootVerdictKind {
  const { firmware, application, seconds = 6 } = options;
  const time = new ManualTime();
  const chip = createChip(preset, { time, ...(firmware && { firmware }) });
  chip.powerOff();
  const practice = practiceFirmware(application === "other-key" ? PRESETS["bk7231n-zero"] : PRESETS[preset]).bytes;
  if (application === "blank") chip.flash.fill(0xff, 0x11000, 0x121000);
  else if (application?.startsWith("built") === true) chip.flash.set(fileAt(BEDROOM_RBL).bytes, 0x11000);
  else if (application !== undefined) chip.flash.set(practice, 0x11000);
  // Something of the same start: the header behind it is of what was there before.
  if (application === "built-then-other") chip.flash.fill(0, 0x11000 + 34 * 100, 0x11000 + 34 * 101);
  const watch = new BootWatch();
  chip.onLog((bytes) => watch.push(bytes, time.now() / 1000));
  chip.powerOn();
  for (let i = 0; i < seconds * 10; i++) time.advance(SECOND_US / 10);
  const { kind } = watch.verdict(time.now() / 1000);
  chip.dispose();
  return kind;
}

describe("what a simulated chip prints", () => {
  it("firmware that runs, whatever its kind", () => {
    assert.equal(verdictOf("bk7231t", { application: "practice", firmware: "by-content" }), "running");
    assert.equal(verdictOf("bk7231n", { application: "practice", firmware: "by-content" }), "running");
    assert.equal(verdictOf("bk7231t", { application: "built", firmware: "by-content" }), "running");
    assert.equal(
      verdictOf("bk7231t", { application: "built-then-other", firmware: "by-content" }),
      "started",
      "Tuya's",
    );
    assert.equal(verdictOf("bk7231n", { firmware: "openbeken" }), "running");
    assert.equal(verdictOf("bk7231t", {}), "started", "Tuya's never says that it is up");
  });

  it("an application for another key, and none at all", () => {
    assert.equal(verdictOf("bk7231t", { application: "other-key", firmware: "by-content" }), "no-application");
    assert.equal(verdictOf("bk7231n", { application: "blank" }), "no-application");
  });

  it("firmware that restarts again and again, and firmware that hangs", () => {
    assert.equal(verdictOf("bk7231t", { firmware: "libretiny-loops" }), "boot-loop");
    assert.equal(verdictOf("bk7231t", { firmware: "libretiny-hangs" }), "started");
  });

  it("nothing is made where nobody listens, and nothing comes when the power is off", () => {
    const time = new ManualTime();
    const chip = createChip("bk7231t", { time });
    const heard: Uint8Array[] = [];
    chip.powerOff();
    chip.onLog((bytes) => heard.push(bytes));
    chip.powerOn();
    chip.powerOff();
    time.advance(SECOND_US);
    assert.equal(heard.length, 0);
    chip.dispose();
  });
});
