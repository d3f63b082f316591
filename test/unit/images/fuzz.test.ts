/** 100,000 and more mutated files through detection: nothing throws, hangs, allocates beyond the file, or leaves the flash. */
import assert from "node:assert/strict";
import { concat, fromHex } from "../../../src/core/base/bytes";
import { TUYA_KEY, ZERO_KEY } from "../../../src/core/beken/chips/keys";
import { detectImage } from "../../../src/core/beken/images/detect";
import { FLASHER_ERROR_CODES } from "../../../src/core/base/errors";
import { inspectImage } from "../../../src/core/beken/images/inspect";
import { parseUf2 } from "../../../src/core/beken/images/uf2";
import { UF2_SCHEMES } from "../../../src/core/beken/images/uf2Format";
import { planUf2 } from "../../../src/core/beken/images/uf2Plan";
import { bootloader, fullFlash, ota, packed, plainCode, PROJECTS, readBytes, uf2, ug } from "./samples";
import dual from "../../fixtures/vectors/uf2.json";

/** xorshift32: the same inputs on every run, so that a failure can be repeated. */
class Random {
  constructor(private state: number) {}

  next(below: number): number {
    this.state ^= this.state << 13;
    this.state ^= this.state >>> 17;
    this.state ^= this.state << 5;
    return (this.state >>> 0) % below;
  }
}

const NAMES = [
  "a.bin",
  "image_bk7231t_app.0x011000.rbl",
  "image_bk7231n_app.0x011000.crc",
  "image_bk7252_app.0x1CAF9A.rblh",
  "image_bk7231t_app.ota.rbl",
  "image_bk7231t_app.ota.ug.bin",
  "firmware.uf2",
  "firmware.bin",
  "OpenBK7231N_QIO_1.18.300.bin",
  "OpenBK7231T_UA_1.18.300.bin",
  "OpenLN882H_1.0.bin",
  "bootloader.bin",
  "raw_firmware.bin",
] as const;

const INTERESTING = [0, 1, 0x7f, 0x80, 0xff];

/** One to four edits: bits, bytes, whole words, cuts, doubled or moved stretches. */
function mutate(seed: Uint8Array, random: Random): Uint8Array {
  let bytes: Uint8Array = seed.slice();
  for (let edits = 1 + random.next(4); edits > 0 && bytes.length > 0; edits--) {
    // Half of all edits go to the first 128 bytes or the last 128: headers are there.
    const near = random.next(4);
    const span = Math.min(128, bytes.length);
    const at =
      near === 0 ? random.next(span) : near === 1 ? bytes.length - 1 - random.next(span) : random.next(bytes.length);
    switch (random.next(7)) {
      case 0:
        bytes[at] = (bytes[at] as number) ^ (1 << random.next(8));
        break;
      case 1:
        bytes[at] = INTERESTING[random.next(INTERESTING.length)] as number;
        break;
      case 2:
        bytes.fill(random.next(2) * 255, at, at + 4);
        break;
      case 3:
        bytes = bytes.slice(0, at);
        break;
      case 4:
        bytes = concat(bytes, bytes.subarray(at, at + 600));
        break;
      case 5:
        bytes.copyWithin(at, random.next(bytes.length), random.next(bytes.length));
        break;
      default:
        bytes = bytes.slice(Math.min(at, random.next(64)));
    }
  }
  return bytes;
}

function check(bytes: Uint8Array, name: string, offset: number | undefined): boolean {
  const image = detectImage(bytes, name, offset === undefined ? {} : { offset });
  let total = 0;
  for (const { address, data } of image.segments) {
    assert.ok(
      Number.isInteger(address) && address >= 0 && address + data.length <= 0x1000000,
      `${name}: segment at ${address}`,
    );
    assert.ok(data.length > 0);
    total += data.length;
  }
  assert.ok(total <= bytes.length + 64, `${name}: ${total} bytes to write from ${bytes.length}`);
  assert.equal(image.segments.length === 0, image.refusal !== undefined);
  if (image.refusal !== undefined) assert.ok(FLASHER_ERROR_CODES.includes(image.refusal.code));
  assert.ok(image.checks.length < 200 && image.warnings.length < 50 && image.details.length < 500);
  return image.refusal === undefined;
}

const tiny = packed(96, TUYA_KEY, "1.0.0-bk7231t", 0x200);
const SMALL: readonly Uint8Array[] = [
  tiny.container,
  tiny.application,
  tiny.header,
  packed(96, ZERO_KEY, "1.0.0-bk7231n", 0x200).container,
  packed(700, ZERO_KEY).application,
  uf2(tiny),
  uf2(tiny, { legacy: false }),
  ...dual.cases.map((vector) => fromHex(vector.uf2)),
  ota(64),
  ug(ota(64)),
  plainCode(200),
  concat([0x7f, 0x45, 0x4c, 0x46], new Uint8Array(60)),
  new Uint8Array(120).fill(0xff),
];

describe("fuzzing", () => {
  it("takes 104,000 mutated small files", () => {
    const random = new Random(0x2545f491);
    let accepted = 0;
    for (let n = 0; n < 104_000; n++) {
      const seed = SMALL[n % SMALL.length] as Uint8Array;
      const name = NAMES[random.next(NAMES.length)] as string;
      const offset = random.next(4) === 0 ? random.next(0x1000000) : undefined;
      if (check(mutate(seed, random), name, offset)) accepted++;
    }
    assert.ok(
      accepted > 500,
      `only ${accepted} got past all checks: the mutations are too coarse to reach the code behind them`,
    );
  });

  it("takes mutated whole images and genuine files", () => {
    const random = new Random(0x1337);
    const app = packed(3000, TUYA_KEY, "1.0", 0x108700);
    const seeds = [
      concat(bootloader(), app.container.subarray(0, 0x3000)),
      bootloader(ZERO_KEY),
      fullFlash(app.container),
      ...PROJECTS.slice(0, 1).flatMap(({ folder, chip }) => [
        readBytes(`${folder}/firmware.uf2`),
        readBytes(`${folder}/image_${chip}_app.0x011000.rbl`),
        readBytes(`${folder}/image_${chip}_app.ota.ug.bin`),
      ]),
    ];
    for (let n = 0; n < 360; n++) {
      check(
        mutate(seeds[n % seeds.length] as Uint8Array, random),
        NAMES[random.next(NAMES.length)] as string,
        undefined,
      );
    }
  });

  it("plans mutated UF2 files under every scheme", () => {
    const random = new Random(99);
    const seeds = dual.cases.map((vector) => fromHex(vector.uf2));
    for (let n = 0; n < 6000; n++) {
      const bytes = mutate(seeds[n % seeds.length] as Uint8Array, random);
      const file = parseUf2(bytes);
      for (const scheme of UF2_SCHEMES) {
        const total = planUf2(file, scheme).writes.reduce((sum, { data }) => sum + data.length, 0);
        assert.ok(total <= bytes.length);
      }
    }
  });

  it("inspects mutated over-the-air containers", async () => {
    const random = new Random(7);
    const genuine = readBytes(`${PROJECTS[0].folder}/image_bk7231t_app.ota.rbl`);
    const seeds = [ota(64), ug(ota(64)), uf2(tiny)];
    for (let n = 0; n < 1500; n++) {
      const image = await inspectImage(
        mutate(seeds[n % seeds.length] as Uint8Array, random),
        NAMES[random.next(NAMES.length)] as string,
      );
      assert.equal(image.segments.length === 0, image.refusal !== undefined);
    }
    for (let n = 0; n < 10; n++) await inspectImage(mutate(genuine, random), "a.ota.rbl");
  });
});
