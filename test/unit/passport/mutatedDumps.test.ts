/** Mutated storages and dumps through everything that reads them: nothing throws, whatever is in them. `MUTATIONS=100000` for many more. */
import assert from "node:assert/strict";
import { passportOf } from "../../../src/core/passport/passport";
import { deviceConfig, espHomeYaml, openBekenTemplate } from "../../../src/esphome/index";
import { encodeStorage } from "./encoder";

const COUNT = Number(process.env.MUTATIONS ?? 400);

/** xorshift32: the same inputs on every run. */
function randoms(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const SEEDS = [0x98761234, 0x135726ab].map((magic) => {
  const values = {
    gw_di: '{"id":"abcdef","swv":"1.1.7","s_id":"00000abc"}',
    gw_wsm: '{"ssid":"net","passwd":"pass"}',
    user_param_key: "{rl1_pin:26,rl1_lv:1,iicscl:8,iicsda:26,iicr:0,2235ccur:1,module:CB2S,crc:5,}",
    "00000abc": '[{"mode":"rw","property":{"type":"enum","range":["a","b"]},"id":1,"type":"obj"}]',
    baud_cfg: '{"baud":9600}',
  };
  return encodeStorage({ magic, values, stale: { 0: values }, protectedValues: { gw_wsm: values.gw_wsm } }).bytes;
});

describe("mutated dumps", () => {
  it("are read without a throw, and what is said of them is text", () => {
    const random = randoms(0x2545f491);
    for (let i = 0; i < COUNT; i++) {
      const bytes = (SEEDS[i % SEEDS.length] as Uint8Array).slice(random(8) === 0 ? random(4096) : 0);
      for (let edits = 1 + random(6); edits > 0; edits--) {
        const at = random(bytes.length);
        if (random(3) === 0) bytes.copyWithin(at, random(bytes.length), random(bytes.length));
        else if (random(2) === 0) bytes.fill(random(256), at, at + random(600));
        else bytes[at] = random(256);
      }
      const file = random(6) === 0 ? bytes.subarray(0, random(bytes.length)) : bytes;
      const config = deviceConfig(passportOf(file));
      assert.equal(typeof espHomeYaml(config).yaml, "string");
      assert.equal(typeof JSON.stringify(openBekenTemplate(config)), "string");
      assert.equal(JSON.stringify(config).includes('"pass"'), false);
    }
  });
});
