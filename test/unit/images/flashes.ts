/**
 * Flashes as devices have them, made up: boot code with its texts, its partition table and its RBL header, applications that
 * end in different ways, calibration, settings. Shapes from docs/formats.md; no vendor's bytes.
 */
import { ascii, concat, viewOf } from "../../../src/core/base/bytes";
import { crc32, fnv1a } from "../../../src/core/base/checksum";
import { TUYA_KEY, ZERO_KEY } from "../../../src/core/beken/chips/keys";
import type { Coefficients } from "../../../src/core/beken/chips/types";
import { scramble } from "../../../src/core/beken/images/cipher";
import { addCrcBlocks } from "../../../src/core/beken/images/crcBlocks";
import { buildFlashRblHeader, type RblHeader } from "../../../src/core/beken/images/rblHeader";

export type Entry = readonly [name: string, device: string, offset: number, length: number];

const MAGIC = [0x30, 0x31, 0x50, 0x45];
const APP_AT = 0x11000;

/** The partition table of boot code: 64-byte entries. */
export function falTable(entries: readonly Entry[]): Uint8Array {
  return concat(
    ...entries.map(([name, device, offset, length]) => {
      const entry = new Uint8Array(64);
      entry.set(MAGIC);
      entry.set(ascii(name), 4);
      entry.set(ascii(device), 28);
      viewOf(entry).setUint32(52, offset, true);
      viewOf(entry).setUint32(56, length, true);
      return entry;
    }),
  );
}

export function tableWithDownloadAt(offset: number, length = 0xa6000): readonly Entry[] {
  return [
    ["bootloader", "beken_onchip_crc", 0, 0x10000],
    ["app", "beken_onchip_crc", 0x10000, 0x110000],
    ["download", "beken_onchip", offset, length],
  ];
}

/** Code whose words look like a program's, with vectors whose handlers lie above `base`, and texts in it. */
export function program(length: number, base: number, texts: readonly string[] = [], seed = 1): Uint8Array {
  const code = new Uint8Array(length);
  const view = viewOf(code);
  let state = seed;
  for (let at = 0; at + 4 <= length; at += 4) {
    state = (Math.imul(state, 0x41c64e6d) + 12345) >>> 0;
    view.setUint32(at, 0xe0000000 | (state >>> 4), true);
  }
  view.setUint32(0, 0xea00000e, true);
  for (let at = 4; at < 0x20; at += 4) view.setUint32(at, 0xe59ff014, true);
  for (let at = 0x20; at < 0x3c; at += 4) view.setUint32(at, base + 0x40 + at, true);
  view.setUint32(0x3c, 0xdeadbeef, true);
  let at = 0x400;
  for (const text of texts) {
    code.set([0, ...ascii(text), 0], at);
    at += text.length + 2;
  }
  return code;
}

export interface BootShape {
  readonly key?: Coefficients;
  readonly texts?: readonly string[];
  readonly table?: readonly Entry[];
  /** Its RBL header at 0x10F9A. */
  readonly header?: boolean;
  /** The magic of the partition table as a constant among the code, as compilers leave it. */
  readonly constant?: boolean;
  readonly seed?: number;
}

/** The code alone, as the linker makes it: plain, the table behind it. */
export function bareBootCode({ texts = [], table, constant = false, seed = 7 }: BootShape): Uint8Array {
  const code = program(0x6000, 0, texts, seed);
  if (constant) code.set([...MAGIC, 0x41, 0x6c, 0xa5, 0xe5, 0x1f], 0x3000);
  return table === undefined ? code : concat(code, falTable(table));
}

/** Boot code as it lies in flash, 0x11000 bytes. */
export function bootCodeInFlash(shape: BootShape): Uint8Array {
  const { key = ZERO_KEY, table, header = true } = shape;
  const bare = bareBootCode(shape);
  const code = table === undefined ? bare : bare.subarray(0, bare.length - 64 * table.length);
  const tail = bare.subarray(code.length);
  const plain = concat(scramble(code, key, 0), tail, new Uint8Array(32).fill(0xff));
  const flash = new Uint8Array(APP_AT).fill(0xff);
  flash.set(addCrcBlocks(plain));
  if (header) {
    const raw = plain.subarray(0, plain.length - 16);
    const covered = concat(raw, new Uint8Array(16).fill(16));
    const fields = headerOf("bootloader", { dataCrc: crc32(covered), hash: fnv1a(raw), rawSize: raw.length });
    flash.set(buildFlashRblHeader({ ...fields, dataSize: covered.length }), APP_AT - 102);
  }
  return flash;
}

