import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { ascii, concat, equalBytes, fromHex, toHex } from "../../../src/core/base/bytes";
import { crc16 } from "../../../src/core/base/checksum";
import { english } from "../../../src/core/base/words";
import {
  formatCoefficients,
  keyKindOf,
  parseCoefficients,
  TUYA_KEY,
  ZERO_KEY,
} from "../../../src/core/beken/chips/keys";
import { hasVectors, inferKey } from "../../../src/core/beken/images/appKey";
import { scramble } from "../../../src/core/beken/images/cipher";
import {
  addCrcBlocks,
  BLOCK_DATA,
  blockState,
  checkCrcBlocks,
  stripCrcBlocks,
  toLogical,
  toPhysical,
} from "../../../src/core/beken/images/crcBlocks";
import {
  buildRblHeader,
  checkFlashRblHeader,
  isRblHeader,
  parseRblHeader,
} from "../../../src/core/beken/images/rblHeader";
import { parseOta, parseUg, verifyOta } from "../../../src/core/beken/images/rblOta";
import type { Finding } from "../../../src/core/beken/images/report";
import { packagePartition, verifyPartition } from "../../../src/core/beken/images/rblPartition";

const load = <T>(name: string): T => JSON.parse(readFileSync(`test/fixtures/vectors/${name}`, "utf8")) as T;
const file = (name: string): Uint8Array => new Uint8Array(readFileSync(`test/fixtures/vectors/rekey/${name}`));

interface CrcCase {
  readonly name: string;
  readonly data: string;
  readonly crc: string;
  readonly stored: string;
}
interface CryptoCase {
  readonly key: string;
  readonly coeffs: string;
  readonly address: number;
  readonly input: string;
  readonly output: string;
}
interface PartitionCase {
  readonly name: string;
  readonly coeffs: string;
  readonly address: number;
  readonly input: string;
  readonly timestamp: number;
  readonly version: string;
  readonly container_size: number;
  readonly header_offset_in_output: number;
  readonly header: string;
  readonly raw_size: number;
  readonly data_size: number;
  readonly data_crc: string;
  readonly data_hash: string;
  readonly output: string;
}
interface OtaCase {
  readonly name: string;
  readonly header: string;
  readonly data: string;
  readonly raw_size: number;
  readonly data_size: number;
}
interface RealHeader {
  readonly what: string;
  readonly header_with_crc16: string | null;
  readonly header: string;
  readonly encryption: number;
  readonly compression: number;
  readonly time: number;
  readonly name: string;
  readonly version: string;
  readonly serial: string;
  readonly data_crc: string;
  readonly data_hash: string;
  readonly raw_size: number;
  readonly data_size: number;
}
const rbl = load<{
  readonly partition_form: readonly PartitionCase[];
  readonly ota_form: readonly OtaCase[];
  readonly ug_form: { readonly version: string; readonly header: string };
  readonly real_headers: { readonly headers: readonly RealHeader[] };
}>("rbl.json");

const bad = (findings: readonly Finding[]): readonly string[] =>
  findings.filter(({ verdict }) => verdict === "bad").map(({ name }) => english(name));

describe("CRC-16 blocks", () => {
  for (const vector of load<{ readonly cases: readonly CrcCase[] }>("crc16.json").cases) {
    const data = fromHex(vector.data);
    it(`stores the CRC of ${vector.name}`, () => {
      assert.equal(crc16(data), parseInt(vector.crc, 16));
      // The check value is over nine characters, which make no block.
      if (data.length !== BLOCK_DATA) return;
      const block = addCrcBlocks(data);
      assert.equal(toHex(block), vector.data + vector.stored);
      assert.equal(blockState(block, 0), "good");
      assert.deepEqual(stripCrcBlocks(block), data);
    });
  }

  it("converts addresses both ways", () => {
    assert.equal(toPhysical(0x10000), 0x11000);
    assert.equal(toPhysical(0x108700), 0x118f70);
    assert.equal(toPhysical(0x1a0000), 0x1ba000);
    for (let logical = 0x10000; logical < 0x10100; logical++) assert.equal(toLogical(toPhysical(logical)), logical);
    assert.equal(toLogical(0x11000 + 33), 0x10020);
  });

  it("takes 34 times FF as erased and finds the first bad block", () => {
    const bytes = concat(addCrcBlocks(new Uint8Array(96).fill(7)), new Uint8Array(34).fill(0xff), new Uint8Array(20));
    assert.deepEqual(checkCrcBlocks(bytes), { blocks: 4, good: 3, erased: 1, bad: 0, firstBad: undefined });
    bytes[40] = 1;
    bytes[110] = 1;
    assert.deepEqual(checkCrcBlocks(bytes), { blocks: 4, good: 2, erased: 0, bad: 2, firstBad: 1 });
  });
});

