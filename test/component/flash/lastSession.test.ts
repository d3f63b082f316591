/**
 * A process that was killed, or a port that went away, inside a short frame leaves half of it with a chip that stays powered.
 * Whatever the next session sends first becomes the rest of it: each kind of frame is cut at each byte, on every kind of program
 * that answers, and the flash, its status register and the fuses are looked at directly.
 */
import assert from "node:assert/strict";
import { TransportError, type JobRequest, type LineState, type Transport } from "../../../src/core/index";
import { LOADER_PRESETS, PRESETS, type Preset } from "../../../src/simulator/index";
import { noise } from "../../../src/simulator/prng";
import { resultOf, withSimulatedRig, type Rig, type RigOptions } from "./rig";
import { SECTOR } from "../../flashUnits";

const ERASE = [0x01, 0xe0, 0xfc, 0xff, 0xf4, 0x06, 0x00, 0x0f];
const ERASE_LENGTH = 13;
const WRITE = [0x01, 0xe0, 0xfc, 0xff, 0xf4, 0x05, 0x10];
const STATUS_WRITE = [0x01, 0xe0, 0xfc, 0xff, 0xf4, 0x04, 0x00, 0x0d];
const REGISTER_WRITE = [0x01, 0xe0, 0xfc, 0x09, 0x01];
/** LB1 to LB3 and SRP1: what is set of these stays, or stays until the power goes. */
const LOCKS = 0x3900;
const SRP0 = 0x0080;

const LOADERS: readonly Preset[] = Object.values(LOADER_PRESETS);
const ROMS: readonly Preset[] = [PRESETS.bk7231n, PRESETS.bk7238, PRESETS.bk7252n];

/** What the next session finds of the last one; the same interface as on disk. */
class Memory {
  state: LineState | undefined;
  recall = (): Promise<LineState | undefined> => Promise.resolve(this.state);
  keep = (state: LineState | undefined): Promise<void> => Promise.resolve(void (this.state = state));
}

/** Of the `nth` frame that begins so, `left` of its bytes reach the chip, and then nothing of that session does. */
function cutting(head: readonly number[], nth: number, left: (frame: Uint8Array) => Uint8Array) {
  let seen = 0;
  let gone = false;
  const wrap = (target: Transport): Transport => {
    if (gone) return target;
    const refuse = (): Promise<never> => Promise.reject(new TransportError("port-lost", "talk", { port: "cut" }));
    return new Proxy(target, {
      get(_target, name) {
        if (gone && ["read", "setBaudRate", "setControlLines", "write"].includes(String(name))) return refuse;
        if (name === "write")
          return async (bytes: Uint8Array, signal: AbortSignal) => {
            if (!head.every((byte, i) => bytes[i] === byte) || ++seen !== nth) return target.write(bytes, signal);
            await target.write(left(bytes), signal);
            gone = true;
            return refuse();
          };
        const value = Reflect.get(target, name) as unknown;
        return typeof value === "function" ? (value.bind(target) as unknown) : value;
      },
    });
  };
  return { wrap, happened: () => gone };
}

interface After {
  readonly rig: Rig;
  /** Sectors that are different from what they were when the frame was cut. */
  readonly changed: readonly number[];
  readonly statusBefore: number;
}

/** Something everywhere above the boot code, so that no erase goes unseen. */
function fill({ chip }: Rig, from = 0x12000): void {
  const calibration = chip.preset.calibrationAt;
  const own = chip.flash.slice(calibration, calibration + SECTOR);
  chip.flash.set(noise(5, chip.flash.length - from), from);
  chip.flash.set(own, Math.min(calibration, chip.flash.length - SECTOR));
}

async function cutAndGoOn(
  preset: Preset,
  request: JobRequest,
  cut: ReturnType<typeof cutting>,
  options: RigOptions,
  judge: (after: After) => void,
): Promise<void> {
  // Where the length of a frame was cut, the chip waits for thousands of bytes: then somebody has to cycle the power.
  const all = { person: "auto", personWaitMs: 2_000, wrap: cut.wrap, ...options } as const;
  await withSimulatedRig(preset, all, async (rig) => {
    fill(rig);
    const first = await rig.run(request);
    assert.equal(first.error?.code, "port-lost");
    assert.ok(cut.happened());
    const before = rig.snapshot();
    const statusBefore = rig.chip.statusRegister;
    const next = await rig.run({ kind: "info" });
    resultOf("info", next);
    const sectors = Array.from({ length: before.length / SECTOR }, (_, i) => i * SECTOR);
    const differs = (at: number): boolean =>
      Buffer.compare(before.subarray(at, at + SECTOR), rig.chip.flash.subarray(at, at + SECTOR)) !== 0;
    judge({ rig, changed: sectors.filter(differs), statusBefore });
  });
}

const head = (count: number) => (frame: Uint8Array) => frame.slice(0, count);
const NAMED = 0x155000;
const eraseAt = (start: number, length = SECTOR): JobRequest => ({ kind: "erase", start, length, dryRun: false });
const slow = { baudRate: 115_200 } as const;
const hex = (numbers: readonly number[]): string => numbers.map((each) => each.toString(16)).join(" ");

