// Whether the chip that answers after a gap is the one a job began with: no other one may get the rest of its plan.
import assert from "node:assert/strict";
import { hexAddress } from "../../src/core/base/bytes";
import { crc32 } from "../../src/core/base/checksum";
import { ProtocolError } from "../../src/core/base/errors";
import { calibrationMark, macOf } from "../../src/core/beken/chips/calibration";
import { PROFILES } from "../../src/core/beken/chips/profiles";
import type { LoaderEvidence } from "../../src/core/driver/chipDriver";
import type { Witness } from "../../src/core/driver/knownSectors";
import { assertHoldsTheSame, assertSameDevice, assertSameLoader } from "../../src/core/jobs/deviceIdentity";
import { CALIBRATION, dumpOf, identityOf, withMac } from "./backup/dumps";

const flash = dumpOf("bk7231t");
const chip = identityOf(flash);
const at = (dump: Uint8Array): Uint8Array => dump.slice(CALIBRATION, CALIBRATION + 0x1000);
const own = at(flash);

/** What is told of the chip that answers; undefined where it is taken for the same. */
function told(sector: Uint8Array, mayBeHarmed: boolean, identity = chip): unknown {
  try {
    assertSameDevice(identity, sector, mayBeHarmed);
    return undefined;
  } catch (error) {
    assert.ok(error instanceof ProtocolError && error.code === "chip-changed");
    return [error.context.expected, error.context.actual].map(String);
  }
}

/** The same MAC address, other trim values. */
function trimmed(sector: Uint8Array): Uint8Array {
  const copy = sector.slice();
  copy[0x40] = (copy[0x40] ?? 0) ^ 1;
  return copy;
}

describe("the chip behind a gap in the link", () => {
  const other = at(withMac(flash, CALIBRATION, 0xee));
  const blank = new Uint8Array(0x1000).fill(0xff);

  it("is the same with the same calibration, and another one with another", () => {
    assert.equal(told(own, false), undefined);
    assert.deepEqual(told(other, false), [chip.mac, macOf(other)]);
    assert.deepEqual(told(blank, false), [chip.mac, "none at 0x1E0000"]);
    assert.deepEqual(
      told(trimmed(own), false),
      [calibrationMark(own), calibrationMark(trimmed(own))].map((mark) => `calibration ${mark} at 0x1E0000`),
    );
  });

  it("is another one by its MAC address, also where an erase or a write may have harmed its calibration", () => {
    assert.deepEqual(told(other, true), [chip.mac, macOf(other)]);
    assert.equal(told(blank, true), undefined);
    assert.equal(told(trimmed(own), true), undefined);
    assert.notEqual(told(trimmed(own), true, { ...chip, mac: "00:11:22:33:44:55" }), undefined);
  });

  it("is another one by its trim values where neither has a MAC address", () => {
    const without = own.slice().fill(0xff, 0x1c, 0x2a);
    assert.equal(macOf(without), undefined);
    const identity = { ...chip, mac: undefined, calibrationMark: calibrationMark(without) };
    assert.equal(told(without, true, identity), undefined);
    assert.notEqual(told(trimmed(without), true, identity), undefined);
  });

  it("has the boot code that answered, or on a boot ROM the silicon, whatever became of its boot code", () => {
    const same = (family: "rom" | "T", before: object, now: object): boolean => {
      const profile = family === "rom" ? PROFILES.rom : chip.protocol;
      const evidence = (more: object): LoaderEvidence => ({ profile, ...more }) as LoaderEvidence;
      try {
        assertSameLoader(evidence(before), evidence(now));
        return true;
      } catch (error) {
        assert.ok(error instanceof ProtocolError && error.code === "chip-changed");
        return false;
      }
    };
    assert.equal(chip.protocol.bootloaderIsLifeline, true);
    const [one, two] = [{ fingerprint: "11111111" }, { fingerprint: "22222222" }];
    assert.deepEqual([same("T", one, one), same("T", one, two), same("T", one, {})], [true, false, false]);
    const silicon = { registerChipId: 0x7231c };
    assert.equal(same("rom", { ...one, ...silicon }, { ...two, ...silicon }), true);
    assert.deepEqual([same("rom", silicon, { registerChipId: 0x7238 }), same("rom", silicon, {})], [false, false]);
  });

  it("that has nothing of its own to be told by is told by what was read, erased and written", () => {
    const [was, is] = [crc32(own), crc32(other)];
    const holds = (kind: Pick<Witness, "isBlank" | "isOurs">, ...changed: readonly number[]): boolean => {
      const known = [0, 1, 2, 3].map((i) => ({ address: i * 0x1000, crc: was, ...kind }));
      const now = new Map(known.map(({ address }, i) => [address, changed.includes(i) ? is : was]));
      try {
        assertHoldsTheSame(known, now);
        return true;
      } catch (error) {
        assert.ok(error instanceof ProtocolError && error.code === "chip-changed");
        assert.match(String(error.context.expected), new RegExp(hexAddress((changed[0] ?? 0) * 0x1000)));
        return false;
      }
    };
    for (const isOurs of [true, false]) {
      const content = { isBlank: false, isOurs };
      assert.deepEqual([holds(content), holds(content, 1), holds(content, 1, 2)], [true, true, false]);
    }
    const erased = { isBlank: true, isOurs: true };
    assert.deepEqual([holds(erased), holds(erased, 3)], [true, false]);
    assert.doesNotThrow(() => assertHoldsTheSame([], new Map()));
    const lost = { address: 0, crc: was, isBlank: false, isOurs: true };
    assert.throws(() => assertHoldsTheSame([lost], new Map()), ProtocolError);
  });
});
