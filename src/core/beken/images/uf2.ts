/**
 * Reads UF2 files: blocks and their tags. Reports every rule a file breaks instead of stopping at the first, and
 * never allocates more than the file's own size suggests. Where blocks go is decided in uf2Plan.ts.
 */
import { readU32, textUntilNul } from "../../base/bytes";
import { Words, words } from "../../base/words";
import { FAL_ENTRY_UF2, parseFalTable, type FalPartition } from "./fal";
import type { Finding } from "./report";
import {
  UF2_BLOCK,
  UF2_DATA_AT,
  UF2_END_AT,
  UF2_FLAG,
  UF2_MAGIC_END,
  UF2_MAGIC_SECOND,
  UF2_MAGIC_START,
  UF2_TAG,
} from "./uf2Format";

export interface Uf2Tag {
  readonly id: number;
  readonly data: Uint8Array;
}

export interface Uf2Block {
  readonly sequence: number;
  readonly count: number;
  readonly flags: number;
  /** Offset in the partition of the data. */
  readonly address: number;
  readonly family: number;
  readonly data: Uint8Array;
  readonly tags: readonly Uf2Tag[];
}

export interface Uf2File {
  readonly blocks: readonly Uf2Block[];
  /** Family id of most blocks; 0 when there is none. */
  readonly family: number;
  /** Tags of the header block, last one of each id. */
  readonly tags: ReadonlyMap<number, Uint8Array>;
  readonly partitions: readonly FalPartition[];
  readonly findings: readonly Finding[];
}

export function hasUf2Magic(bytes: Uint8Array): boolean {
  return bytes.length >= 8 && readU32(bytes, 0) === UF2_MAGIC_START && readU32(bytes, 4) === UF2_MAGIC_SECOND;
}

/** Tags follow the data directly, each padded to 4 bytes, and end at a zero size; undefined when one does not fit its block. */
function parseTags(block: Uint8Array, from: number, end: number): readonly Uf2Tag[] | undefined {
  const tags: Uf2Tag[] = [];
  let at = from;
  while (at + 4 <= end) {
    const size = block[at] as number;
    if (size === 0) return tags;
    if (size < 4 || at + size > end) return undefined;
    tags.push({ id: readU32(block, at) >>> 8, data: block.subarray(at + 4, at + size) });
    at += (size + 3) & ~3;
  }
  return tags;
}

/** One block, or the rule it breaks. `block` has 512 bytes. */
function parseBlock(block: Uint8Array): Uf2Block | Words {
  if (!hasUf2Magic(block) || readU32(block, UF2_END_AT) !== UF2_MAGIC_END) return words`its magic words are damaged`;
  const flags = readU32(block, 8);
  const length = readU32(block, 16);
  const end = flags & UF2_FLAG.md5 ? UF2_END_AT - 24 : UF2_END_AT;
  if (length > end - UF2_DATA_AT) return words`it claims ${length} bytes of data`;
  const tags = flags & UF2_FLAG.tags ? parseTags(block, UF2_DATA_AT + length, end) : [];
  if (tags === undefined) return words`its tags do not fit`;
  return {
    sequence: readU32(block, 20),
    count: readU32(block, 24),
    flags,
    address: readU32(block, 12),
    family: flags & UF2_FLAG.family ? readU32(block, 28) : 0,
    data: block.subarray(UF2_DATA_AT, UF2_DATA_AT + length),
    tags,
  };
}

/** The first of several, and how many more there are. */
export function withMore(first: Words, more: number): Words {
  return more > 0 ? words`${first}, and ${more} more` : first;
}

/** Counts how often a rule is broken and says where first. */
class Rule {
  private broken = 0;
  private first: Words | undefined;

  constructor(private readonly name: Words) {}

  hold(index: number, holds: boolean, detail: () => Words): void {
    if (holds) return;
    if (this.broken++ === 0) this.first = words`block ${index} (file offset ${index * UF2_BLOCK}): ${detail()}`;
  }

  finding(): Finding {
    const { name, first, broken } = this;
    if (first === undefined) return { name, verdict: "ok" };
    return { name, verdict: "bad", detail: withMore(first, broken - 1) };
  }
}

/** Reads all blocks; those that break the format itself are left out, with a finding. */
export function parseUf2(bytes: Uint8Array): Uf2File {
  const whole = Math.floor(bytes.length / UF2_BLOCK);
  const format = new Rule(words`UF2 blocks`);
  const order = new Rule(words`UF2 sequence`);
  const count = new Rule(words`UF2 block count`);
  const oneFamily = new Rule(words`UF2 family`);
  const family = mostFrequentFamily(bytes);
  const blocks: Uf2Block[] = [];
  format.hold(
    whole,
    bytes.length % UF2_BLOCK === 0,
    () => words`the file ends inside it, after ${bytes.length % UF2_BLOCK} of 512 bytes`,
  );
  for (let index = 0; index < whole; index++) {
    const block = parseBlock(bytes.subarray(index * UF2_BLOCK, (index + 1) * UF2_BLOCK));
    if (block instanceof Words) {
      format.hold(index, false, () => block);
      continue;
    }
    order.hold(index, block.sequence === index, () => words`it says it is block ${block.sequence}`);
    count.hold(
      index,
      block.count === whole,
      () => words`it says there are ${block.count} blocks, the file has ${whole}`,
    );
    oneFamily.hold(index, block.family === family, () => words`it is for another chip family than the rest`);
    blocks.push(block);
  }
  const tags = headerTags(blocks);
  const table = tags.get(UF2_TAG.falTable);
  return {
    blocks,
    family: blocks.length === 0 ? 0 : family,
    tags,
    partitions: table === undefined ? [] : parseFalTable(table, FAL_ENTRY_UF2),
    findings: [format.finding(), order.finding(), count.finding(), oneFamily.finding()],
  };
}

/** One damaged block does not make the file another chip's. */
function mostFrequentFamily(bytes: Uint8Array): number {
  const counts = new Map<number, number>();
  for (let at = 0; at + UF2_BLOCK <= bytes.length; at += UF2_BLOCK) {
    const block = parseBlock(bytes.subarray(at, at + UF2_BLOCK));
    if (!(block instanceof Words)) counts.set(block.family, (counts.get(block.family) ?? 0) + 1);
  }
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0] ?? 0;
}

function headerTags(blocks: readonly Uf2Block[]): ReadonlyMap<number, Uint8Array> {
  const first = blocks[0];
  return new Map(first === undefined || first.data.length > 0 ? [] : first.tags.map(({ id, data }) => [id, data]));
}

/** What the header block says of its OTA format; undefined where it says none, as LibreTiny's first tools did. */
export function otaFormatOf(file: Uf2File): number | undefined {
  return file.tags.get(UF2_TAG.otaFormat2)?.[0];
}

/** A text tag of the header block; undefined when it is not there. */
export function uf2Text(file: Uf2File, id: number): string | undefined {
  const data = file.tags.get(id);
  return data === undefined ? undefined : textUntilNul(data);
}

/** A 32-bit tag of the header block; undefined when it is not there or too short. */
export function uf2Number(file: Uf2File, id: number): number | undefined {
  const data = file.tags.get(id);
  return data === undefined || data.length < 4 ? undefined : readU32(data, 0);
}
