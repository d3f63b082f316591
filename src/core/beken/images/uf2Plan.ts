/**
 * Where the blocks of a UF2 file go under one OTA scheme: partitions, binary patches, neighbouring blocks merged.
 * Knows LibreTiny's tags, no chip.
 */
import { concat, hexAddress, isFilledWith, readU32, textUntilNul, viewOf } from "../../base/bytes";
import { words, type Words } from "../../base/words";
import type { Partition } from "../chips/types";
import type { Finding } from "./report";
import { withMore, type Uf2Block, type Uf2File } from "./uf2";
import { UF2_FLAG, UF2_SCHEMES, UF2_TAG, type Uf2Scheme } from "./uf2Format";

/** Opcode: add a 32-bit difference to the words at the given offsets of the block. */
const PATCH_DIFF32 = 0xfe;

export interface Uf2Write {
  /** Physical flash address. */
  readonly address: number;
  readonly partition: string;
  readonly data: Uint8Array;
}

export interface Uf2Plan {
  readonly writes: readonly Uf2Write[];
  readonly findings: readonly Finding[];
  /** Where two parts of the file want the same place. */
  readonly overlap?: { readonly address: number; readonly length: number };
}

/**
 * Name of the partition a part-info tag gives the scheme; undefined for none, empty when the tag is damaged.
 * Three bytes of 1-based nibbles, then names.
 */
function partitionFor(info: Uint8Array, scheme: number): string | undefined {
  if (info.length < 3 || isFilledWith(info, 0, 0, 3)) return "";
  const byte = info[scheme >> 1] ?? 0;
  const index = scheme % 2 === 0 ? byte >>> 4 : byte & 0xf;
  if (index === 0) return undefined;
  let at = 3;
  for (let skipped = 1; skipped < index; skipped++) {
    const nul = info.indexOf(0, at);
    if (nul < 0) return "";
    at = nul + 1;
  }
  return textUntilNul(info.subarray(at));
}

/** Applies the patches of one tag to a copy of the block's data; undefined when they are not understood or leave the block. */
function applyPatches(data: Uint8Array, patches: Uint8Array): Uint8Array | undefined {
  const out = data.slice();
  const view = viewOf(out);
  for (let at = 0; at < patches.length;) {
    const end = at + 2 + (patches[at + 1] ?? 0);
    if (patches[at] !== PATCH_DIFF32 || end > patches.length || end < at + 6) return undefined;
    const difference = readU32(patches, at + 2);
    for (let i = at + 6; i < end; i++) {
      const offset = patches[i] as number;
      if (offset + 4 > out.length) return undefined;
      view.setUint32(offset, view.getUint32(offset, true) + difference, true);
    }
    at = end;
  }
  return out;
}

function blockData(block: Uf2Block, patched: boolean): Uint8Array | undefined {
  let data: Uint8Array | undefined = block.data;
  if (!patched) return data;
  for (const { id, data: patches } of block.tags) {
    if (id === UF2_TAG.binpatch && data !== undefined) data = applyPatches(data, patches);
  }
  return data;
}

interface Run {
  readonly address: number;
  readonly partition: string;
  readonly parts: Uint8Array[];
  end: number;
}

/**
 * Places the blocks, in the file's order.
 * @param fallback partitions for a file without its own table
 */
export function planUf2(file: Uf2File, scheme: Uf2Scheme, fallback: readonly Partition[] = []): Uf2Plan {
  const partitions = file.partitions.length > 0 ? file.partitions : fallback;
  const schemeIndex = UF2_SCHEMES.indexOf(scheme);
  const runs: Run[] = [];
  const problems: Words[] = [];
  let info: Uint8Array | undefined;
  for (const block of file.blocks) {
    for (const tag of block.tags) if (tag.id === UF2_TAG.otaPartInfo) info = tag.data;
    if (block.data.length === 0) continue;
    if (info === undefined || block.flags & (UF2_FLAG.notMainFlash | UF2_FLAG.fileContainer)) {
      problems.push(words`block ${block.sequence} has data that is for no partition`);
      continue;
    }
    const name = partitionFor(info, schemeIndex);
    if (name === undefined) continue;
    const partition = partitions.find((candidate) => candidate.name === name);
    if (partition === undefined) {
      problems.push(words`block ${block.sequence} is for partition "${name}", which is in no table`);
      continue;
    }
    if (block.address + block.data.length > partition.length) {
      problems.push(words`block ${block.sequence} at ${hexAddress(block.address)} is outside partition "${name}"`);
      continue;
    }
    const data = blockData(block, scheme.endsWith("_2"));
    if (data === undefined) {
      problems.push(words`the binary patch of block ${block.sequence} is damaged`);
      continue;
    }
    const address = partition.offset + block.address;
    const last = runs.at(-1);
    if (last !== undefined && last.end === address && last.partition === name) {
      last.parts.push(data);
      last.end += data.length;
    } else {
      runs.push({ address, partition: name, parts: [data], end: address + data.length });
    }
  }
  const overlap = findOverlap(runs);
  if (overlap !== undefined)
    problems.push(words`two parts of the file want the flash at ${hexAddress(overlap.address)}`);
  const first = problems[0];
  return {
    writes: runs.map(({ address, partition, parts }) => ({ address, partition, data: concat(...parts) })),
    findings: [
      first === undefined
        ? { name: words`UF2 placement`, verdict: "ok" }
        : { name: words`UF2 placement`, verdict: "bad", detail: withMore(first, problems.length - 1) },
    ],
    ...(overlap && { overlap }),
  };
}

function findOverlap(runs: readonly Run[]): Uf2Plan["overlap"] {
  const sorted = [...runs].sort((a, b) => a.address - b.address);
  for (let i = 1; i < sorted.length; i++) {
    const before = sorted[i - 1] as Run;
    const { address, end } = sorted[i] as Run;
    if (address < before.end) return { address, length: Math.min(end, before.end) - address };
  }
  return undefined;
}
