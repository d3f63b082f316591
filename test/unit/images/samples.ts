/** Images made for tests: small ones of every format, and whole flashes. */
import { readFileSync } from "node:fs";
import { deflateRawSync } from "node:zlib";
import { ascii, concat, viewOf } from "../../../src/core/base/bytes";
import { crc32, fnv1a } from "../../../src/core/base/checksum";
import { TUYA_KEY } from "../../../src/core/beken/chips/keys";
import type { Coefficients } from "../../../src/core/beken/chips/types";
import { buildRblHeader } from "../../../src/core/beken/images/rblHeader";
import { packagePartition, type PackedPartition } from "../../../src/core/beken/images/rblPartition";
import { writeUf2, type Uf2Options } from "../../../src/core/beken/images/uf2Writer";

export const ESPHOME = "examples/esphome/.esphome/build";
export const PROJECTS = [
  { folder: `${ESPHOME}/bedroom-bulb/.pioenvs/bedroom-bulb`, chip: "bk7231t", key: "tuya", family: 0x675a40b0 },
  { folder: `${ESPHOME}/c8133u-bulb/.pioenvs/c8133u-bulb`, chip: "bk7231t", key: "zero", family: 0x675a40b0 },
  { folder: `${ESPHOME}/hall-plug/.pioenvs/hall-plug`, chip: "bk7231n", key: "tuya", family: 0x7b3ef230 },
  { folder: "examples/platformio/.pio/build/generic-bk7231t", chip: "bk7231t", key: "tuya", family: 0x675a40b0 },
] as const;

export function readBytes(path: string): Uint8Array {
  return new Uint8Array(readFileSync(path));
}

/** Plain code with ARM vectors whose targets lie at `base`, filled with numbers that never repeat. */
export function plainCode(length: number, base = 0x10000): Uint8Array {
  const code = new Uint8Array(length);
  const view = viewOf(code);
  for (let at = 0; at + 4 <= length; at += 4) view.setUint32(at, Math.imul(at + 1, 0x9e3779b1), true);
  view.setUint32(0, 0xea00000e, true);
  for (let at = 4; at < 0x20; at += 4) view.setUint32(at, 0xe59ff014, true);
  for (let at = 0x20; at < 0x40; at += 4) view.setUint32(at, base + 0x48, true);
  return code;
}

export function packed(
  length: number,
  coefficients: Coefficients = TUYA_KEY,
  version = "1.0.0-bk7231t",
  containerSize = 0x1000,
): PackedPartition {
  return packagePartition(plainCode(length), { coefficients, timestamp: 1_700_000_000, version, containerSize });
}

/** 0x11000 bytes with an RBL header at the end. */
export function bootloader(coefficients: Coefficients = TUYA_KEY): Uint8Array {
  const options = {
    coefficients,
    timestamp: 1_600_000_000,
    version: "1.0.1",
    name: "bootloader",
    logicalAddress: 0,
    containerSize: 0x10000,
  };
  return packagePartition(plainCode(0x8000, 0), options).container;
}

/** A plain OTA container: neither encrypted nor compressed. */
export function ota(length: number, version = "1.0.0-bk7231t"): Uint8Array {
  const data = plainCode(length);
  const header = {
    encryption: 0,
    compression: 0,
    reserved: 0,
    timestamp: 1_700_000_000,
    name: "app",
    version,
    serial: "0",
    dataCrc: crc32(data),
    hash: fnv1a(data),
    rawSize: length,
    dataSize: length,
  };
  return concat(buildRblHeader(header), data);
}

export function ug(payload: Uint8Array): Uint8Array {
  const out = concat(new Uint8Array(32), payload);
  const view = viewOf(out);
  view.setUint32(0, 0x55aa55aa);
  out.set([0x31, 0x2e, 0x30], 4);
  view.setUint32(16, payload.length);
  view.setUint32(
    20,
    payload.reduce((sum, byte) => sum + byte, 0),
  );
  view.setUint32(
    24,
    out.subarray(0, 24).reduce((sum, byte) => sum + byte, 0),
  );
  view.setUint32(28, 0xaa55aa55);
  return out;
}

