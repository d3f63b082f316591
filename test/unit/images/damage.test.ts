/** Damaged files: cut short, bits flipped, lengths that claim 4 GiB. Every one must be refused or do what the whole file did. */
import assert from "node:assert/strict";
import { equalBytes, viewOf } from "../../../src/core/base/bytes";
import { crc32 } from "../../../src/core/base/checksum";
import { application } from "../../../src/simulator/index";
import { english } from "../../../src/core/base/words";
import { addCrcBlocks } from "../../../src/core/beken/images/crcBlocks";
import { detectImage } from "../../../src/core/beken/images/detect";
import type { FirmwareImage } from "../../../src/core/beken/images/firmwareImage";
import { inspectImage } from "../../../src/core/beken/images/inspect";
import { parseRblHeader } from "../../../src/core/beken/images/rblHeader";
import { bootloader, ota, packed, PROJECTS, readBytes, uf2, ug } from "./samples";

const app = packed(900);

/** What each small sample is, under the name its builder gives it. */
const SAMPLES: readonly (readonly [name: string, bytes: Uint8Array])[] = [
  ["image_bk7231t_app.0x011000.rbl", app.container],
  ["image_bk7231t_app.0x011000.crc", app.application],
  ["firmware.uf2", uf2(app)],
];

function flip(bytes: Uint8Array, at: number, bit: number): Uint8Array {
  const out = bytes.slice();
  out[at] = (out[at] as number) ^ (1 << bit);
  return out;
}

function sameWrites(a: FirmwareImage, b: FirmwareImage): boolean {
  return (
    a.segments.length === b.segments.length &&
    a.segments.every(({ address, data }, index) => {
      const other = b.segments[index];
      return other !== undefined && other.address === address && equalBytes(other.data, data);
    })
  );
}

