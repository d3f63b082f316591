/** What a plan keeps behind its last byte: found to be blank without reading, kept where it is not, whatever is compared first. */
import assert from "node:assert/strict";
import { alignDown } from "../../../src/core/base/bytes";
import { PRESETS, type Behaviour, type PresetId } from "../../../src/simulator/index";
import { noise } from "../../../src/simulator/prng";
import { shortBuildFor } from "./builds";
import { assertCarriedOut, firstDifference, flashRequest, resultOf, withSimulatedRig, type Rig } from "./rig";
import { SECTOR } from "../../flashUnits";

const APP_AT = 0x11000;
const READ = 0x09;

const readings = (rig: Rig): number =>
  rig.log.filter((event) => event.type === "command" && event.long && event.code === READ).length;

/** One of each way to find out what is right already. */
const CHIPS = ["bk7231t", "bk7231n-zero", "bk7231s", "bk7231q"] as const satisfies readonly PresetId[];

for (const id of CHIPS) {
  describe(`${id}: a sector of which a part is kept`, () => {
    const file = shortBuildFor(PRESETS[id]).crc;
    const end = APP_AT + file.bytes.length;
    const last = alignDown(end, SECTOR);

    /** The file is on the chip; behind it the sector holds `kept`. */
    const holding = (kept: number, work: (rig: Rig) => Promise<void>): Promise<void> =>
      withSimulatedRig(id, {}, async (rig) => {
        assert.ok(end - last > 0 && end - last < SECTOR);
        rig.chip.flash.set(file.bytes, APP_AT);
        rig.chip.flash.fill(kept, end, last + SECTOR);
        await work(rig);
      });

    it("is proven, and written again, where the flash ignored its write and nothing is to be verified", async () => {
      let erased = 0;
      const ignored: Behaviour = {
        onFlashOperation({ kind, ...operation }) {
          const isLast = "address" in operation && alignDown(operation.address, SECTOR) === last;
          if (isLast && kind === "erase") erased++;
          return isLast && kind === "program" && erased === 1 ? "ignore" : undefined;
        },
      };
      await withSimulatedRig(id, { behaviours: [ignored] }, async (rig) => {
        rig.chip.flash.fill(0x5a, end, last + SECTOR);
        const before = rig.snapshot();
        const outcome = await rig.run(flashRequest(file, { verify: false, full: true }));
        assertCarriedOut(resultOf("flash", outcome).plan, before, rig.chip.flash);
        assert.ok(rig.chip.flash.subarray(end, last + SECTOR).every((byte) => byte === 0x5a));
      });
    });

    for (const kept of [0xff, 0x5a]) {
      it(`stays as it is where the file is there already, with ${kept.toString(16)} behind it`, async () => {
        await holding(kept, async (rig) => {
          const before = rig.snapshot();
          const { bytesWritten, verified } = resultOf("flash", await rig.run(flashRequest(file)));
          assert.equal(verified, true);
          // A reset, which a CRC costs there, is not worth it for so short a file.
          if (id !== "bk7231s") assert.equal(bytesWritten, 0);
          assert.equal(firstDifference(before, rig.chip.flash), -1);
        });
      });

      it(`keeps its rest where the file differs in it, with ${kept.toString(16)} behind it`, async () => {
        await holding(kept, async (rig) => {
          rig.chip.flash[last] = (rig.chip.flash[last] ?? 0) ^ 0x11;
          const before = rig.snapshot();
          const { plan, bytesWritten } = resultOf("flash", await rig.run(flashRequest(file)));
          assert.ok(bytesWritten >= SECTOR);
          assertCarriedOut(plan, before, rig.chip.flash);
          assert.ok(rig.chip.flash.subarray(end, last + SECTOR).every((byte) => byte === kept));
        });
      });
    }
  });
}

