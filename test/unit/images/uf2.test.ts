import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fromHex, toHex } from "../../../src/core/base/bytes";
import { english } from "../../../src/core/base/words";
import { parseUf2, uf2Text } from "../../../src/core/beken/images/uf2";
import { UF2_FLAG, UF2_SCHEMES, UF2_TAG, type Uf2Scheme } from "../../../src/core/beken/images/uf2Format";
import { planUf2 } from "../../../src/core/beken/images/uf2Plan";
import { writeUf2, type Uf2Image } from "../../../src/core/beken/images/uf2Writer";

interface Case {
  readonly name: string;
  readonly board: string;
  readonly inputs: readonly string[];
  readonly uf2: string;
  readonly partition_table: readonly { name: string; offset: number; length: number }[];
  readonly blocks: readonly {
    seq: number;
    count: number;
    flags: string;
    address: number;
    length: number;
    family: string;
    tags: readonly (readonly [string, string])[];
  }[];
  readonly plan: Readonly<
    Record<Uf2Scheme, readonly { offset: number; partition: string; length: number; sha256: string }[]>
  >;
}

const vectors = JSON.parse(readFileSync("test/fixtures/vectors/uf2.json", "utf8")) as {
  readonly cases: readonly Case[];
};
const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, "0");
const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

function commentOf(header: Uint8Array): string {
  return /Hi![ -~]+/.exec(Buffer.from(header).toString("latin1"))?.[0] ?? "";
}

/** The images a vector was made from, cut out of its own blocks by the vector's listing. */
function imagesOf(vector: Case): Uf2Image[] {
  const bytes = fromHex(vector.uf2);
  const images: { data: number[]; offset: number; parts: Partial<Record<Uf2Scheme, string>> }[] = [];
  for (const block of vector.blocks.slice(1)) {
    if (block.tags.length > 0) {
      const input = vector.inputs[images.length] ?? "";
      const [, role, part] = /=(flasher|device):(\w+)$/.exec(input) ?? [];
      images.push({
        data: [],
        offset: block.address,
        parts: { [role === "flasher" ? "FLASHER_SINGLE" : "DEVICE_SINGLE"]: part },
      });
    }
    images.at(-1)?.data.push(...bytes.subarray(block.seq * 512 + 32, block.seq * 512 + 32 + block.length));
  }
  return images.map((image) => ({ ...image, data: Uint8Array.from(image.data) }));
}

describe("UF2", () => {
  for (const vector of vectors.cases) {
    describe(vector.name, () => {
      const bytes = fromHex(vector.uf2);
      const file = parseUf2(bytes);

      it("reads blocks and tags", () => {
        const read = file.blocks.map((block) => ({
          seq: block.sequence,
          count: block.count,
          flags: hex(block.flags, 8),
          address: block.address,
          length: block.data.length,
          family: hex(block.family, 8),
          tags: block.tags.map(({ id, data }) => [hex(id, 6), toHex(data)]),
        }));
        assert.deepEqual(read, vector.blocks);
        assert.deepEqual(
          file.findings.filter(({ verdict }) => verdict !== "ok"),
          [],
        );
        assert.equal(uf2Text(file, UF2_TAG.board), vector.board);
      });

      it("reads the partition table", () => {
        assert.deepEqual(
          file.partitions.map(({ name, offset, length }) => ({ name, offset, length })),
          vector.partition_table,
        );
      });

      for (const scheme of UF2_SCHEMES) {
        it(`plans ${scheme}`, () => {
          const plan = planUf2(file, scheme);
          const writes = plan.writes.map((write) => ({
            offset: write.address,
            partition: write.partition,
            length: write.data.length,
            sha256: sha256(write.data),
          }));
          assert.deepEqual(writes, vector.plan[scheme]);
          assert.equal(
            plan.findings.every(({ verdict }) => verdict === "ok"),
            true,
          );
        });
      }
    });
  }

  for (const vector of vectors.cases.slice(0, 3)) {
    it(`writes "${vector.name}" byte for byte`, () => {
      const original = fromHex(vector.uf2);
      const file = parseUf2(original);
      const written = writeUf2({
        family: file.family,
        board: vector.board,
        firmware: "demo",
        version: "1.2.3",
        ltVersion: "1.13.0",
        buildDate: 1700000000,
        partitions: vector.partition_table,
        images: imagesOf(vector),
        legacy: vector.name.includes("legacy"),
        comment: commentOf(original.subarray(0, 512)),
      });
      assert.equal(toHex(written), vector.uf2);
    });
  }

  it("refuses data outside its partition, unknown partitions and overlaps", () => {
    const base = { family: 1, board: "b", firmware: "f", version: "v", ltVersion: "l", buildDate: 0 };
    const partitions = [{ name: "app", offset: 0x11000, length: 0x1000 }];
    const plan = (images: readonly Uf2Image[]) =>
      planUf2(parseUf2(writeUf2({ ...base, partitions, images })), "FLASHER_SINGLE");
    const image = (offset: number, part = "app"): Uf2Image => ({
      data: new Uint8Array(300),
      offset,
      parts: { FLASHER_SINGLE: part },
    });
    assert.equal(plan([image(0x1000 - 300)]).findings[0]?.verdict, "ok");
    assert.match(english(plan([image(0x1000 - 299)]).findings[0]?.detail ?? ""), /outside partition/);
    assert.match(english(plan([image(0, "kvs")]).findings[0]?.detail ?? ""), /no table/);
    assert.match(english(plan([image(0), image(0x100)]).findings[0]?.detail ?? ""), /two parts/);
  });

  for (const [what, flag] of [
    ["not for the main flash", UF2_FLAG.notMainFlash],
    ["of a file container", UF2_FLAG.fileContainer],
  ] as const)
    it(`writes no block that is ${what}, and says so`, () => {
      const bytes = fromHex((vectors.cases[0] as Case).uf2);
      const whole = planUf2(parseUf2(bytes), "FLASHER_SINGLE").writes;
      const at = 2 * 512 + 8;
      bytes[at] = (bytes[at] as number) | (flag & 0xff);
      bytes[at + 1] = (bytes[at + 1] as number) | (flag >> 8);
      const { writes, findings } = planUf2(parseUf2(bytes), "FLASHER_SINGLE");
      const length = (list: typeof writes): number => list.reduce((sum, { data }) => sum + data.length, 0);
      assert.equal(length(writes), length(whole) - 256);
      assert.equal(findings[0]?.verdict, "bad");
      assert.match(english(findings[0].detail ?? ""), /block 2 has data that is for no partition/);
    });

  it("reports a patch that leaves its block instead of applying it", () => {
    const dual = vectors.cases[3] as Case;
    const bytes = fromHex(dual.uf2);
    const patched = Buffer.from(bytes).indexOf(Buffer.from("fe0700100000081014", "hex"));
    bytes[patched + 6] = 0xfd;
    assert.match(english(planUf2(parseUf2(bytes), "FLASHER_DUAL_2").findings[0]?.detail ?? ""), /patch/);
    assert.equal(planUf2(parseUf2(bytes), "FLASHER_DUAL_1").findings[0]?.verdict, "ok");
  });
});
