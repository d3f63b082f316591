/** What a notification says after a job: whether the device starts is part of it where a person expects it to, or asked. */
import assert from "node:assert/strict";
import type { JobKind } from "../../../src/core/index";
import { successText } from "../../../src/extension/views/notifications";
import { newJob, type JobState } from "../../../src/shared/jobState";
import type { StartView } from "../../../src/shared/views";
import { chip } from "../webview/scenes";
import { toChipView } from "../../../src/shared/views";
import { english } from "../../../src/core/index";

const PORT = { id: "/dev/ttyUSB0", label: "here" };
const NO: StartView = { starts: "no", reasons: ["there is no boot code"], lacksBootCode: true, calibration: true };

function done(kind: JobKind, start: StartView | undefined): JobState {
  const view = { ...toChipView(chip, english), start };
  const job = newJob({ id: "1", kind, title: "x", port: PORT, fileName: "f.bin" }, 1);
  return { ...job, status: "succeeded", endedAt: 2, chip: view, outcome: {} };
}

describe("what is told after a job", () => {
  it("a device that does not start is told after everything but a reading", () => {
    for (const kind of ["info", "flash", "restore", "verify", "erase", "reboot"] as const)
      assert.match(successText(done(kind, NO)), /The device does not start: there is no boot code\.$/, kind);
    for (const kind of ["read", "backup"] as const) assert.doesNotMatch(successText(done(kind, NO)), /start/, kind);
  });

  it("after a comparison it is told as well that it does, as far as that is known", () => {
    const yes: StartView = { starts: "yes", reasons: [], lacksBootCode: false, calibration: true };
    assert.match(successText(done("verify", yes)), /^The chip holds f\.bin: .* The device starts, as far as/);
    assert.doesNotMatch(successText(done("verify", undefined)), /start/);
    const unknown: StartView = { ...yes, starts: "unknown", reasons: ["the boot code cannot be read"] };
    assert.match(successText(done("verify", unknown)), /Whether the device starts is not known: the boot code cannot/);
  });

  it("what was right already took no part of the time", () => {
    const outcome = { bytesWritten: 0x1000, bytesSkipped: 0x68000, verified: true };
    const told = successText({ ...done("flash", undefined), outcome });
    assert.match(told, /: 4 KiB sent in [\d.]+ s, verified on the chip\. 416 KiB right already, left alone\.$/);
  });
});