it("what is blank behind a file costs no reading where the chip may be asked for CRCs", async () => {
  for (const id of ["bk7231t", "bk7231n-zero"] as const) {
    const file = shortBuildFor(PRESETS[id]).crc;
    await withSimulatedRig(id, {}, async (rig) => {
      await rig.run({ kind: "info" });
      const toIdentify = readings(rig);
      rig.forget();
      rig.chip.flash.set(file.bytes, APP_AT);
      rig.chip.flash.fill(0xff, APP_AT + file.bytes.length, alignDown(APP_AT + file.bytes.length, SECTOR) + SECTOR);
      resultOf("flash", await rig.run(flashRequest(file)));
      assert.equal(readings(rig), toIdentify, id);
    });
  }
});

describe("a sector that an interrupted write has in its journal", () => {
  const AT = 0x180000;
  const [FRONT, BACK] = [
    [0, 0x800],
    [0x900, SECTOR],
  ] as const;
  const FILE = { name: "settings.bin", bytes: new Uint8Array(0x100).fill(0xa5) };
  const then = noise(21, SECTOR);
  const blank = new Uint8Array(SECTOR).fill(0xff);
  const other = noise(22, SECTOR);
  /** As an erase of it leaves it that was stopped right behind its beginning. */
  const begun = then.slice().fill(0xff, 0, 0x300);

  const joined = (front: Uint8Array, back: Uint8Array): Uint8Array => {
    const sector = front.slice();
    sector.set(back.subarray(...BACK), BACK[0]);
    return sector;
  };

  /** What the sector holds after the write goes on, and what is told of where its bytes are. */
  async function after(onChip: Uint8Array, proven = false): Promise<[Uint8Array, boolean, boolean]> {
    const found: [Uint8Array, boolean, boolean][] = [];
    await withSimulatedRig("bk7231n", {}, async (rig) => {
      rig.chip.flash.set(onChip, AT);
      const left = { kept: new Map([[AT, then]]), claimed: [], proven: new Set(proven ? [AT] : []) };
      const { events } = await rig
        .answering({ resumeWrite: () => Promise.resolve(left) })
        .run(flashRequest(FILE, { at: AT + FRONT[1] }));
      const kept = events.find((event) => event.type === "kept");
      assert.ok(kept?.type === "kept");
      assert.deepEqual([...rig.chip.flash.subarray(AT + FRONT[1], AT + BACK[0])], [...FILE.bytes]);
      found.push([rig.chip.flash.slice(AT, AT + SECTOR), kept.touched.includes(AT), kept.newer.includes(AT)]);
    });
    return found[0] as [Uint8Array, boolean, boolean];
  }

  const holds = (sector: Uint8Array, front: Uint8Array, back: Uint8Array, where: string): void => {
    const wanted = joined(front, back);
    wanted.set(FILE.bytes, FRONT[1]);
    assert.equal(firstDifference(sector, wanted), -1, where);
  };

  const CASES: readonly [string, Uint8Array, boolean, Uint8Array, Uint8Array, boolean, boolean][] = [
    ["erased", blank, false, then, then, true, false],
    ["half erased", begun, false, then, then, true, false],
    ["as it was", then, false, then, then, false, false],
    ["written since", other, false, other, other, false, true],
    ["erased, its end written since", joined(blank, other), false, then, other, true, true],
    ["erased at its end, its front written since", joined(other, blank), false, other, then, true, true],
    ["erased after its proof", blank, true, then, then, true, false],
    ["as it was after its proof", then, true, then, then, false, false],
    ["changed after its proof", begun, true, begun, then, false, true],
    ["partly changed after its proof", joined(blank, other), true, then, other, true, true],
  ];
  for (const [name, onChip, proven, front, back, touched, newer] of CASES) {
    it(`${name}: holds of the journal what nothing else has any more, and of the chip all else`, async () => {
      const [sector, isTouched, isNewer] = await after(onChip, proven);
      holds(sector, front, back, name);
      assert.deepEqual([isTouched, isNewer], [touched, newer]);
    });
  }
});
