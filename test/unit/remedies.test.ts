import assert from "node:assert/strict";
import {
  FLASHER_ERROR_CODES,
  FlasherError,
  type ErrorContext,
  type FlashCondition,
  type FlasherErrorCode,
  type OutsideCondition,
  type Suspect,
} from "../../src/core/base/errors";
import { crc32 } from "../../src/core/base/checksum";
import { CRC_STEPS, meaningOfCrc } from "../../src/core/base/crcMeaning";
import { REMEDIES, remedyFor } from "../../src/core/base/remedies";
import { STEPS_BY_JOB } from "../../src/core/base/remediesByJob";
import { SURROUNDING_STEPS, type SurroundingKind } from "../../src/core/base/remediesAround";
import { STATUS_BYTES, STATUS_UNKNOWN_COMMAND } from "../../src/core/base/statusBytes";

const FULL: Required<ErrorContext> = {
  port: "/dev/ttyUSB0",
  address: 0x12000,
  length: 0x1000,
  expected: "7C",
  actual: "00",
  attempts: 3,
  status: 6,
  crcSays: "blank",
  bytesSeen: 17,
  elsewhere: 0x124000,
  file: "image_bk7231t_app.0x011000.rbl",
  instead: "firmware.uf2",
  download: { kind: "openbeken-qio", chip: "BK7231N" },
  rekey: true,
  lifeline: true,
  trouble: "boot-code",
  holdsBootCode: true,
  differences: [{ partition: "app", calibration: false, ranges: [{ start: 0x12000, end: 0x13000 }] }],
  reason: "no-key-block",
  detail: "a detail",
};
const AROUND = (Object.keys(SURROUNDING_STEPS) as SurroundingKind[]).map((kind) => ({
  kind,
  values: ["dialout", "ann"],
}));
const EMPTY_STRINGS: ErrorContext = { port: "", file: "", instead: "", expected: "", actual: "", detail: "" };
const CONDITIONS: readonly FlashCondition[] = ["untouched", "partly-written", "written"];
const SUSPECTS: readonly (Suspect | undefined)[] = [undefined, "power", "line", "place", "cable"];

function failed(
  code: (typeof FLASHER_ERROR_CODES)[number],
  context: ErrorContext = {},
  flash: FlashCondition = "untouched",
  suspect?: Suspect,
) {
  const error = new FlasherError(code, "do it", context);
  error.flash = flash;
  error.suspect = suspect;
  if (context === FULL) error.around = AROUND;
  return remedyFor(error);
}

