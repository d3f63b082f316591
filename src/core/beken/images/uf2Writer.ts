/**
 * Writes UF2 files in LibreTiny's way: a header block with the file's tags, then each image in blocks of 256 bytes,
 * the first of them saying which partition it is for. Binary patches are not written: Beken has one slot only.
 */
import { alignDown, ascii, concat, u32, viewOf } from "../../base/bytes";
import { crc32 } from "../../base/checksum";
import type { Partition } from "../chips/types";
import { buildUf2FalTable } from "./fal";
import {
  UF2_BLOCK,
  UF2_CHUNK,
  UF2_DATA_AT,
  UF2_END_AT,
  UF2_FLAG,
  UF2_MAGIC_END,
  UF2_MAGIC_SECOND,
  UF2_MAGIC_START,
  UF2_SCHEMES,
  UF2_TAG,
  type Uf2Scheme,
} from "./uf2Format";

export interface Uf2Image {
  readonly data: Uint8Array;
  /** Offset in the partition. */
  readonly offset?: number;
  /** Partition per scheme; for Beken `FLASHER_SINGLE: "app"` or `DEVICE_SINGLE: "download"`. */
  readonly parts: Partial<Readonly<Record<Uf2Scheme, string>>>;
}

export interface Uf2Options {
  readonly family: number;
  readonly board: string;
  readonly firmware: string;
  readonly version: string;
  readonly ltVersion: string;
  /** Unix time in seconds. */
  readonly buildDate: number;
  readonly partitions: readonly Partition[];
  readonly images: readonly Uf2Image[];
  /** Also write the tags older LibreTiny firmware reads, as its build system does. */
  readonly legacy?: boolean;
  /** Text for people, in the unused part of the header block. */
  readonly comment?: string;
}

type TagToWrite = readonly [id: number, data: Uint8Array];

function encodeTags(tags: readonly TagToWrite[]): Uint8Array {
  return concat(
    ...tags.map(([id, data]) => {
      const size = 4 + data.length;
      if (size > 255) throw new RangeError(`UF2 tag ${id.toString(16)} is longer than 251 bytes`);
      const out = new Uint8Array((size + 3) & ~3);
      out.set(u32(id * 0x100 + size));
      out.set(data, 4);
      return out;
    }),
  );
}

/** Six nibbles in three bytes, first scheme in the high nibble of the first byte. */
function nibbles(valueOf: (scheme: Uf2Scheme) => number): Uint8Array {
  const out = new Uint8Array(3);
  UF2_SCHEMES.forEach((scheme, index) => {
    out[index >> 1] = (out[index >> 1] as number) | (valueOf(scheme) << (index % 2 === 0 ? 4 : 0));
  });
  return out;
}

function partInfo(parts: Uf2Image["parts"]): Uint8Array {
  const names = [...new Set(UF2_SCHEMES.flatMap((scheme) => parts[scheme] ?? []))];
  const indexes = nibbles((scheme) => names.indexOf(parts[scheme] ?? "") + 1);
  return concat(indexes, ...names.map((name) => ascii(`${name}\0`)));
}

function imageTags(image: Uf2Image, legacy: boolean): readonly TagToWrite[] {
  const info: TagToWrite = [UF2_TAG.otaPartInfo, partInfo(image.parts)];
  if (!legacy) return [info];
  return [
    [UF2_TAG.legacyPart1, ascii(image.parts.FLASHER_SINGLE ?? "")],
    [UF2_TAG.legacyPart2, ascii(image.parts.DEVICE_SINGLE ?? "")],
    info,
  ];
}

function fileTags(options: Uf2Options): readonly TagToWrite[] {
  const used = (scheme: Uf2Scheme): boolean => options.images.some(({ parts }) => parts[scheme] !== undefined);
  const named = new Set(options.images.flatMap(({ parts }) => Object.values(parts)));
  const flag = (on: boolean): Uint8Array => Uint8Array.of(on ? 1 : 0);
  const legacy: readonly TagToWrite[] = [
    [UF2_TAG.legacyHasOta1, flag(used("DEVICE_DUAL_1"))],
    [UF2_TAG.legacyHasOta2, flag(used("DEVICE_SINGLE") || used("DEVICE_DUAL_2"))],
    [UF2_TAG.otaFormat1, Uint8Array.of(1)],
  ];
  return [
    [UF2_TAG.board, ascii(options.board)],
    [UF2_TAG.deviceId, u32(crc32(ascii(`LibreTiny ${options.board.toLowerCase()}`)))],
    [UF2_TAG.ltVersion, ascii(options.ltVersion)],
    [UF2_TAG.firmware, ascii(options.firmware)],
    [UF2_TAG.version, ascii(options.version)],
    [UF2_TAG.buildDate, u32(options.buildDate)],
    [UF2_TAG.falTable, buildUf2FalTable(options.partitions.filter(({ name }) => named.has(name)))],
    [UF2_TAG.otaFormat2, Uint8Array.of(2)],
    [UF2_TAG.device, ascii("LibreTiny")],
    ...(options.legacy ? legacy : []),
    [UF2_TAG.otaPartList, nibbles((scheme) => (used(scheme) ? 1 : 0))],
  ];
}

/** Throws RangeError when tags do not fit their block. */
export function writeUf2(options: Uf2Options): Uint8Array {
  const count = 1 + options.images.reduce((sum, { data }) => sum + Math.ceil(data.length / UF2_CHUNK), 0);
  const out = new Uint8Array(count * UF2_BLOCK);
  let sequence = 0;
  const put = (address: number, data: Uint8Array, tags: readonly TagToWrite[], flags: number): void => {
    const block = out.subarray(sequence * UF2_BLOCK, (sequence + 1) * UF2_BLOCK);
    const encoded = encodeTags(tags);
    const tagsAt = UF2_DATA_AT + data.length;
    if (tagsAt + encoded.length > UF2_END_AT) throw new RangeError("UF2 tags do not fit their block");
    const view = viewOf(block);
    const all = flags | UF2_FLAG.family | (tags.length > 0 ? UF2_FLAG.tags : 0);
    const words = [UF2_MAGIC_START, UF2_MAGIC_SECOND, all, address, data.length, sequence, count, options.family];
    words.forEach((word, index) => view.setUint32(4 * index, word, true));
    block.set(data, UF2_DATA_AT);
    block.set(encoded, tagsAt);
    view.setUint32(UF2_END_AT, UF2_MAGIC_END, true);
    sequence++;
  };
  const tags = fileTags(options);
  put(0, new Uint8Array(0), tags, UF2_FLAG.notMainFlash);
  if (options.comment !== undefined) writeComment(out, UF2_DATA_AT + encodeTags(tags).length, options.comment);
  for (const image of options.images) {
    for (let at = 0; at < image.data.length; at += UF2_CHUNK) {
      const first = at === 0 ? imageTags(image, options.legacy ?? false) : [];
      put((image.offset ?? 0) + at, image.data.subarray(at, at + UF2_CHUNK), first, 0);
    }
  }
  return out;
}

/** In the middle of what the header block leaves, at a multiple of 16 so that it reads well in a hex dump. */
function writeComment(out: Uint8Array, from: number, comment: string): void {
  const at = alignDown(from + Math.floor((UF2_END_AT - from - comment.length) / 2), 16);
  if (at >= from + 4) out.set(ascii(comment), at);
}
