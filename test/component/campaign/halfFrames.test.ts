/**
 * A frame of which a byte was lost waits in the ROM for the next byte, whatever that is. Where the frame writes a status register
 * or starts the eFuse, that byte could lock the flash or burn a key for good: each loss of one or two bytes is tried.
 */
import assert from "node:assert/strict";
import { PRESETS, type Behaviour } from "../../../src/simulator/index";
import { Bench } from "../../campaign/bench";
import { deviceOf, type Device } from "../../campaign/devices";
import { Random } from "../../campaign/random";
import { TASKS } from "../../campaign/tasks";
import type { ChipIdentity } from "../../../src/core/index";

const BOUND_MS = 200_000;
const STATUS_WRITE = [0x01, 0xe0, 0xfc, 0xff, 0xf4, 0x04, 0x00, 0x0d];
const LINK_CHECK = [0x01, 0xe0, 0xfc, 0x01, 0x00];
const CHIP_ID = [0x01, 0xe0, 0xfc, 0x05, 0x03, 0x00, 0x00, 0x80, 0x00];
const REGISTER_WRITE = [0x01, 0xe0, 0xfc, 0x09, 0x01];

describe("half a frame in the ROM", () => {
  const usual = deviceOf(PRESETS.bk7231n, "usual", new Random(1)) as Device;
  // Lock bits that are set already stay, and none must join them.
  const device: Device = { ...usual, status: 0x0a7c };
  const task = TASKS.erase.make(device, new Random(3), undefined as unknown as ChipIdentity);

  async function run(behaviour: Behaviour, lateMs = 0): Promise<Bench> {
    const line = lateMs > 0 ? { delay: () => lateMs } : {};
    const bench = new Bench(device, task, () => ({ behaviour, line, describe: "" }));
    await bench.attempt(0, BOUND_MS);
    return bench;
  }

  /** Where each frame with that beginning stands in what the host sends undisturbed. */
  async function framesOf(
    head: readonly number[],
    length: number,
    lateMs = 0,
  ): Promise<readonly (readonly number[])[]> {
    const sent: number[] = [];
    const bench = await run({ onHostByte: (byte) => void sent.push(byte) }, lateMs);
    bench.dispose();
    const starts = sent.flatMap((_, at) => (head.every((byte, i) => sent[at + i] === byte) ? [at] : []));
    return starts.map((at) => Array.from({ length }, (_, i) => at + i));
  }

  function losing(first: number, many: number): Behaviour {
    return { onHostByte: (_byte, count) => (count > first && count <= first + many ? [] : undefined) };
  }

  it("never becomes a lock bit", async () => {
    const frames = await framesOf(STATUS_WRITE, 11);
    assert.equal(frames.length, 2, "protection is lifted and put back");
    for (const at of frames.flat()) {
      for (const many of [1, 2]) {
        const bench = await run(losing(at, many));
        assert.deepEqual(bench.medium.locked, [], `${many} lost at ${at}`);
        bench.dispose();
      }
    }
  });

  it("is told where foreign bytes make it burn a fuse, which nobody can prevent", async () => {
    const [frame] = (await framesOf(REGISTER_WRITE, 13)).slice(4);
    assert.ok(frame);
    // In place of the value: start, burn, fuse 5, all bits.
    const foreign = [0x03, 0x05, 0xff, 0x00];
    const at = (frame[9] as number) + 1;
    const behaviour: Behaviour = { onHostByte: (byte, count) => (count === at ? [...foreign, byte] : undefined) };
    const bench = new Bench(device, task, () => ({ behaviour, describe: "" }));
    const { error } = await bench.attempt(0, BOUND_MS);
    assert.equal(bench.chip.counters.fusesBurned, 1);
    assert.equal(error?.code, "stray-write", error?.message);
    assert.match(error?.message ?? "", /fuse/);
    bench.dispose();
  });

  it("never burns a fuse", async () => {
    const frames = await framesOf(REGISTER_WRITE, 13);
    assert.equal(frames.length, 17, "the control bits and the key");
    for (const at of frames.flat()) {
      for (const many of [1, 2]) {
        const bench = await run(losing(at, many));
        assert.equal(bench.chip.counters.fusesBurned, 0, `${many} lost at ${at}`);
        bench.dispose();
      }
    }
  });

  it("nor where an adapter holds answers back, and questions go right before it", async () => {
    const lateMs = 16;
    const [frame] = await framesOf(REGISTER_WRITE, 13, lateMs);
    const [start, ...rest] = frame as readonly [number, ...number[]];
    const ends = [...(await framesOf(LINK_CHECK, 5, lateMs)), ...(await framesOf(CHIP_ID, 9, lateMs))].map((at) =>
      at.at(-1),
    );
    assert.ok(ends.includes(start - 1), "a question right before it");
    const led = Array.from({ length: 60 }, (_, i) => start - 60 + i);
    for (const at of [...led, start, ...rest]) {
      for (const many of [1, 2]) {
        const bench = await run(losing(at, many), lateMs);
        assert.equal(bench.chip.counters.fusesBurned, 0, `${many} lost at ${at}`);
        bench.dispose();
      }
    }
  });
});