describe("remedies", () => {
  it("every code, with every context and condition, is whole sentences and something to do", () => {
    for (const code of FLASHER_ERROR_CODES) {
      for (const context of [{}, FULL, EMPTY_STRINGS, { ...FULL, status: 3 }]) {
        for (const [flash, suspect] of CONDITIONS.flatMap((each) => SUSPECTS.map((one) => [each, one] as const))) {
          const { title, steps } = failed(code, context, flash, suspect);
          assert.ok(steps.length > 0, code);
          for (const line of [title, ...steps]) {
            assert.doesNotMatch(line, /undefined|null|NaN|\{|\}|\$|\[object| {2}|\(\)|TODO/, code);
            assert.match(line, /^["A-Z/].*[A-Za-z0-9)][.!?]$/, `${code}: ${line}`);
            assert.ok(line.length > 8 && line.length < 240, `${code}: ${line.length}`);
          }
          assert.equal(new Set(steps).size, steps.length, `${code} repeats itself`);
        }
      }
    }
  });
  it("no row is without a code, and no two failures read the same", () => {
    assert.deepEqual(Object.keys(REMEDIES).sort(), [...FLASHER_ERROR_CODES].sort());
    assert.equal(new Set(Object.values(REMEDIES).map((remedy) => remedy.title)).size, FLASHER_ERROR_CODES.length);
  });
  it("silence leads to power, ground, the crossed wires by pin, a chip held in reset, and a reset while waiting", () => {
    const { steps } = failed("no-link-silence");
    const order = [
      /3\.3 V.*GND/,
      /GND.*both ends/,
      /RX.*TX1 \(P11\).*TX.*RX1 \(P10\)/,
      /CEN.*held low/,
      /Cut.*CEN to GND/,
    ];
    order.forEach((said, index) => assert.match(steps[index] ?? "", said));
  });
  it("names the file to use instead, first", () => {
    assert.equal(failed("image-ota-only", { instead: "firmware.uf2" }).steps[0], "Use firmware.uf2 instead.");
    assert.notEqual(failed("image-ota-only").steps[0], "Use firmware.uf2 instead.");
  });
  it("names the kind of download where no such file is at hand, and then no other", () => {
    const { steps } = failed("image-ota-only", { download: { kind: "openbeken-qio", chip: "BK7231N" } });
    assert.match(steps[0] ?? "", /OpenBeken .*_QIO_.* BK7231N/);
    assert.ok(!steps.some((step) => /LibreTiny/.test(step)), steps.join("\n"));
    assert.match(failed("image-ota-only").steps.join(), /LibreTiny.*OpenBeken/);
  });
  it("names the place, the port and the file", () => {
    assert.match(failed("verify-failed", { address: 0x12000 }).title, /\(at 0x012000\)\.$/);
    assert.match(failed("erase-failed", { address: 0 }).title, /\(at 0x000000\)\.$/);
    assert.match(failed("port-busy", { port: "COM5" }).title, /\(COM5\)\.$/);
    assert.match(failed("file-exists", { file: "backup.bin" }).title, /\(backup\.bin\)\.$/);
  });
  it("says what the chip is left with", () => {
    const last = (flash: FlashCondition): string => failed("port-lost", {}, flash).steps.at(-1) ?? "";
    assert.match(last("partly-written"), /only partly written.*flash again/);
    assert.match(last("written"), /verify/);
    assert.doesNotMatch(last("untouched"), /written/);
    assert.deepEqual(failed("cancelled").steps[0], "Nothing was changed on the chip.");
    assert.ok(!failed("cancelled", {}, "partly-written").steps.includes("Nothing was changed on the chip."));
  });
  it("advises what the kind of job can do", () => {
    const steps = (job: string, code: FlasherErrorCode): string => {
      const error = new FlasherError(code, "try");
      error.job = job;
      return remedyFor(error).steps.join(" ");
    };
    assert.match(steps("flash", "plan-touches-bootloader"), /--allow-bootloader/);
    assert.doesNotMatch(steps("erase", "plan-touches-bootloader"), /--allow-bootloader/);
    assert.match(steps("flash", "image-wrong-key"), /--rekey/);
    assert.doesNotMatch(steps("restore", "image-wrong-key"), /--rekey/);
    assert.doesNotMatch(steps("restore", "image-wrong-chip"), /build again/);
    assert.doesNotMatch(steps("verify", "verify-failed"), /3\.3 V/);
    for (const [job, rows] of Object.entries(STEPS_BY_JOB))
      for (const code of Object.keys(rows)) assert.ok(code in REMEDIES, `${job}: ${code}`);
  });
  it("says of the rest of the flash what is known, and no more", () => {
    const error = new FlasherError("cancelled", "try");
    error.flash = "partly-written";
    const said = (outside: OutsideCondition | undefined): string => {
      error.outside = outside;
      return remedyFor(error).steps.join(" ");
    };
    assert.match(said("untouched"), /Nothing outside the planned range was changed/);
    assert.match(said("changed"), /outside the planned range was or may have been changed.*restore the backup/);
    for (const unknown of ["in-doubt", undefined] as const) assert.doesNotMatch(said(unknown), /outside/);
  });
  it("puts what the course of the job points to first", () => {
    assert.match(failed("reply-timeout", {}, "untouched", "power").steps[0] ?? "", /first erase.*supply/);
    assert.match(failed("write-failed", {}, "partly-written", "place").steps[0] ?? "", /same place/);
    assert.match(failed("reply-invalid", {}, "untouched", "line").steps[0] ?? "", /different places.*wires/);
    assert.match(failed("port-lost", {}, "untouched", "cable").steps[0] ?? "", /plug.*cable/);
  });
  it("tells a protected address from a flash in trouble", () => {
    assert.match(failed("chip-status", { status: 6 }).steps[0] ?? "", /0x011000/);
    assert.match(failed("chip-status", { status: 3 }).steps[0] ?? "", /3\.3 V/);
  });
  it("every status byte and fault report that a chip can answer leads to steps of its own", () => {
    const general = failed("chip-status").steps;
    const seen = new Set<string>();
    for (const [value, { words, means, steps }] of Object.entries(STATUS_BYTES)) {
      assert.match(words.template, /^[a-z]/);
      assert.match(means, /^[A-Z].*\.$/);
      const status = Number(value);
      if (status === 0) continue;
      const code = status === STATUS_UNKNOWN_COMMAND ? "command-unsupported" : "chip-status";
      assert.deepEqual(failed(code, { status }).steps, steps);
      assert.notDeepEqual(steps, general);
      seen.add(steps.join());
    }
    // The two fault reports mean the same.
    assert.equal(seen.size, Object.keys(STATUS_BYTES).length - 2);
    assert.deepEqual(failed("chip-status", { status: 0x2a }).steps, general);
    // A status that came with another failure does not take its advice away.
    assert.deepEqual(failed("write-failed", { status: 6 }).steps, failed("write-failed").steps);
  });
  it("a CRC that gives itself away is told first, and known for what it is", () => {
    for (const length of [0x100, 0x1000, 0x10000]) {
      assert.equal(meaningOfCrc(crc32(new Uint8Array(length).fill(0xff)), length), "blank");
      assert.equal(meaningOfCrc(crc32(new Uint8Array(length)), length), "zeros");
      assert.equal(meaningOfCrc(0, length), "nothing");
      assert.equal(meaningOfCrc(crc32(new Uint8Array(length).fill(0x55)), length), undefined);
    }
    assert.equal(meaningOfCrc(crc32(new Uint8Array(0x1000).fill(0xff)), 0x2000), undefined);
    assert.equal(meaningOfCrc(0, 0), undefined);
    for (const crcSays of ["blank", "zeros", "nothing"] as const) {
      const { steps } = failed("verify-failed", { crcSays });
      assert.equal(steps[0], CRC_STEPS[crcSays]);
      assert.deepEqual(steps.slice(1), failed("verify-failed").steps);
    }
  });
});
