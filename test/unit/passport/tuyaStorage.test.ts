/** Tuya's storage, written by a separate encoder and read back: both generations, swaps, stale copies, damage, other families' keys. */
import assert from "node:assert/strict";
import { createDecipheriv } from "node:crypto";
import fc from "fast-check";
import { AesDecryptor } from "../../../src/core/passport/aes";
import { DOTS } from "../../../src/core/passport/secret";
import { revealAll } from "../../../src/core/passport/tuyaSecrets";
import { readTuyaSettings, type TuyaSettings } from "../../../src/core/passport/tuyaSettings";
import { parsePinText } from "../../../src/core/passport/tuyaValues";
import { encodeStorage, type Base, type StorageShape } from "./encoder";
import { flashOf as dump } from "../images/flashes";
import kv from "../../fixtures/vectors/tuya-kv.json";
import generations from "../../fixtures/vectors/tuya-kv-generations.json";

function read(bytes: Uint8Array): TuyaSettings {
  const settings = readTuyaSettings(bytes);
  assert.equal("kind" in settings, true, JSON.stringify(settings));
  return settings as TuyaSettings;
}

function valuesOf(bytes: Uint8Array): Record<string, unknown> {
  return Object.fromEntries(read(bytes).values.map(({ name, value }) => [name, revealAll(value)]));
}

function reasonOf(bytes: Uint8Array): string {
  const settings = readTuyaSettings(bytes);
  return "kind" in settings ? settings.kind : settings.code;
}

const VALUES = {
  gw_di: '{"abi":0,"id":"vdevid1234567890ab","swv":"1.1.7","pk":"keyproduct000001","s_id":"00000abc"}',
  gw_wsm: '{"nc_tp":0,"ssid":"HomeNetwork","passwd":"correct horse","stat":2}',
  user_param_key: `{rl1_pin:26,rl1_lv:1,module:CB2S,${"x".repeat(20)}:${"7".repeat(300)},crc:5,}`,
  "00000abc": '[{"mode":"rw","property":{"type":"bool"},"id":1,"type":"obj"}]',
};

const damage = (bytes: Uint8Array, from: number, length: number): Uint8Array => {
  const damaged = bytes.slice();
  for (let at = from; at < from + length; at++) damaged[at] = (damaged[at] as number) ^ 0x5a;
  return damaged;
};

