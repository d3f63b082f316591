/** What is expected and what was got: a message that shows both shows a difference. */
import assert from "node:assert/strict";
import { assertUsableBase } from "../../src/core/backup/baseBackup";
import { buildManifest, deviceMark } from "../../src/core/backup/manifest";
import { concat } from "../../src/core/base/bytes";
import { FlasherError, type ErrorContext } from "../../src/core/base/errors";
import { english } from "../../src/core/base/words";
import { PROFILES } from "../../src/core/beken/chips/profiles";
import { parseCoefficients } from "../../src/core/beken/chips/keys";
import { assertSameLoader } from "../../src/core/jobs/deviceIdentity";
import type { LoaderEvidence } from "../../src/core/driver/chipDriver";
import { detectImage } from "../../src/core/beken/images/detect";
import { planWrite } from "../../src/core/plan/planWrite";
import { dumpOf, identityOf } from "./backup/dumps";
import { packed } from "./images/samples";

/** The failure's facts, once no side is like the other. */
function differing(context: ErrorContext): ErrorContext {
  const { expected, actual } = context;
  if (expected !== undefined && actual !== undefined) assert.notEqual(english(expected), english(actual));
  return context;
}

function failureOf(work: () => unknown): ErrorContext {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof FlasherError);
    return differing(error.context);
  }
  return assert.fail("nothing failed");
}

const OTHER = parseCoefficients("8f3c21d65b7a90e4d1c2b3a4c7adeb15");
const ANOTHER = parseCoefficients("8f3c21d65b7a90e4d1c2b3a5c7adeb15");

describe("what is expected and what was got", () => {
  it("of code behind the filler is not its checksum, which holds", () => {
    const { application } = packed(0x900);
    const bytes = concat(application, new Uint8Array(34 * 3).fill(0xff), application);
    const { refusal, checks } = detectImage(bytes, "a.bin");
    assert.equal(refusal?.code, "image-corrupt");
    differing(refusal.context);
    const shown = checks.map(({ detail }) => english(detail ?? "")).join();
    assert.match(shown, /code follows the filler from block \d+/);
    assert.doesNotMatch(shown, /expected (\w+), got \1/);
  });

  it("of another chip on a ROM is the chip's id, of another loader its boot code", () => {
    const seen = (family: "rom" | "B", registerChipId: number | undefined, fingerprint: string): LoaderEvidence => ({
      profile: PROFILES[family],
      registerChipId,
      fingerprint,
      bootVersion: undefined,
      bootloader: undefined,
      bootCode: undefined,
    });
    const rom = failureOf(() => {
      assertSameLoader(seen("rom", 0x7231c, "4063D299"), seen("rom", 0x7238, "4063D299"));
    });
    assert.deepEqual(
      [rom.expected, rom.actual].map((text) => english(text ?? "")),
      ["chip id 0007231C", "chip id 00007238"],
    );
    const mixed = failureOf(() => {
      assertSameLoader(seen("B", undefined, "4063D299"), seen("rom", 0x7238, "4063D299"));
    });
    assert.equal(english(mixed.expected ?? ""), "no chip id register");
    const loader = failureOf(() => {
      assertSameLoader(seen("B", undefined, "BA54C1B8"), seen("B", undefined, "E5CBC953"));
    });
    assert.deepEqual(english(loader.actual ?? ""), "boot code E5CBC953");
    assertSameLoader(seen("rom", 0x7231c, "4063D299"), seen("rom", 0x7231c, "FFFFFFFF"));
  });

  it("of two keys that are in no table are not both named 'other'", () => {
    const detected = detectImage(packed(0x900, OTHER).application, "image_bk7231n_app.crc");
    const image = { ...detected, key: { kind: "other", coefficients: OTHER } } as const;
    const key = { kind: "other", coefficients: ANOTHER, from: "efuse" } as const;
    const chip = { ...identityOf(dumpOf("bk7231n"), 0x1d0000), chip: undefined, key };
    const context = failureOf(() => planWrite(image, chip, { allowBootloader: false, calibrationAt: undefined }));
    assert.match(english(context.actual ?? ""), /another key/);
  });

  it("of an earlier backup without a MAC address is why it cannot serve", () => {
    const bytes = dumpOf("bk7231t");
    const { mac, ...identity } = identityOf(bytes);
    assert.ok(mac);
    const without = { ...identity, mac: undefined };
    const base = { name: "old.bin", bytes, manifest: buildManifest(without, bytes, "1", new Date(0)) };
    const context = failureOf(() => {
      assertUsableBase(base, deviceMark(without));
    });
    assert.match(english(context.detail ?? ""), /nothing shows that it is of this device/);
  });
});
