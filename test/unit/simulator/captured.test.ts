// The recorded exchanges of six vendor loaders with their flash state, the CRC range vectors and the divider table.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { equalBytes, fromHex, hex32, isFilledWith, toHex, u32 } from "../../../src/core/base/bytes";
import { crc32 } from "../../../src/core/base/checksum";
import { dividerField, rateOfField } from "../../../src/simulator/uart/lineRate";
import { LOADER_PRESETS, PRESETS, type Preset } from "../../../src/simulator/index";
import { Bench, frames } from "./bench";
import captured from "../../fixtures/vectors/captured.json";
import ranges from "../../fixtures/vectors/crc32-range.json";
import baud from "../../fixtures/vectors/baud.json";

interface Exchange {
  readonly step: string;
  readonly request?: string;
  readonly response?: string;
  readonly response_head?: string;
  readonly response_len?: number;
  readonly data_sha256?: string;
  readonly data_first16?: string;
  readonly data_equals_flash_at?: number;
  readonly sector_erased?: boolean;
  readonly sr_after?: string;
  readonly sr_after_crc?: string;
  readonly stored_ok?: boolean;
  readonly bytes_ff_in_64K?: number;
  readonly uart_divisor?: number;
  readonly actual_baud?: number;
  readonly answer_after_2ms_ticks?: number;
  readonly watchdog_writes?: readonly string[];
}

const PRESET_OF: Readonly<Record<string, Preset | undefined>> = {
  s103: LOADER_PRESETS["t103"],
  s105: LOADER_PRESETS["t105"],
  s106: LOADER_PRESETS["t106"],
  q: LOADER_PRESETS["q_moes"],
  u: PRESETS.bk7231u,
  "7252": LOADER_PRESETS["7251u2"],
};

const pattern = (a: number): number => (167 * a + 13 * Math.floor(a / 256) + 5) & 0xff;
const PATTERN = Uint8Array.from({ length: 0x8000 }, (_, i) => pattern(0x40000 + i));

function patterned(preset: Preset, jedecId: string): Bench {
  const bench = Bench.linked(preset, { jedecId, statusRegister: 0x7c });
  bench.chip.flash.set(PATTERN, 0x40000);
  bench.chip.flash.fill(0x00, 0x50000, 0x60000);
  bench.chip.flash.fill(0xff, 0x60000, 0x70000);
  return bench;
}

function requestOf(text: string): Uint8Array {
  const [head, rest] = text.split(" + ") as [string, string | undefined];
  const data =
    rest === undefined
      ? ""
      : rest.includes("FF")
        ? "ff".repeat(4096)
        : toHex(PATTERN.subarray(0, rest.includes("512") ? 512 : 4096));
  return fromHex(head + data);
}

/** What is in the recorded flash below 0x40000 is not to be had. */
const KNOWN_DATA = /040000|040123|bypass 240000|bypass 440000/;

for (const [name, loader] of Object.entries(captured.loaders)) {
  describe(`captured exchanges of loader ${name}`, () => {
    it("come out the same, and so does the flash", () => {
      const preset = PRESET_OF[name];
      assert.ok(preset);
      const fresh = (): Bench => patterned(preset, loader.flash_id.toUpperCase());
      let bench = fresh();
      let asked = 0;
      for (const exchange of loader.exchanges as readonly Exchange[]) {
        const { step } = exchange;
        if (exchange.sr_after_crc !== undefined)
          assert.equal(bench.chip.statusRegister, parseInt(exchange.sr_after_crc, 16));
        if (exchange.request === undefined) {
          if (step.startsWith("---")) bench = fresh();
          continue;
        }
        asked++;
        const request = requestOf(exchange.request);
        const { flash } = bench.chip;
        if (step.startsWith("set baud") && !step.includes("115200")) bench.ask(frames.baud(115_200, 1));
        const before = bench.time.now();
        const answer = bench.ask(request, 3_000_000);
        if (exchange.response !== undefined) assert.equal(toHex(answer), exchange.response, step);
        if (exchange.response_head !== undefined) {
          assert.ok(toHex(answer).startsWith(exchange.response_head), step);
          assert.equal(answer.length, exchange.response_len, step);
          if (KNOWN_DATA.test(step) && answer.length === 4111)
            assert.equal(createHash("sha256").update(answer.subarray(15)).digest("hex"), exchange.data_sha256, step);
          if (exchange.data_equals_flash_at !== undefined)
            assert.ok(equalBytes(answer.subarray(15), flash.subarray(0, 4096)), step);
        }
        const address = step.includes("erase") ? word(request, 9) : word(request, 8);
        if (exchange.sr_after !== undefined)
          assert.equal(bench.chip.statusRegister, parseInt(exchange.sr_after, 16), step);
        if (exchange.sector_erased !== undefined)
          assert.equal(isFilledWith(flash, 0xff, address, address + 0x1000), exchange.sector_erased, step);
        if (exchange.stored_ok !== undefined) {
          const data = request.subarray(12);
          assert.equal(equalBytes(flash.subarray(address, address + data.length), data), exchange.stored_ok, step);
        }
        if (exchange.bytes_ff_in_64K !== undefined)
          assert.equal(
            flash.subarray(0x50000, 0x60000).filter((byte) => byte === 0xff).length,
            exchange.bytes_ff_in_64K,
            step,
          );
        if (exchange.actual_baud !== undefined && exchange.answer_after_2ms_ticks !== undefined) {
          assert.equal(Math.round(bench.chip.baudRate), exchange.actual_baud, step);
          const ticks = (bench.lastByteAt - before) / 2000;
          // From 0 to 1 tick depending on the phase, and the bytes themselves.
          assert.ok(Math.abs(ticks - exchange.answer_after_2ms_ticks) < 2.2, `${step}: ${ticks}`);
        }
        if (exchange.watchdog_writes !== undefined) {
          const states = bench.events.map((event) => (event.type === "state" ? event.state : undefined));
          assert.equal(states.includes("boot"), exchange.watchdog_writes.length > 0, step);
          bench = fresh();
        }
      }
      assert.ok(asked > 70);
    });
  });
}

