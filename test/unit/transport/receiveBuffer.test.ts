import assert from "node:assert/strict";
import fc from "fast-check";
import { concat } from "../../../src/core/base/bytes";
import { CancelledError, TransportError } from "../../../src/core/base/errors";
import { Connection, networkLate } from "../../../src/core/transport/connection";
import { TRANSPORT_LIMITS, writeDeadlineMs } from "../../../src/core/transport/limits";
import { ReceiveBuffer } from "../../../src/core/transport/receiveBuffer";

const never = new AbortController().signal;
const lost = (): TransportError => new TransportError("port-lost", "read");
const isLost = (error: unknown): boolean => error instanceof TransportError && error.code === "port-lost";

describe("receive buffer", () => {
  it("keeps every byte in order, however pushes, reads and chunk sizes fall", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 30 }),
        fc.array(fc.integer({ min: 1, max: 64 }), { minLength: 1, maxLength: 5 }),
        fc.array(fc.boolean(), { minLength: 30, maxLength: 30 }),
        async (pieces, chunks, readNow) => {
          let reads = 0;
          const chunkOf = (read: number): number => chunks[read % chunks.length] ?? 1;
          const buffer = new ReceiveBuffer("test", { chunk: () => chunkOf(reads) });
          const heard: Uint8Array[] = [];
          const read = async (): Promise<void> => {
            const bytes = await buffer.read(0, never);
            assert.ok(bytes.length <= chunkOf(reads));
            reads++;
            heard.push(bytes);
          };
          const all = concat(...pieces);
          for (const [index, piece] of pieces.entries()) {
            const waiting = readNow[index] === true ? read() : undefined;
            buffer.push(piece);
            await waiting;
          }
          while (concat(...heard).length < all.length) await read();
          assert.deepEqual(concat(...heard), all);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("returns all it holds at once without a chunk size, and what is pushed to a waiting reader", async () => {
    const buffer = new ReceiveBuffer("test");
    buffer.push(Uint8Array.of(1, 2));
    buffer.push(Uint8Array.of());
    buffer.push(Uint8Array.of(3));
    assert.deepEqual(await buffer.read(5, never), Uint8Array.of(1, 2, 3));
    const waiting = buffer.read(1_000, never);
    buffer.push(Uint8Array.of(4));
    buffer.push(Uint8Array.of(5));
    assert.deepEqual(await waiting, Uint8Array.of(4));
    assert.deepEqual(await buffer.read(5, never), Uint8Array.of(5));
    assert.equal((await buffer.read(1, never)).length, 0);
  });

  it("fails only after what it holds was read, and stays failed", async () => {
    const buffer = new ReceiveBuffer("test");
    buffer.push(Uint8Array.of(1));
    buffer.fail(lost);
    buffer.push(Uint8Array.of(2));
    assert.deepEqual(await buffer.read(5, never), Uint8Array.of(1));
    await assert.rejects(buffer.read(5, never), isLost);
    await assert.rejects(buffer.read(5, never), isLost);
  });

  it("leaves no bytes with an aborted read", async () => {
    const buffer = new ReceiveBuffer("test");
    buffer.push(Uint8Array.of(1));
    await assert.rejects(buffer.read(5, AbortSignal.abort()), CancelledError);
    assert.deepEqual(await buffer.read(5, never), Uint8Array.of(1));
  });

  it("waits without end when told to wait very long", async () => {
    const buffer = new ReceiveBuffer("test");
    const waiting = buffer.read(Infinity, never);
    await new Promise((resolve) => setTimeout(resolve, 5));
    buffer.push(Uint8Array.of(9));
    assert.deepEqual(await waiting, Uint8Array.of(9));
  });

  it("pauses its source while the reader is behind, also when the rest is dropped", async () => {
    const flow: string[] = [];
    const buffer = new ReceiveBuffer("test", {
      flow: { pause: () => void flow.push("pause"), resume: () => void flow.push("resume") },
    });
    const half = new Uint8Array(TRANSPORT_LIMITS.holdHighBytes / 2);
    buffer.push(half);
    assert.deepEqual(flow, []);
    buffer.push(half);
    buffer.push(half);
    assert.deepEqual(flow, ["pause"]);
    await buffer.read(5, never);
    assert.deepEqual(flow, ["pause", "resume"]);
    buffer.push(new Uint8Array(TRANSPORT_LIMITS.holdHighBytes));
    buffer.clear();
    assert.deepEqual(flow, ["pause", "resume", "pause", "resume"]);
    assert.equal((await buffer.read(1, never)).length, 0);
  });
});

describe("connection", () => {
  it("names no driver where there is none", async () => {
    const line = new Connection("tcp://bench:1");
    await assert.rejects(
      line.call("write 3 bytes", () => undefined, { deadlineMs: 5, late: networkLate }),
      (error) => isLost(error) && /write 3 bytes: the other side took nothing for 5 ms/.test((error as Error).message),
    );
  });

  it("takes a driver that does not answer for gone, and says so from then on", async () => {
    const line = new Connection("COM5");
    const reading = assert.rejects(line.input.read(1_000, never), isLost);
    await assert.rejects(
      line.call("write 3 bytes to COM5", () => undefined, { deadlineMs: 5 }),
      (error) =>
        isLost(error) && /write 3 bytes to COM5: the driver did not answer within 5 ms/.test((error as Error).message),
    );
    await reading;
    assert.equal(line.ended, true);
    await assert.rejects(
      line.call("set", (done) => done(), { deadlineMs: 1_000 }),
      isLost,
    );
  });

  it("ends with a driver's error, unless the caller knows better", async () => {
    const better = new TransportError("command-unsupported", "set");
    const line = new Connection("COM5");
    const cause = new Error("EIO");
    await assert.rejects(
      line.call("set", (done) => done(cause), { deadlineMs: 1_000, failed: () => better }),
      better,
    );
    assert.equal(line.ended, false);
    await assert.rejects(
      line.call("write", (done) => done(cause), { deadlineMs: 1_000 }),
      (error) => isLost(error) && (error as Error).cause === cause,
    );
    assert.equal(line.ended, true);
  });

  it("ends every call under way when the far end goes, and ignores late answers", async () => {
    const line = new Connection("COM5");
    let answer: (error?: Error | null) => void = () => undefined;
    const calls = [
      line.call("first", (done) => (answer = done), { deadlineMs: 1_000 }),
      line.call("second", () => undefined, { deadlineMs: 1_000 }),
    ];
    line.end("unplugged");
    for (const call of calls) await assert.rejects(call, isLost);
    answer(new Error("too late"));
    line.end("again");
    assert.match(line.lost("read").message, /unplugged/);
  });

  it("stays usable after an aborted call", async () => {
    const line = new Connection("COM5");
    const stop = new AbortController();
    const call = line.call("write", () => undefined, { deadlineMs: 1_000, signal: stop.signal });
    stop.abort();
    await assert.rejects(call, CancelledError);
    await line.call("write", (done) => done(null), { deadlineMs: 1_000, signal: never });
    assert.equal(line.ended, false);
  });

  it("allows writes twice their time on the wire, and then some", () => {
    assert.equal(writeDeadlineMs(11_520, 115_200), TRANSPORT_LIMITS.writeGraceMs + 2_000);
  });
});