function headerOf(name: string, fields: Partial<RblHeader>): RblHeader {
  return {
    encryption: 0,
    compression: 0,
    reserved: 0,
    timestamp: 1_700_000_000,
    name,
    version: "1.00",
    serial: "0".repeat(23),
    dataCrc: 0,
    hash: 0,
    rawSize: 0,
    dataSize: 0,
    ...fields,
  };
}

export interface AppShape {
  readonly key?: Coefficients;
  readonly base?: number;
  readonly length?: number;
  readonly texts?: readonly string[];
  readonly version?: string;
  readonly seed?: number;
  /**
   * `partition`: packed by a builder; `ota`: unpacked by boot code, which leaves the header of the whole package behind;
   * `none`: no header at all.
   */
  readonly header?: "partition" | "ota" | "none";
  /** Where the header lies in flash. */
  readonly headerAt?: number;
  /** Builders end an application with FF; boot code that unpacks one does not. */
  readonly endMark?: boolean;
}

export interface AppInFlash {
  /** From 0x11000 on. */
  readonly blocks: Uint8Array;
  readonly header: Uint8Array | undefined;
  readonly headerAt: number;
  readonly plain: Uint8Array;
}

export function appInFlash(shape: AppShape = {}): AppInFlash {
  const { key = ZERO_KEY, base = 0x10000, length = 0x8000, texts = [], version = "1.00", seed = 3 } = shape;
  const { header = "partition", headerAt = 0x129f0a, endMark = header !== "ota" } = shape;
  const plain = program(length, base, texts, seed);
  const trailer = new Uint8Array(endMark ? 32 : 0).fill(0xff);
  const padding = new Uint8Array(-length & 31).fill(0xff);
  const code = concat(scramble(concat(plain, padding), key, 0x10000), trailer);
  const blocks = addCrcBlocks(code);
  if (header === "none") return { blocks, header: undefined, headerAt, plain };
  const raw = code.subarray(0, code.length - 16);
  const fields =
    header === "ota"
      ? {
          encryption: 2,
          compression: 1,
          hash: fnv1a(plain),
          rawSize: plain.length,
          dataCrc: 0x12345678,
          dataSize: 3000,
        }
      : {
          hash: fnv1a(raw),
          rawSize: raw.length,
          dataCrc: crc32(concat(raw, new Uint8Array(16).fill(16))),
          dataSize: code.length,
        };
  return { blocks, header: buildFlashRblHeader(headerOf("app", { ...fields, version })), headerAt, plain };
}

export interface FlashShape {
  readonly boot?: Uint8Array;
  readonly app?: AppInFlash;
  readonly calibrationAt?: number;
  readonly size?: number;
}

/** A flash in use: boot code, application, calibration, something in the last sectors. */
export function flashOf({ boot, app, calibrationAt, size = 0x200000 }: FlashShape): Uint8Array {
  const flash = new Uint8Array(size).fill(0xff);
  if (boot) flash.set(boot);
  if (app) {
    flash.set(app.blocks, APP_AT);
    if (app.header) flash.set(app.header, app.headerAt);
  }
  if (calibrationAt !== undefined) {
    flash.set(ascii("TLV"), calibrationAt);
    flash.set([0x02, 0x11, 0x11, 0x11, 0x06, 0, 0, 0, 0xc8, 0x47, 0x8c, 1, 2, 3], calibrationAt + 0x1c);
  }
  for (let at = size - 0x3000; at < size; at++) flash[at] = (Math.imul(at, 0x9e3779b1) >>> 24) & 0xff;
  return flash;
}

export { TUYA_KEY, ZERO_KEY };