describe("damaged files", () => {
  for (const [name, bytes] of SAMPLES) {
    it(`${name}: refused at every length it can be cut to`, () => {
      for (let length = 1; length < bytes.length; length++) {
        const image = detectImage(bytes.subarray(0, length), name);
        assert.equal(image.refusal?.code, "image-corrupt", `cut to ${length}`);
        assert.notEqual(image.refusal.context.detail, undefined);
      }
    });

    it(`${name}: a flipped bit anywhere is found, or changes nothing of what is written`, () => {
      const whole = detectImage(bytes, name);
      let refused = 0;
      for (let at = 0; at < bytes.length; at++) {
        for (const bit of [at % 8, (at + 3) % 8]) {
          const image = detectImage(flip(bytes, at, bit), name);
          if (image.refusal !== undefined) refused++;
          else assert.equal(sameWrites(image, whole), true, `byte ${at} bit ${bit}`);
          if (!name.endsWith(".uf2")) assert.equal(image.refusal?.code, "image-corrupt", `byte ${at} bit ${bit}`);
        }
      }
      assert.ok(refused > bytes.length / 2, `only ${refused} refused`);
    });
  }

  for (const { folder, chip } of PROJECTS.slice(0, 3)) {
    it(`${folder.split("/").at(-1) ?? ""}: genuine files with a flipped bit or cut short`, () => {
      const names = [`image_${chip}_app.0x011000.rbl`, `image_${chip}_app.0x011000.crc`, "firmware.uf2"];
      for (const name of names) {
        const bytes = readBytes(`${folder}/${name}`);
        const whole = detectImage(bytes, name);
        for (let n = 0; n < 12; n++) {
          const at = (n * 0x9e3779b1 + 7) % bytes.length;
          const image = detectImage(flip(bytes, at, n % 8), name);
          assert.equal(
            image.refusal?.code === "image-corrupt" || (name === "firmware.uf2" && sameWrites(image, whole)),
            true,
            `${name} ${at}`,
          );
          assert.equal(detectImage(bytes.subarray(0, at), name).refusal?.code, "image-corrupt", `${name} cut to ${at}`);
        }
      }
    });
  }

  it("says which block of an application does not hold, and where", () => {
    const image = detectImage(flip(app.container, 34 * 5 + 3, 0), "image_bk7231t_app.0x011000.rbl");
    assert.equal(image.refusal?.code, "image-corrupt");
    assert.equal(image.refusal.context.address, 0x11000 + 34 * 5);
    assert.match(english(image.refusal.context.detail ?? ""), /block 5 at file offset 0x0000AA/);
    assert.match(english(image.refusal.context.expected ?? ""), /^[0-9A-F]{4}$/);
  });

  it("says what is wrong with an application that fits its CRC-16s but not its header", () => {
    const bytes = app.container.slice();
    const code = bytes.slice(0, 32);
    code[9] = (code[9] as number) ^ 0xff;
    bytes.set(addCrcBlocks(code));
    const image = detectImage(bytes, "image_bk7231t_app.0x011000.rbl");
    assert.equal(image.refusal?.code, "image-corrupt");
    assert.match(english(image.refusal.context.detail ?? ""), /RBL data CRC-32/);
  });

  it("does not believe lengths of 4 GiB", async () => {
    const claim = (bytes: Uint8Array, at: number, repairAt?: number): Uint8Array => {
      const out = bytes.slice();
      viewOf(out).setUint32(at, 0xfffffff0, true);
      if (repairAt !== undefined) viewOf(out).setUint32(repairAt, crc32(out, 0, 92), true);
      return out;
    };
    for (const at of [84, 88]) {
      const image = await inspectImage(claim(ota(500), at, 92), "a.ota.rbl");
      assert.equal(
        image.checks.some(({ verdict }) => verdict === "bad"),
        true,
      );
      assert.deepEqual(image.segments, []);
      const header = claim(ota(64).slice(0, 96), at, 92);
      assert.equal(parseRblHeader(header)[at === 84 ? "rawSize" : "dataSize"], 0xfffffff0);
      const container = app.container.slice();
      container.set(addCrcBlocks(header), app.headerOffset);
      assert.equal(detectImage(container, "a.rbl").refusal?.code, "image-corrupt");
    }
    assert.equal(detectImage(claim(ug(ota(500)), 16), "a.ug.bin").refusal?.code, "image-corrupt");
    for (const field of [12, 16, 20, 24]) {
      assert.equal(
        detectImage(claim(uf2(app), 512 + field), "firmware.uf2").refusal?.code,
        "image-corrupt",
        `field ${field}`,
      );
    }
  });

  it("cannot see a cut between two blocks where no end is marked, and says so", () => {
    const image = detectImage(app.application.subarray(0, 34 * 10), "OpenBK7231T_UA_1.18.300.bin");
    assert.equal(image.refusal, undefined);
    assert.equal(image.checks.find(({ name }) => english(name) === "End of application")?.verdict, "skipped");
  });

  it("refuses applications longer than any partition and warns of unusual ones", () => {
    const blocks = (length: number): Uint8Array => {
      const out = new Uint8Array(length - (length % 34));
      out.set(app.application.subarray(0, 34));
      for (let at = 34; at < out.length; at += 34) out.set(app.application.subarray(34, 68), at);
      return out;
    };
    assert.equal(detectImage(blocks(0x1bb000), "a.bin").refusal?.code, "image-too-large");
    assert.match(detectImage(blocks(0x130000), "a.bin").warnings.join(), /application-past-usual-partition/);
    // Of a chip with 4 MiB, whose partition is longer; without a key, as its builds are.
    const large = application([0, 0, 0, 0], 1, Math.floor(0x130000 / 34) * 32);
    assert.doesNotMatch(detectImage(large, "image_bk7252_app.bin").warnings.join(), /application-past-usual-partition/);
  });

  it("never writes from a bootloader, damaged or not", () => {
    const boot = bootloader();
    for (let at = 0; at < boot.length; at += 997) {
      const image = detectImage(flip(boot, at, at % 8), "bootloader.bin");
      assert.notEqual(image.refusal, undefined);
      assert.deepEqual(image.segments, []);
    }
  });
});
