// What the fault campaign judges by: its own packager, its own reading of frames, footprints, and the disk that forgets.
import assert from "node:assert/strict";
import fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ChipKey } from "../../../src/simulator/flash/codeInFlash";
import { Footprint } from "../../campaign/footprint";
import { flashFrames } from "../../campaign/hostFrames";
import { DurableMemory } from "../../campaign/memory";
import { packagedForFlash } from "../../campaign/packager";
import frames from "../../fixtures/vectors/frames.json";
import rbl from "../../fixtures/vectors/rbl.json";

const bytesOf = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, "hex"));

describe("the campaign's oracle", () => {
  it("packages applications as the vectors do", () => {
    let compared = 0;
    for (const each of rbl.partition_form) {
      const code = bytesOf(each.input);
      const rest = code.length % 32;
      const key = [0, 8, 16, 24].map((at) => parseInt(each.coeffs.slice(at, at + 8), 16)) as unknown as ChipKey;
      const { timestamp, version, container_size_with_crc: room } = each;
      const pack = (): ReturnType<typeof packagedForFlash> =>
        packagedForFlash(code, { key, timestamp, version, at: 0x11000, room });
      if (rest === 0 || rest > 16) {
        assert.throws(pack, RangeError);
        continue;
      }
      const flash = new Uint8Array(0x11000 + room).fill(0xff);
      for (const { at, bytes } of Object.values(pack())) flash.set(bytes, at);
      assert.equal(Buffer.from(flash.subarray(0x11000)).toString("hex"), each.output, each.name);
      compared++;
    }
    assert.ok(compared >= 2);
  });

  it("reads out of the vectors' frames what they change, and nothing out of the others", () => {
    for (const { name, frame, code, long } of frames.cases) {
      const found = flashFrames(bytesOf(frame));
      const changes = long ? [0x06, 0x07, 0x0a, 0x0b, 0x0d, 0x0f].includes(code) : code === 0x01;
      assert.ok(found.length <= 1, name);
      if (found.length === 1) assert.ok(changes || code === 0x0e, name);
      else assert.ok(!changes || code === 0x01, name);
    }
    const erase = bytesOf("01e0fcfff406000fd808680200");
    assert.deepEqual(flashFrames(erase), [{ kind: "erase", at: 0x20000, length: 0x10000 }]);
    const behindFiller = Buffer.concat([Buffer.alloc(64, 0xff), erase, bytesOf("01e0fc0100")]);
    assert.deepEqual(flashFrames(behindFiller), [{ kind: "erase", at: 0x20000, length: 0x10000 }]);
    // Data that looks like a frame is data.
    const program = Buffer.concat([bytesOf(`01e0fcfff4${"2500"}0600100100`), erase, Buffer.alloc(32 - erase.length)]);
    assert.equal(flashFrames(program).length, 1);
    assert.equal(flashFrames(bytesOf("01e0fc0901740080000325ff00"))[0]?.kind, "forbidden");
    assert.deepEqual(flashFrames(bytesOf("01e0fc0901740080000125ff00")), []);
  });

  it("tells own bytes of a sector from those to be kept", () => {
    const footprint = new Footprint([
      { start: 0x11010, end: 0x12800 },
      { start: 0x129f0, end: 0x12a00 },
    ]);
    assert.deepEqual([...footprint.sectors], [0x11000, 0x12000]);
    assert.ok(footprint.covers(0x11000, 0x13000));
    assert.ok(!footprint.covers(0x12fff, 0x13001));
    assert.ok(!footprint.covers(0x10000, 0x20000));
    assert.deepEqual(footprint.keptIn(0x11000), [{ start: 0x11000, end: 0x11010 }]);
    assert.deepEqual(footprint.keptIn(0x12000), [
      { start: 0x12800, end: 0x129f0 },
      { start: 0x12a00, end: 0x13000 },
    ]);
  });

  it("has disks forget what was not synced, and names that came after the last time anything was", () => {
    const folder = fs.mkdtempSync(join(tmpdir(), "forgetful-"));
    const path = (name: string): string => join(folder, name);
    const text = (name: string): string | undefined =>
      fs.existsSync(path(name)) ? fs.readFileSync(path(name), "utf8") : undefined;
    const run = (names: boolean, unsynced: "nothing" | "zeros" | "all"): void => {
      for (const name of fs.readdirSync(folder)) fs.unlinkSync(path(name));
      fs.writeFileSync(path("old"), "old");
      const memory = new DurableMemory([folder]);
      const fd = fs.openSync(path("synced"), "w");
      fs.writeSync(fd, "synced");
      memory.synced(fd);
      fs.writeSync(fd, " and more");
      fs.renameSync(path("synced"), path("renamed"));
      fs.writeFileSync(path("late"), "late");
      fs.unlinkSync(path("old"));
      memory.losePower(names, unsynced);
      fs.closeSync(fd);
    };
    try {
      run(false, "nothing");
      assert.deepEqual(["synced", "renamed", "late", "old"].map(text), [undefined, "synced", "", undefined]);
      run(false, "zeros");
      assert.deepEqual(["renamed", "late"].map(text), [`synced${"\0".repeat(9)}`, "\0\0\0\0"]);
      run(true, "nothing");
      assert.deepEqual(["synced", "renamed", "late", "old"].map(text), ["synced", undefined, undefined, "old"]);
      run(false, "all");
      assert.deepEqual(["renamed", "late"].map(text), ["synced and more", "late"]);
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  });
});