describe("code scrambling", () => {
  for (const vector of load<{ readonly cases: readonly CryptoCase[] }>("beken-crypto.json").cases) {
    it(`${vector.key} at 0x${vector.address.toString(16)} (${vector.coeffs})`, () => {
      const coefficients = parseCoefficients(vector.coeffs);
      const out = scramble(fromHex(vector.input), coefficients, vector.address);
      assert.equal(toHex(out), vector.output);
      assert.equal(toHex(scramble(out, coefficients, vector.address)), vector.input);
    });
  }

  it("uses the last word's mask for bytes after the last whole word", () => {
    const whole = scramble(new Uint8Array(8), TUYA_KEY, 0x10000);
    assert.deepEqual(scramble(new Uint8Array(6), TUYA_KEY, 0x10000), whole.subarray(0, 6));
    assert.throws(() => scramble(whole, TUYA_KEY, 2), RangeError);
  });
});

describe("keys", () => {
  it("reads, writes and names coefficients", () => {
    assert.deepEqual(parseCoefficients("510fb093 a3cbeadc 5993a17e c7adeb03"), TUYA_KEY);
    assert.equal(formatCoefficients(TUYA_KEY), "510fb093a3cbeadc5993a17ec7adeb03");
    assert.throws(() => parseCoefficients("510fb093"), RangeError);
    assert.equal(keyKindOf(TUYA_KEY), "tuya");
    assert.equal(keyKindOf(ZERO_KEY), "zero");
    assert.equal(keyKindOf([1, 2, 3, 0xff000000]), "zero");
    assert.equal(keyKindOf([1, 2, 3, 0xc7adeb03]), "other");
  });

  it("are told from the first blocks of an application", () => {
    assert.deepEqual(inferKey(file("app.tuya.rbl").subarray(0, 0x1000)), { kind: "tuya", coefficients: TUYA_KEY });
    assert.deepEqual(inferKey(file("app.zero.rbl").subarray(0, 0x1000)), { kind: "zero", coefficients: ZERO_KEY });
    assert.equal(inferKey(file("app.other.rbl").subarray(0, 0x1000)).kind, "other");
    assert.deepEqual(inferKey(file("app.bin")), { kind: "unknown" });
    assert.deepEqual(inferKey(new Uint8Array(0x1000).fill(0xff)), { kind: "unknown" });
    assert.deepEqual(inferKey(addCrcBlocks(new Uint8Array(0x400).fill(0xff))), { kind: "unknown" });
    assert.equal(inferKey(file("app.tuya.rbl"), 0).kind, "other");
    const boot = addCrcBlocks(scramble(file("app.bin").subarray(0, 0x400), TUYA_KEY, 0));
    assert.equal(inferKey(boot, 0).kind, "tuya");
    assert.equal(inferKey(boot).kind, "other");
  });

  it("accept any sane reset branch", () => {
    assert.equal(hasVectors(fromHex("0e0000ea14f09fe5")), true);
    assert.equal(hasVectors(fromHex("400100ea18f09fe5")), true);
    assert.equal(hasVectors(fromHex("feffffea14f09fe5")), false);
    assert.equal(hasVectors(fromHex("0e0000ea000000ea")), false);
  });
});

describe("RBL partition form", () => {
  for (const vector of rbl.partition_form) {
    const pack = () =>
      packagePartition(fromHex(vector.input), {
        coefficients: parseCoefficients(vector.coeffs),
        logicalAddress: vector.address,
        timestamp: vector.timestamp,
        version: vector.version,
        containerSize: vector.container_size,
      });

    it(`packs ${vector.name}`, () => {
      const packed = pack();
      assert.equal(packed.headerOffset, vector.header_offset_in_output);
      assert.equal(toHex(stripCrcBlocks(packed.header)), vector.header);
      assert.equal(toHex(packed.container), vector.output);
    });

    it(`verifies ${vector.name}, and finds damage`, () => {
      const container = fromHex(vector.output);
      const header = parseRblHeader(stripCrcBlocks(container.subarray(vector.header_offset_in_output)));
      assert.equal(header.rawSize, vector.raw_size);
      assert.equal(header.dataSize, vector.data_size);
      assert.deepEqual(bad(checkFlashRblHeader(container.subarray(vector.header_offset_in_output), 0)), []);
      assert.deepEqual(bad(verifyPartition(container, header, 0x11000)), []);
      container[5] = (container[5] as number) ^ 1;
      assert.deepEqual(bad(verifyPartition(container, header, 0x11000)), ["RBL data CRC-32", "RBL FNV-1a"]);
      assert.deepEqual(bad(verifyPartition(container.subarray(0, 100), header, 0x11000)), ["RBL sizes"]);
      const huge = { ...header, dataSize: 0xffffffff, rawSize: 0xffffffff };
      assert.deepEqual(bad(verifyPartition(container, huge, 0x11000)), ["RBL sizes"]);
    });
  }

  for (const name of ["app", "odd"]) {
    for (const [kind, coefficients] of [
      ["tuya", TUYA_KEY],
      ["zero", ZERO_KEY],
      ["other", parseCoefficients("8f3c21d65b7a90e4d1c2b3a4c7adeb15")],
    ] as const) {
      it(`packs ${name}.bin with the ${kind} key as ltchiptool does`, () => {
        const expected = file(`${name}.${kind}.rbl`);
        const { timestamp, version } = parseRblHeader(stripCrcBlocks(expected.subarray(expected.length - 102)));
        const packed = packagePartition(file(`${name}.bin`), {
          coefficients,
          timestamp,
          version,
          containerSize: 0x12000,
        });
        assert.equal(equalBytes(packed.container, expected), true);
        assert.deepEqual(packed.application, expected.subarray(0, packed.application.length));
      });
    }
  }

  it("refuses an application that leaves no room for the header", () => {
    const options = { coefficients: ZERO_KEY, timestamp: 0, version: "1", containerSize: 0x200 };
    assert.throws(() => packagePartition(new Uint8Array(0x200 - 96), options), { code: "image-too-large" });
    assert.equal(packagePartition(new Uint8Array(0x200 - 128), options).container.length, 544);
  });
});

