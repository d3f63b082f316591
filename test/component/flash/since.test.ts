/** A backup that takes from an earlier one what the chip's CRC agrees to. */
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  buildManifest,
  type BaseBackup,
  type ChipIdentity,
  type JobHooks,
  type JobRequest,
} from "../../../src/core/index";
import { crc32 } from "../../../src/core/base/checksum";
import type { PresetId } from "../../../src/simulator/index";
import { noise } from "../../../src/simulator/prng";
import { KeptRead } from "./kept";
import {
  assertUntouched,
  failedWith,
  firstDifference,
  notes,
  resultOf,
  withSimulatedRig,
  type Outcome,
  type Rig,
} from "./rig";

const SECTOR = 0x1000;
const BLOCK = 0x10000;
const FLASH = 0x200000;
/** Of the calibration, without which two backups cannot be told to be of one device. */
const CALIBRATION = 0x1d0000;

/** A chip with something everywhere but its calibration, and in its last 256 KiB before that. */
function fill(flash: Uint8Array): void {
  flash.set(noise(4, 0x190000 - 0x20000), 0x20000);
}

async function backedUp(
  rig: Rig,
  run: (request: JobRequest) => Promise<Outcome> = (request) => rig.run(request),
): Promise<BaseBackup & { readonly chip: ChipIdentity }> {
  const { chip, data } = resultOf("backup", await run({ kind: "backup" }));
  assert.notEqual(chip.mac, undefined);
  return { name: "before.bin", bytes: data, manifest: buildManifest(chip, data, "1.0.0", new Date(0)), chip };
}

const BACKUP = { kind: "backup" } as const;

function since(base: BaseBackup): JobHooks {
  return { baseBackup: () => Promise.resolve(base) };
}

/** Another dump with a manifest that holds for it and says it is of the same device. */
function forged({ chip, name }: BaseBackup & { readonly chip: ChipIdentity }, bytes: Uint8Array): BaseBackup {
  return { name, bytes, manifest: buildManifest(chip, bytes, "1.0.0", new Date(0)) };
}

const READ_SECTOR = 0x09;

/** Sectors asked for since the rig's log was forgotten. */
function sectorsRead(rig: Rig): number {
  return rig.log.filter((event) => event.type === "command" && event.long && event.code === READ_SECTOR).length;
}

interface Edit {
  readonly sector: number;
  /** In sectors. */
  readonly length: number;
  readonly kind: "noise" | "blank" | "zeros" | "one-bit";
  readonly seed: number;
}

const someEdits: fc.Arbitrary<Edit[]> = fc.array(
  fc.record({
    sector: fc.integer({ min: 0x11, max: CALIBRATION / SECTOR - 1 }),
    length: fc.constantFrom(1, 2, 3, 16, 17, 40),
    kind: fc.constantFrom("noise", "blank", "zeros", "one-bit"),
    seed: fc.integer({ min: 1, max: 0xffff }),
  }),
  { maxLength: 12 },
);

function apply(flash: Uint8Array, edits: readonly Edit[]): void {
  for (const { sector, length, kind, seed } of edits) {
    const start = sector * SECTOR;
    const end = Math.min(CALIBRATION, start + length * SECTOR);
    const bit = start + (seed % SECTOR);
    if (kind === "noise") flash.set(noise(seed, end - start), start);
    else if (kind === "one-bit") flash[bit] = (flash[bit] as number) ^ 0x10;
    else flash.fill(kind === "blank" ? 0xff : 0, start, end);
  }
}