function word(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16);
}

describe("CheckCRC ranges", () => {
  for (const kind of ["basic", "full"] as const) {
    it(`of ${kind === "basic" ? "flash loaders count whole pages" : "ROMs include the end"}`, () => {
      const bench = Bench.linked(kind === "basic" ? "t105" : "bk7231n");
      for (const entry of ranges.cases) {
        bench.chip.flash.set(rangeData(entry.data), 0);
        const expected = kind === "basic" ? entry.basic_raw : entry.full_raw;
        const answer = bench.askHex(frames.crc(entry.start, entry.end));
        assert.equal(
          answer,
          `040e0801e0fc10${toHex(u32(parseInt(expected, 16)))}`,
          `${entry.data} ${entry.start}..${entry.end}`,
        );
      }
      assert.ok(ranges.cases.length > 20);
    });
  }

  function rangeData(name: string): Uint8Array {
    const byte: Readonly<Record<string, (i: number) => number>> = {
      zeros: () => 0,
      ff: () => 0xff,
      ramp: (i) => i & 0xff,
      pattern: (i) => pattern(0x40000 + i),
    };
    const at = byte[name];
    assert.ok(at);
    return Uint8Array.from({ length: 0x3000 }, (_, i) => at(i));
  }
});

describe("baud dividers", () => {
  it("are those read from the loaders", () => {
    const rules = { "BK7231S/T": "round", BK7231U: "round", BK7252: "round", BK7231Q: "ceil" } as const;
    let checked = 0;
    for (const row of baud.rows as readonly Record<string, unknown>[]) {
      for (const [column, value] of Object.entries(row)) {
        const rule = column.startsWith("BootROM") ? "floor" : rules[column as keyof typeof rules];
        if (typeof value !== "object" || value === null) continue;
        const { divisor_register, actual } = value as { divisor_register: number; actual: number };
        const field = dividerField(rule, row["baud"] as number);
        assert.equal(field, divisor_register, `${column} ${String(row["baud"])}`);
        assert.equal(Math.round(rateOfField(field)), actual);
        checked++;
      }
    }
    assert.ok(checked > 20);
  });
});

describe("boot code of simulated chips", () => {
  it("has the fingerprints of the real one", () => {
    for (const preset of [...Object.values(PRESETS), ...Object.values(LOADER_PRESETS)] as readonly Preset[]) {
      const { flash } = new Bench(preset).chip;
      const wanted = preset.answers.kind === "loader" ? preset.answers.loader : preset.answers;
      // Of chips with Thumb vectors no boot code's fingerprint is known as it lies in flash.
      assert.equal(wanted.crc256 === undefined, preset.core === "thumb", preset.id);
      if (wanted.crc256 !== undefined) assert.equal(hex32(crc32(flash, 0, 256)), hex32(wanted.crc256), preset.id);
      if (wanted.crc257 !== undefined) assert.equal(hex32(crc32(flash, 0, 257)), hex32(wanted.crc257), preset.id);
    }
  });
});
