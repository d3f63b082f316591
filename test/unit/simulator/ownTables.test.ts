// The simulator's own checksums, cipher, blocks and flash tables, held to the vectors and to nothing of the core.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { crc32 as zlibCrc32 } from "node:zlib";
import { CRC_START, blockSum, fingerprint, hashed } from "../../../src/simulator/flash/checksums";
import {
  CRC_BLOCK,
  inBlocks,
  isSealed,
  scrambled,
  seenAt,
  type ChipKey,
} from "../../../src/simulator/flash/codeInFlash";
import { SIMULATED_PARTS } from "../../../src/simulator/flash/simulatedParts";
import * as tables from "../../../src/simulator/loader/loaderTables";
import sums from "../../fixtures/vectors/crc16.json";
import ranges from "../../fixtures/vectors/crc32-range.json";
import crypto from "../../fixtures/vectors/beken-crypto.json";

const bytesOf = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, "hex"));
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

describe("the simulator's own tables", () => {
  it("sum blocks as the vectors do, and say so of each block", () => {
    for (const { name, data, crc } of sums.cases) {
      const bytes = bytesOf(data);
      assert.equal(blockSum(bytes, 0, bytes.length), parseInt(crc, 16), name);
    }
    const flash = inBlocks(Uint8Array.from({ length: 64 }, (_, i) => i * 3));
    assert.equal(flash.length, 2 * CRC_BLOCK);
    for (const at of [0, CRC_BLOCK]) {
      assert.ok(isSealed(flash, at));
      flash[at + 7] = (flash[at + 7] as number) ^ 1;
      assert.ok(!isSealed(flash, at));
    }
    assert.throws(() => inBlocks(new Uint8Array(33)), RangeError);
    assert.deepEqual([0, 32, 0x11000, 0x11022].map(seenAt), [0, 32, 0x10000, 0x10020]);
  });

  it("hash ranges as the vectors do, at every alignment and in parts", () => {
    const data: Readonly<Record<string, Uint8Array>> = {
      zeros: new Uint8Array(0x3000),
      ff: new Uint8Array(0x3000).fill(0xff),
      ramp: Uint8Array.from({ length: 0x3000 }, (_, i) => i),
      pattern: Uint8Array.from({ length: 0x3000 }, (_, i) => 167 * (0x40000 + i) + 13 * ((0x40000 + i) >> 8) + 5),
    };
    for (const each of ranges.cases) {
      const bytes = data[each.data] as Uint8Array;
      for (const [length, raw] of [
        [each.full_bytes, each.full_raw],
        [each.basic_bytes, each.basic_raw],
      ] as const)
        assert.equal(
          hashed(bytes, CRC_START, each.start, each.start + length),
          parseInt(raw, 16),
          JSON.stringify(each),
        );
    }
    const bytes = data["pattern"] as Uint8Array;
    for (let start = 0; start < 9; start++)
      for (let end = start; end < 90; end++) {
        const rest = hashed(bytes, hashed(bytes, CRC_START, start, end), end, 200);
        assert.equal(~rest >>> 0, zlibCrc32(bytes.subarray(start, 200)));
      }
    assert.equal(fingerprint(bytes, 257), zlibCrc32(bytes.subarray(0, 257)));
  });

  it("scramble as the vectors do", () => {
    for (const { key, coeffs, address, input, output } of crypto.cases) {
      const chipKey = [0, 8, 16, 24].map((at) => parseInt(coeffs.slice(at, at + 8), 16)) as unknown as ChipKey;
      assert.equal(hexOf(scrambled(bytesOf(input), chipKey, address)), output, `${key} at ${address}`);
    }
  });

  const [head, ...lines] = readFileSync("test/fixtures/vectors/flash-chips.csv", "utf8").trim().split("\n");
  const columns = (head as string).split(",");
  const column = (line: string, name: string): string => line.split(",")[columns.indexOf(name)] as string;

  it("know flash parts as the vectors do", () => {
    for (const { id, size, statusBytes, protection, readSecond } of SIMULATED_PARTS) {
      const line = lines.find((each) => column(each, "id") === id);
      assert.ok(line, id);
      assert.equal(size, Number(column(line, "size_bytes")), id);
      assert.equal(statusBytes, Number(column(line, "sr_bytes")), id);
      assert.equal(protection, parseInt(column(line, "protect_mask"), 16), id);
      const [, second] = column(line, "sr_read_cmds").split(" ");
      if (second !== undefined) assert.equal(readSecond, parseInt(second, 16), id);
    }
  });

  for (const [loader, table] of [
    ["Q 42C221EA", tables.TABLE_OLD],
    ["T 4B31E44D", tables.TABLE_T104],
    ["T BA54C1B8", tables.TABLE_T105],
    ["T E5CBC953", tables.TABLE_T106],
    ["U/7252 8BCEC3B4", tables.TABLE_U],
  ] as const) {
    it(`know what the loader ${loader} knows of flash parts`, () => {
      const expected: Record<string, unknown> = {};
      for (const line of lines) {
        for (const entry of column(line, "loader_entries").split(";")) {
          const [name, statusBytes, bits] = entry.split(":") as [string, string, string];
          if (name === loader)
            expected[column(line, "id")] = { statusBytes: Number(statusBytes), protect: parseInt(bits, 16) << 2 };
        }
      }
      // What it does with parts that it does not list is in no vector.
      assert.deepEqual(Object.fromEntries(Object.entries(table).filter(([id]) => id !== "default")), expected);
    });
  }
});