export function uf2(application: PackedPartition, options: Partial<Uf2Options> = {}): Uint8Array {
  return writeUf2({
    family: 0x675a40b0,
    board: "generic-bk7231t-qfn32-tuya",
    firmware: "test",
    version: "1.0.0",
    ltVersion: "1.13.0",
    buildDate: 1_700_000_000,
    partitions: [
      { name: "app", offset: 0x11000, length: 0x121000 },
      { name: "download", offset: 0x132000, length: 0xa6000 },
    ],
    images: [
      { data: application.application, parts: { FLASHER_SINGLE: "app" } },
      { data: application.header, offset: application.headerOffset, parts: { FLASHER_SINGLE: "app" } },
      { data: ota(600), parts: { DEVICE_SINGLE: "download" } },
    ],
    legacy: true,
    ...options,
  });
}

/** A flash of 2 MiB: bootloader, application container, noise in the data partitions. */
export function fullFlash(container: Uint8Array, boot: Uint8Array = bootloader()): Uint8Array {
  const flash = new Uint8Array(0x200000).fill(0xff);
  flash.set(boot);
  flash.set(container, 0x11000);
  for (let at = 0x1e0000; at < 0x1e4000; at++) flash[at] = Math.imul(at, 0x9e3779b1) >>> 24;
  return flash;
}

/** One file in an archive of tar, as every program writes it. */
export function tar(name: string, data: Uint8Array): Uint8Array {
  const header = new Uint8Array(512);
  header.set(ascii(name));
  header.set(
    ascii("0000644\0" + "0000000\0".repeat(2) + data.length.toString(8).padStart(11, "0") + "\0" + "00000000000\0"),
    100,
  );
  header.set(ascii("        0"), 148);
  header.set(ascii("ustar\x0000"), 257);
  const sum = header.reduce((all, byte) => all + byte, 0);
  header.set(ascii(`${sum.toString(8).padStart(6, "0")}\0 `), 148);
  return concat(header, data, new Uint8Array((512 - (data.length % 512)) % 512), new Uint8Array(1024));
}

/** What a file in a ZIP holds: bytes to be compressed, or compressed ones with whatever size is claimed. */
type Zipped = Uint8Array | { readonly data: Uint8Array; readonly size: number };

/** A ZIP as programs write it: local headers, a directory, its end. */
export function zip(
  files: readonly (readonly [string, Zipped])[],
  { method = 8, flags = 0 }: { readonly method?: number; readonly flags?: number } = {},
): Uint8Array {
  const locals: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let place = 0;
  for (const [path, content] of files) {
    const name = new TextEncoder().encode(path);
    const isRaw = content instanceof Uint8Array;
    const data = isRaw ? (method === 8 ? new Uint8Array(deflateRawSync(content)) : content) : content.data;
    const fields = new Uint8Array(26);
    const view = viewOf(fields);
    view.setUint16(0, 20, true);
    view.setUint16(2, flags | 0x800, true);
    view.setUint16(4, method, true);
    view.setUint32(10, isRaw ? crc32(content) : 0, true);
    view.setUint32(14, data.length, true);
    view.setUint32(18, isRaw ? content.length : content.size, true);
    view.setUint16(22, name.length, true);
    const local = concat([0x50, 0x4b, 3, 4], fields, name, data);
    const tail = new Uint8Array(14);
    viewOf(tail).setUint32(10, place, true);
    directory.push(concat([0x50, 0x4b, 1, 2, 20, 0], fields, tail, name));
    locals.push(local);
    place += local.length;
  }
  const end = new Uint8Array(18);
  const view = viewOf(end);
  view.setUint16(4, files.length, true);
  view.setUint16(6, files.length, true);
  view.setUint32(
    8,
    directory.reduce((sum, { length }) => sum + length, 0),
    true,
  );
  view.setUint32(12, place, true);
  return concat(...locals, ...directory, [0x50, 0x4b, 5, 6], end);
}