describe("Tuya storage", () => {
  it("decrypts AES-128 as OpenSSL does", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 16, maxLength: 16 }),
        fc.uint8Array({ minLength: 16, maxLength: 64 }),
        (key, data) => {
          const whole = data.subarray(0, data.length & ~15);
          const cipher = createDecipheriv("aes-128-ecb", key, null).setAutoPadding(false);
          assert.deepEqual(
            Buffer.from(new AesDecryptor(key).decrypt(whole)),
            Buffer.concat([cipher.update(whole), cipher.final()]),
          );
        },
      ),
      { numRuns: 50 },
    );
  });

  it("reads the reference's storages: one in order, one with stale copies in any order", () => {
    for (const { storage_base64, values, name } of kv.cases) {
      const bytes = new Uint8Array(Buffer.from(storage_base64, "base64"));
      assert.deepEqual(
        read(bytes).values.map((value) => value.name),
        Object.keys(values).sort(),
        name,
      );
    }
    const shuffled = valuesOf(new Uint8Array(Buffer.from(generations.storage_base64, "base64")));
    const expected = Object.fromEntries(
      Object.entries(generations.expected).map(([name, hex]) => {
        const text = Buffer.from(hex, "hex").toString().replace(/\0+$/, "");
        return [name, text.startsWith("{") ? (parsePinText(text) ?? JSON.parse(text)) : text];
      }),
    );
    assert.deepEqual(shuffled, expected);
  });

  it("reads what an encoder of its own wrote, of any shape", () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9_.]{1,18}$/);
    const value = fc.oneof(
      fc.string({ unit: "grapheme-ascii", minLength: 1, maxLength: 900 }).filter((text) => !/\0$|^\s|\s$/.test(text)),
      fc.uint8Array({ minLength: 1, maxLength: 400 }),
    );
    const shape: fc.Arbitrary<StorageShape> = fc.record({
      values: fc.dictionary(name, value, { minKeys: 1, maxKeys: 24, noNullPrototype: true }),
      deviceKey: fc.uint8Array({ minLength: 16, maxLength: 16 }),
      base: fc.constantFrom<Base[]>("8710", "8721", "8711", "RDA5", "none", "pair"),
      magic: fc.constantFrom(0x98761234, 0x135726ab),
      blocks: fc.integer({ min: 2, max: 6 }),
      order: fc.func(fc.double({ min: 0, max: 100, noNaN: true })),
      stale: fc.dictionary(
        fc.constantFrom("0", "1"),
        fc.dictionary(name, fc.string({ maxLength: 40 }), { maxKeys: 3 }),
        {
          maxKeys: 2,
        },
      ),
      counts: fc.constantFrom("parts", "bytes", "none"),
    });
    fc.assert(
      fc.property(shape, fc.nat(0x3000), (storage, before) => {
        const { bytes } = encodeStorage(storage);
        const file = new Uint8Array(before + bytes.length + 100).fill(0xff);
        file.set(bytes, before);
        const settings = read(file);
        assert.equal(settings.keyAt, before);
        assert.deepEqual(
          settings.values.map((entry) => entry.name),
          Object.keys(storage.values).sort(),
        );
        for (const { name: key, length, sound } of settings.values) {
          const written = storage.values[key] as string | Uint8Array;
          assert.deepEqual(
            [length, sound],
            [typeof written === "string" ? Buffer.byteLength(written) + 1 : written.length, true],
          );
        }
      }),
      { numRuns: 60 },
    );
  });

  it("takes the newest copy of a block, not the first", () => {
    const { bytes } = encodeStorage({ values: VALUES, stale: { 0: { gw_wsm: '{"ssid":"Old","passwd":"older"}' } } });
    assert.deepEqual((valuesOf(bytes).gw_wsm as { ssid: string }).ssid, "HomeNetwork");
    assert.equal(read(bytes).network.pairsInAllPages, 2);
  });

  it("survives one damaged sector, and says which", () => {
    const shape: StorageShape = {
      values: VALUES,
      blocks: 4,
      stale: { 0: VALUES },
      protectedValues: { gw_wsm: VALUES.gw_wsm, gw_bi: '{"uuid":"abc"}' },
    };
    const { bytes, at } = encodeStorage(shape);
    const whole = valuesOf(bytes);
    for (const [name, place] of at) {
      if (name === "key" || name === "protected") continue;
      const settings = valuesOf(damage(bytes, place, 4096));
      assert.deepEqual(Object.keys(settings), Object.keys(whole), name);
      const isAmid = place < Math.max(...at.values()) && place > (at.get("key") ?? 0) + 4096;
      if (isAmid) assert.deepEqual(read(damage(bytes, place, 4096)).damagedAt, [place], name);
    }
    // A page amid the values: every value but the one in it is still there, and its own sum tells.
    const alone = encodeStorage({ values: VALUES });
    const block = alone.at.get("0") ?? 0;
    const { values, damagedAt } = read(damage(alone.bytes, block + 2 * 128, 32));
    assert.deepEqual(damagedAt, [block]);
    assert.equal(values.filter(({ sound }) => !sound).length, 1);
  });

  it("finds the key in the protected block where the key block is gone", () => {
    const { bytes, at } = encodeStorage({ values: VALUES, protectedValues: { gw_wsm: VALUES.gw_wsm } });
    const settings = read(damage(bytes, at.get("key") ?? 0, 4096));
    assert.equal(settings.module, "CB2S");
    assert.deepEqual(settings.protectedAt, [0]);
  });

  it("gives exactly one reason where there is nothing to read", () => {
    const { bytes } = encodeStorage({ values: VALUES });
    assert.equal(reasonOf(bytes), "tuya");
    assert.equal(reasonOf(dump({})), "no-key-block");
    assert.equal(reasonOf(new Uint8Array(0)), "no-key-block");
    assert.equal(reasonOf(bytes.subarray(0, 4096)), "nothing-decrypts");
    assert.equal(reasonOf(bytes.subarray(0, 2 * 4096)), "too-few-blocks");
    assert.equal(reasonOf(encodeStorage({ values: {} }).bytes), "no-entries");
  });

  it("shows no value of a person's in any text, and all where that is asked for", () => {
    const settings = read(encodeStorage({ values: VALUES, protectedValues: { gw_wsm: VALUES.gw_wsm } }).bytes);
    const json = JSON.stringify(settings);
    for (const secret of ["HomeNetwork", "correct horse", "vdevid1234567890ab"])
      assert.equal(json.includes(secret), false, secret);
    assert.equal(json.includes(DOTS), true);
    assert.equal(json.includes("keyproduct000001"), true);
  });

  it("reads pin texts as the reference does, and forgives what it cannot", () => {
    assert.deepEqual(parsePinText("{wfst_pin:24,wfst_lv:1,module:CBU,crc:57,}"), {
      wfst_pin: 24,
      wfst_lv: 1,
      module: "CBU",
      crc: 57,
    });
    assert.deepEqual(parsePinText("{a:[1,2,{b:c}],n:-5,z:007,x:1.5,e:,}"), {
      a: [1, 2, { b: "c" }],
      n: "-5",
      z: "007",
      x: "1.5",
      e: "",
    });
    assert.deepEqual(parsePinText("{rl1_pin:26, rl1_lv:1,name:two words,}"), {
      rl1_pin: 26,
      rl1_lv: 1,
      name: "two words",
    });
    assert.deepEqual(parsePinText('{"a":1,"b":"x,y",}'), { a: 1, b: "x,y" });
    for (const broken of ["hello", "{a:1", "{a}", "{a:1}}", "[1]", "{".repeat(5000)])
      assert.equal(parsePinText(broken), undefined, broken.slice(0, 9));
  });
});