describe("half a frame of the last session", function () {
  this.timeout(120_000);

  it("an erase cut at any byte: a flash loader's next session erases nothing else, whatever is remembered", async () => {
    for (const preset of LOADERS) {
      for (let count = 1; count < ERASE_LENGTH; count++) {
        for (const memory of [undefined, new Memory()]) {
          const options = memory ? { line: memory } : slow;
          await cutAndGoOn(preset, eraseAt(NAMED), cutting(ERASE, 1, head(count)), options, ({ changed }) =>
            assert.deepEqual(
              changed.filter((at) => at !== NAMED),
              [],
              `${preset.id}, ${count} bytes: ${hex(changed)}`,
            ),
          );
        }
      }
    }
  });

  it("the same with a byte of its address lost, or a break behind it, as an adapter makes that loses its power", async () => {
    const losing = (at: number) => (frame: Uint8Array) => frame.slice(0, ERASE_LENGTH).filter((_, i) => i !== at);
    const breaking = (count: number) => (frame: Uint8Array) => Uint8Array.of(...frame.slice(0, count), 0);
    const lefts = [...[9, 10, 11].map(losing), ...[9, 10, 11].map(breaking)];
    for (const preset of LOADERS) {
      for (const left of lefts) {
        await cutAndGoOn(preset, eraseAt(NAMED), cutting(ERASE, 1, left), slow, ({ changed }) =>
          assert.deepEqual(
            changed.filter((at) => at !== NAMED),
            [],
            `${preset.id}: ${hex(changed)}`,
          ),
        );
      }
    }
  });

  it("a write cut inside its address never reaches boot code", async () => {
    for (const preset of LOADERS) {
      for (let count = 8; count < 12; count++) {
        for (const memory of [undefined, new Memory()]) {
          // Erased already when the write is cut, so nothing but the write itself is to be seen.
          const job: JobRequest = {
            kind: "flash",
            file: { name: "data.bin", bytes: noise(9, SECTOR) },
            at: NAMED,
            verify: true,
            reboot: false,
            dryRun: false,
          };
          const options = memory ? { line: memory } : slow;
          await cutAndGoOn(preset, job, cutting(WRITE, 1, head(count)), options, ({ changed }) => {
            const elsewhere = changed.filter((at) => at !== NAMED && !(at >= 0x40000 && at < 0x50000));
            assert.deepEqual(elsewhere, [], `${preset.id}, ${count} bytes: ${hex(changed)}`);
          });
        }
      }
    }
  });

  it("an erase on a boot ROM stays in the plan where the last session left word, else in the middle of the application", async () => {
    const start = 0x120000;
    const length = 0x20000;
    for (const preset of ROMS) {
      for (let count = 1; count < ERASE_LENGTH; count++) {
        for (const memory of [undefined, new Memory()]) {
          const options = memory ? { line: memory } : slow;
          await cutAndGoOn(preset, eraseAt(start, length), cutting(ERASE, 1, head(count)), options, ({ changed }) => {
            const planned = (at: number): boolean => at >= start && at < start + length;
            const middle = (at: number): boolean => at >= 0x40000 && at < 0x50000;
            const wrong = changed.filter((at) => !planned(at) && (memory !== undefined || !middle(at)));
            assert.deepEqual(wrong, [], `${preset.id}, ${count} bytes: ${hex(changed)}`);
          });
        }
      }
    }
  });

  it("half a status register write becomes no lock, half a register write burns no fuse", async () => {
    for (const preset of ROMS) {
      const status = preset.status | 0x0200;
      for (const memory of [undefined, new Memory()]) {
        const options = { statusRegister: status, ...(memory ? { line: memory } : slow) };
        for (let count = 1; count < 11; count++) {
          const cut = cutting(STATUS_WRITE, 1, head(count));
          await cutAndGoOn(preset, eraseAt(NAMED), cut, options, ({ rig, changed }) => {
            const locks = LOCKS | (memory ? SRP0 : 0);
            assert.equal(rig.chip.statusRegister & locks, status & locks, `${preset.id}, ${count} bytes`);
            assert.deepEqual(changed, []);
          });
        }
        for (let count = 1; count < 13; count++) {
          const cut = cutting(REGISTER_WRITE, 3, head(count));
          await cutAndGoOn(preset, { kind: "info" }, cut, options, ({ rig, changed }) => {
            assert.equal(rig.chip.counters.fusesBurned, 0, `${preset.id}, ${count} bytes`);
            assert.equal(rig.chip.statusRegister, status);
            assert.deepEqual(changed, []);
          });
        }
      }
    }
  });

  it("nothing is remembered of a session that ended as it should, and a chip left linked at a rate is found there at once", async () => {
    for (const preset of [PRESETS.bk7231t, PRESETS.bk7231n]) {
      const memory = new Memory();
      await withSimulatedRig(preset, { line: memory }, async (rig) => {
        resultOf("info", await rig.run({ kind: "info" }));
        assert.equal(memory.state, undefined);
      });
      const cut = cutting(ERASE, 1, head(10));
      await withSimulatedRig(preset, { line: memory, wrap: cut.wrap, person: "manual" }, async (rig) => {
        fill(rig);
        const lost = await rig.run(eraseAt(NAMED));
        assert.equal(lost.error?.code, "port-lost");
        const identified = lost.events.find((event) => event.type === "identified");
        const left = identified?.baudRate ?? 0;
        assert.ok(left >= 921_600, `identified at ${left} baud`);
        assert.equal(memory.state?.baudRate, left);
        const next = await rig.run({ kind: "info" });
        const linked = next.events.find((event) => event.type === "linked");
        assert.ok(linked && linked.by === `link left at ${left} baud` && linked.afterMs < 300, JSON.stringify(linked));
        assert.equal(memory.state, undefined);
      });
    }
  });
});
