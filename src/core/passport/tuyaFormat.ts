/**
 * Tuya's key-value storage as it lies in flash: sizes, magic words, keys. Integers are little-endian.
 * Source: docs/formats.md ("Tuya settings"), public in bk7231tools and BK7231GUIFlashTool, checked on public dumps.
 */
import { ascii, concat, readU32 } from "../base/bytes";

export const AES_BLOCK = 16;
/** Bytes of one block of the storage; one flash sector. */
export const TUYA_BLOCK = 0x1000;
/** Bytes of one page; the first page of a block is its header. */
export const TUYA_PAGE = 128;
export const PAGES = TUYA_BLOCK / TUYA_PAGE;

/** Starts the block with the device's own key, and the protected block. */
export const KEY_MAGIC = 0x13579753;
/** Start of a data block: older firmware, newer firmware, and one that some families write. */
export const DATA_MAGICS: readonly number[] = [0x98761234, 0x135726ab, KEY_MAGIC];

/** Encrypts the key block and the head of the protected one, on every device. */
export const MASTER_KEY = ascii("qwertyuiopasdfgh");
/** 16 bytes of FF under the master key, which a key block is filled up with from its byte 32 on. */
export const FILLER_UNDER_MASTER = Uint8Array.of(
  ...[0x46, 0xdc, 0xed, 0x0e, 0x67, 0x2f, 0x3b, 0x70, 0xae, 0x12, 0x76, 0xa3, 0xf8, 0x71, 0x2e, 0x03],
);
export const FILLER_AT = 32;

const SECOND_PART = ascii("HHRRQbyemofrtytf");

export interface BaseKey {
  /** As the makers' sources name it. */
  readonly name: string;
  /** Byte i of it goes onto byte i of the device's key, 16 bytes. */
  readonly bytes: Uint8Array;
}

function baseKey(name: string, first: (index: number) => number): BaseKey {
  return { name, bytes: SECOND_PART.map((byte, index) => (byte + first(index)) & 0xff) };
}

/** Four characters of a name, again and again: what follows the fourth never counts. */
const named = (name: string): BaseKey => baseKey(name, (index) => name.charCodeAt(index & 3));

/** One for each family of chips that Tuya's storage was seen on, the Beken one first. */
export const BASE_KEYS: readonly BaseKey[] = [
  named("8710_2M"),
  baseKey("pair", (index) => SECOND_PART[index] as number),
  named("8721D"),
  baseKey("none", () => 0),
  named("8711AM_4M"),
  named("RDA5981_2M"),
];

/** The key of the data blocks: the device's own, added to its family's byte by byte. */
export function dataKey(device: Uint8Array, { bytes }: BaseKey): Uint8Array {
  return bytes.map((byte, index) => (byte + (device[index] as number)) & 0xff);
}

/** Sum of all bytes, modulo 2^32. */
export function byteSum(bytes: Uint8Array, start = 0, end = bytes.length): number {
  let sum = 0;
  for (let i = start; i < end; i++) sum += bytes[i] as number;
  return sum >>> 0;
}

/** A data block, decrypted. */
export interface TuyaBlock {
  /** Where it starts in the file. */
  readonly at: number;
  readonly id: number;
  readonly generation: number;
  /** Its byte sum holds. */
  readonly sound: boolean;
  readonly plain: Uint8Array;
  /** Numbers of its index pages in use. */
  readonly indexPages: readonly number[];
}

const MAP_SIZE_AT = 14;
const MAP_AT = 15;

/** Reads a decrypted block; the magic word was looked at before. */
export function parseBlock(plain: Uint8Array, at: number): TuyaBlock {
  const sum = readU32(plain, 4);
  const mapSize = Math.min(plain[MAP_SIZE_AT] as number, PAGES / 8);
  const indexPages: number[] = [];
  for (let page = 1; page < 8 * mapSize; page++)
    if (((plain[MAP_AT + (page >>> 3)] as number) >>> (page & 7)) & 1) indexPages.push(page);
  return {
    at,
    id: (plain[8] as number) | ((plain[9] as number) << 8),
    generation: readU32(plain, 10),
    sound: byteSum(plain, 8) === sum,
    plain,
    indexPages,
  };
}

/** Pages of a block one behind the other, both ends included. */
export function pagesOf({ plain }: TuyaBlock, first: number, last: number): Uint8Array {
  return concat(plain.subarray(first * TUYA_PAGE, (last + 1) * TUYA_PAGE));
}