describe("RBL headers of real images", () => {
  for (const real of rbl.real_headers.headers) {
    it(real.what, () => {
      const header = fromHex(real.header);
      assert.equal(isRblHeader(header), true);
      const parsed = parseRblHeader(header);
      assert.deepEqual(
        [parsed.encryption, parsed.compression, parsed.timestamp, parsed.name, parsed.version, parsed.serial],
        [real.encryption, real.compression, real.time, real.name, real.version, real.serial],
      );
      assert.deepEqual(
        [parsed.dataCrc, parsed.hash, parsed.rawSize, parsed.dataSize],
        [parseInt(real.data_crc, 16), parseInt(real.data_hash, 16), real.raw_size, real.data_size],
      );
      if (real.header_with_crc16 === null) return;
      const flash = fromHex(real.header_with_crc16);
      assert.deepEqual(bad(checkFlashRblHeader(flash, 0)), []);
      assert.deepEqual(stripCrcBlocks(flash), header);
      flash[33] = (flash[33] as number) ^ 0x10;
      assert.deepEqual(bad(checkFlashRblHeader(flash, 0)), ["RBL header CRC-16"]);
    });
  }
});

describe("RBL OTA form", () => {
  for (const vector of rbl.ota_form) {
    const bytes = fromHex(vector.header + vector.data);

    it(`opens ${vector.name}`, async () => {
      const ota = parseOta(bytes);
      assert.equal(ota.header?.rawSize, vector.raw_size);
      assert.equal(ota.header?.dataSize, vector.data_size);
      const findings = await verifyOta(bytes);
      assert.equal(
        findings.every(({ verdict }) => verdict === "ok"),
        true,
      );
      assert.equal(
        findings.some(({ name }) => english(name) === "RBL FNV-1a"),
        true,
      );
    });

    it(`rebuilds the header of ${vector.name}`, () => {
      assert.equal(toHex(buildRblHeader(parseRblHeader(bytes))), vector.header);
    });

    it(`finds damage in ${vector.name}`, async () => {
      const damaged = bytes.slice();
      damaged[120] = (damaged[120] as number) ^ 4;
      assert.deepEqual(bad(await verifyOta(damaged)), ["RBL data CRC-32"]);
      assert.deepEqual(bad(parseOta(bytes.subarray(0, bytes.length - 1)).findings), ["RBL sizes"]);
    });
  }

  it("stops unpacking at the size the header claims", async () => {
    const zeros = new Uint8Array(8 * 1024 * 1024);
    const stream = new Blob([zeros]).stream().pipeThrough(new CompressionStream("gzip"));
    const packed = new Uint8Array(await new Response(stream).arrayBuffer());
    const header = {
      ...parseRblHeader(fromHex(rbl.ota_form[1]?.header ?? "")),
      rawSize: 1000,
      dataSize: packed.length,
    };
    const { crc32 } = await import("../../../src/core/base/checksum");
    const bomb = concat(buildRblHeader({ ...header, dataCrc: crc32(packed) }), packed);
    assert.deepEqual(bad(await verifyOta(bomb)), ["OTA payload"]);
  });

  it("says so when the key is not the default one", async () => {
    const vector = rbl.ota_form[4] as OtaCase;
    const findings = await verifyOta(fromHex(vector.header + vector.data), "X".repeat(32));
    assert.equal(findings.at(-1)?.verdict, "skipped");
  });

  it("reads and checks Tuya's wrapper", () => {
    const inner = rbl.ota_form[4] as OtaCase;
    const bytes = fromHex(rbl.ug_form.header + inner.header + inner.data);
    const ug = parseUg(bytes);
    assert.equal(ug.version, rbl.ug_form.version);
    assert.deepEqual(bad(ug.findings), []);
    assert.deepEqual(bad(parseOta(ug.payload).findings), []);
    const edits: readonly (readonly [number, string])[] = [
      [5, "UG header sum"],
      [29, "UG header"],
      [60, "UG payload sum"],
    ];
    for (const [at, name] of edits) {
      const damaged = bytes.slice();
      damaged[at] = (damaged[at] as number) ^ 1;
      assert.deepEqual(bad(parseUg(damaged).findings), [name]);
    }
    assert.deepEqual(bad(parseUg(bytes.subarray(0, 100)).findings), ["UG length"]);
    assert.deepEqual(bad(parseUg(ascii("short")).findings), ["UG header"]);
  });
});