describe("a backup since an earlier one", () => {
  for (const id of ["bk7231t", "bk7231s", "bk7231n"] satisfies PresetId[]) {
    it(`${id}: transfers the sectors that changed and no other, and tells every block`, async () => {
      await withSimulatedRig(id, {}, async (rig) => {
        fill(rig.chip.flash);
        const base = await backedUp(rig);
        const changed = [0x25000, 0x26000, 0x100000, 0x18f000];
        for (const at of changed) rig.chip.flash[at + 0x123] = (rig.chip.flash[at + 0x123] as number) ^ 1;
        rig.forget();
        const blocks = new Map<number, Uint8Array>();
        const outcome = await rig.answering(since(base)).run(BACKUP, undefined, (event) => {
          if (event.type === "block") blocks.set(event.start, event.data);
        });
        const result = resultOf("backup", outcome);
        assert.equal(firstDifference(result.data, rig.chip.flash), -1);
        assert.equal(result.crc32, crc32(rig.chip.flash));
        assert.equal(result.bytesFromBase, FLASH - changed.length * SECTOR);
        assert.equal(result.bytesTaken, 0);
        assert.deepEqual(notes(outcome.events).filter((code) => code === "since-backup").length, 1);
        assert.deepEqual(
          [...blocks.keys()].sort((a, b) => a - b),
          Array.from({ length: 32 }, (_, i) => i * BLOCK),
        );
        for (const [start, data] of blocks)
          assert.equal(firstDifference(data, rig.chip.flash.subarray(start, start + BLOCK)), -1);
      });
    });
  }

  it("moves next to nothing when nothing changed", async () => {
    await withSimulatedRig("bk7231n", {}, async (rig) => {
      fill(rig.chip.flash);
      const base = await backedUp(rig);
      const session = await rig.openSession();
      resultOf("info", await rig.inSession(session, { kind: "info" }));
      const before = rig.chip.flash.slice();
      rig.forget();
      const { data, bytesFromBase } = resultOf("backup", await rig.answering(since(base)).inSession(session, BACKUP));
      assert.equal(firstDifference(data, before), -1);
      assert.equal(bytesFromBase, FLASH);
      // What finding out that it is the same chip takes.
      assert.ok(sectorsRead(rig) <= 1, `${sectorsRead(rig)} sectors read`);
      assertUntouched(rig, before);
      await session.close();
    });
  });

  it("is the same file as a plain read for whatever was and is in the flash", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom("bk7231t", "bk7231n", "bk7231s"),
        someEdits,
        someEdits,
        someEdits,
        async (id, before, between, lies) => {
          await withSimulatedRig(id, {}, async (rig) => {
            apply(rig.chip.flash, before);
            const session = await rig.openSession();
            const run = (request: JobRequest): Promise<Outcome> => rig.inSession(session, request);
            const base = await backedUp(rig, run);
            apply(rig.chip.flash, between);
            const wrong = base.bytes.slice();
            apply(wrong, lies);
            const { data, bytesFromBase } = resultOf(
              "backup",
              await rig.answering(since(forged(base, wrong))).inSession(session, BACKUP),
            );
            assert.equal(firstDifference(data, rig.chip.flash), -1);
            let same = 0;
            for (let at = 0; at < FLASH; at += SECTOR)
              if (firstDifference(wrong.subarray(at, at + SECTOR), data.subarray(at, at + SECTOR)) < 0) same += SECTOR;
            assert.equal(bytesFromBase, same);
            await session.close();
          });
        },
      ),
      { numRuns: 40 },
    );
  });

  it("takes nothing from bytes that are all wrong", async () => {
    await withSimulatedRig("bk7231n", {}, async (rig) => {
      fill(rig.chip.flash);
      const base = await backedUp(rig);
      const { data, bytesFromBase } = resultOf(
        "backup",
        await rig.answering(since(forged(base, noise(77, FLASH)))).run(BACKUP),
      );
      assert.equal(firstDifference(data, rig.chip.flash), -1);
      assert.equal(bytesFromBase, 0);
    });
  });

  it("refuses a backup that changed, of another device, of part of the flash, or of nobody knows which", async () => {
    await withSimulatedRig("bk7231n", {}, async (rig) => {
      const base = await backedUp(rig);
      const { manifest } = base;
      const before = rig.snapshot();
      rig.forget();
      const damaged = base.bytes.slice();
      damaged[0x123456] = (damaged[0x123456] as number) ^ 1;
      failedWith("backup-damaged", await rig.answering(since({ ...base, bytes: damaged })).run(BACKUP));
      failedWith(
        "backup-damaged",
        await rig.answering(since({ ...base, bytes: base.bytes.subarray(0, 0x1ff000) })).run(BACKUP),
      );
      const of = (device: Partial<typeof manifest.device>): BaseBackup => ({
        ...base,
        manifest: { ...manifest, device: { ...manifest.device, ...device } },
      });
      failedWith("backup-other-device", await rig.answering(since(of({ mac: "00:11:22:33:44:55" }))).run(BACKUP));
      failedWith("backup-other-device", await rig.answering(since(of({ mac: null }))).run(BACKUP));
      const half = base.bytes.subarray(0, FLASH / 2);
      failedWith("backup-other-device", await rig.answering(since(forged(base, half))).run(BACKUP));
      assertUntouched(rig, before);
    });
  });

  it("goes on after an interruption, with and without the earlier backup", async () => {
    for (const again of [true, false]) {
      await withSimulatedRig("bk7231n", {}, async (rig) => {
        fill(rig.chip.flash);
        const base = await backedUp(rig);
        // A block in four is other now.
        for (let at = 0x20000; at < 0x190000; at += 4 * BLOCK) rig.chip.flash.set(noise(at, BLOCK), at);
        const kept = new KeptRead();
        let reads = 0;
        const stopped = await rig
          .answering({ ...since(base), resumeBackup: kept.resume })
          .run(BACKUP, undefined, (event) => {
            if (rig.transport === undefined || reads > 40) return;
            kept.store(event);
            if (event.type === "progress" && event.phase === "read" && event.length === SECTOR && ++reads > 40)
              rig.transport.unplug();
          });
        assert.notEqual(stopped.error, undefined);
        rig.chip.flash[0x55555] = (rig.chip.flash[0x55555] as number) ^ 1;
        const hooks: JobHooks = { ...(again && since(base)), resumeBackup: kept.resume };
        const result = resultOf("backup", await rig.answering(hooks).run(BACKUP));
        assert.equal(firstDifference(result.data, rig.chip.flash), -1);
        assert.ok(result.bytesTaken >= 20 * BLOCK, `${result.bytesTaken} bytes taken`);
        assert.equal(result.bytesFromBase > 0, again);
      });
    }
  });
});
