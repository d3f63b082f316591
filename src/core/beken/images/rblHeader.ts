/**
 * The 96-byte header of RBL containers, alone: fields, its own CRC-32, and the 102-byte form with CRC-16s in which
 * it lies at the end of an application's container. Knows nothing about what the header describes.
 * Source: docs/formats.md ("RBL"), public in ltchiptool and bk7231tools. Integers are little-endian.
 */
import { ascii, hex32, readU16, readU32, textUntilNul, viewOf } from "../../base/bytes";
import { crc32 } from "../../base/checksum";
import { words, type Text } from "../../base/words";
import { addCrcBlocks, BLOCK_DATA, BLOCK_SIZE, blockState, checkCrcBlocks, stripCrcBlocks } from "./crcBlocks";
import type { ImageFact } from "./firmwareImage";
import type { Finding } from "./report";

export const RBL_HEADER_SIZE = 96;
/** The header as it lies in flash, with three CRC-16s. */
export const RBL_HEADER_FLASH_SIZE = 102;

const MAGIC = 0x004c4252;
const ENCRYPTIONS: readonly Text[] = [words`none`, "XOR", "AES-256-CBC"];
const COMPRESSIONS: readonly Text[] = [words`none`, "gzip", "QuickLZ", "FastLZ"];

export interface RblHeader {
  /** 0 none, 1 XOR, 2 AES-256-CBC. */
  readonly encryption: number;
  /** 0 none, 1 gzip, 2 QuickLZ, 3 FastLZ. */
  readonly compression: number;
  /** The two unnamed bytes at 6, zero in every header seen. */
  readonly reserved: number;
  /** Unix time in seconds. */
  readonly timestamp: number;
  /** Partition the data is for. */
  readonly name: string;
  readonly version: string;
  readonly serial: string;
  /** CRC-32 of the data as packaged. */
  readonly dataCrc: number;
  /** FNV-1a of the raw data. */
  readonly hash: number;
  readonly rawSize: number;
  readonly dataSize: number;
}

export function hasRblMagic(bytes: Uint8Array, at = 0): boolean {
  return at >= 0 && at + 4 <= bytes.length && readU32(bytes, at) === MAGIC;
}

/**
 * Reads the fields of 96 bytes; texts end at the first NUL, whatever vendors left behind it.
 * Checks nothing: see {@link checkRblHeader}. Throws RangeError for fewer bytes.
 */
export function parseRblHeader(bytes: Uint8Array): RblHeader {
  return {
    encryption: bytes[4] ?? 0,
    compression: bytes[5] ?? 0,
    reserved: readU16(bytes, 6),
    timestamp: readU32(bytes, 8),
    name: textUntilNul(bytes.subarray(12, 28)),
    version: textUntilNul(bytes.subarray(28, 52)),
    serial: textUntilNul(bytes.subarray(52, 76)),
    dataCrc: readU32(bytes, 76),
    hash: readU32(bytes, 80),
    rawSize: readU32(bytes, 84),
    dataSize: readU32(bytes, 88),
  };
}

/** True when the magic and the header's own CRC-32 (over bytes 0..91, garbage after texts included) hold. */
export function isRblHeader(bytes: Uint8Array, at = 0): boolean {
  if (!hasRblMagic(bytes, at) || at + RBL_HEADER_SIZE > bytes.length) return false;
  return crc32(bytes, at, at + 92) === readU32(bytes, at + 92);
}

/** True when a header with its three CRC-16s is at `at`, everything in it holding. */
export function isFlashRblHeader(bytes: Uint8Array, at: number): boolean {
  if (!hasRblMagic(bytes, at) || at + RBL_HEADER_FLASH_SIZE > bytes.length) return false;
  if (checkCrcBlocks(bytes, at, at + RBL_HEADER_FLASH_SIZE).good < RBL_HEADER_SIZE / BLOCK_DATA) return false;
  return isRblHeader(stripCrcBlocks(bytes.subarray(at, at + RBL_HEADER_FLASH_SIZE)));
}

/**
 * Builds the 96 bytes, texts filled up with NUL. Throws RangeError for a text that leaves no room for its NUL.
 */
export function buildRblHeader(header: RblHeader): Uint8Array {
  const out = new Uint8Array(RBL_HEADER_SIZE);
  const view = viewOf(out);
  view.setUint32(0, MAGIC, true);
  out[4] = header.encryption;
  out[5] = header.compression;
  view.setUint16(6, header.reserved, true);
  view.setUint32(8, header.timestamp, true);
  const text = (value: string, at: number, size: number): void => {
    if (value.length >= size) throw new RangeError(`"${value}" does not fit an RBL text field of ${size} bytes`);
    out.set(ascii(value), at);
  };
  text(header.name, 12, 16);
  text(header.version, 28, 24);
  text(header.serial, 52, 24);
  view.setUint32(76, header.dataCrc, true);
  view.setUint32(80, header.hash, true);
  view.setUint32(84, header.rawSize, true);
  view.setUint32(88, header.dataSize, true);
  view.setUint32(92, crc32(out, 0, 92), true);
  return out;
}

/** The 102 bytes that go to flash. */
export function buildFlashRblHeader(header: RblHeader): Uint8Array {
  return addCrcBlocks(buildRblHeader(header));
}

/** Checks magic and CRC-32 of the 96-byte form; `address` (flash or file) is for the report. */
export function checkRblHeader(bytes: Uint8Array, address: number): readonly Finding[] {
  if (bytes.length < RBL_HEADER_SIZE) {
    return [
      {
        name: words`RBL header`,
        verdict: "bad",
        detail: words`only ${bytes.length} of 96 bytes are there`,
        context: { address },
      },
    ];
  }
  if (!hasRblMagic(bytes)) {
    return [
      { name: words`RBL header`, verdict: "bad", detail: words`it does not start with RBL`, context: { address } },
    ];
  }
  const expected = hex32(readU32(bytes, 92));
  const actual = hex32(crc32(bytes, 0, 92));
  if (expected === actual) return [{ name: words`RBL header CRC-32`, verdict: "ok" }];
  return [
    {
      name: words`RBL header CRC-32`,
      verdict: "bad",
      detail: words`the header is damaged`,
      context: { address, expected, actual },
    },
  ];
}

/** Checks the 102-byte form: the three CRC-16s, then what {@link checkRblHeader} checks. */
export function checkFlashRblHeader(bytes: Uint8Array, address: number): readonly Finding[] {
  const findings: Finding[] = [];
  if (bytes.length < RBL_HEADER_FLASH_SIZE) {
    const detail = words`only ${bytes.length} of 102 bytes are there`;
    return [{ name: words`RBL header`, verdict: "bad", detail, context: { address } }];
  }
  for (let block = 0; block < RBL_HEADER_SIZE / BLOCK_DATA; block++) {
    if (blockState(bytes, block * BLOCK_SIZE) === "good") continue;
    const detail = words`CRC-16 of block ${block} of the header does not hold`;
    findings.push({
      name: words`RBL header CRC-16`,
      verdict: "bad",
      detail,
      context: { address: address + block * BLOCK_SIZE },
    });
  }
  if (findings.length === 0) findings.push({ name: words`RBL header CRC-16`, verdict: "ok" });
  return [...findings, ...checkRblHeader(stripCrcBlocks(bytes.subarray(0, RBL_HEADER_FLASH_SIZE)), address)];
}

function named(names: readonly Text[], value: number): Text {
  return names[value] ?? words`unknown (${value})`;
}

/** Unix seconds as `2025-06-01T12:00:00Z`. */
export function isoTime(timestamp: number): string {
  return new Date(timestamp * 1000).toISOString().replace(".000Z", "Z");
}

/** Header fields for display, in their order. */
export function describeRblHeader(header: RblHeader): readonly ImageFact[] {
  return [
    { name: words`RBL partition`, value: header.name },
    { name: words`RBL version`, value: header.version },
    { name: words`RBL date`, value: isoTime(header.timestamp) },
    { name: words`RBL serial`, value: header.serial },
    { name: words`RBL encryption`, value: named(ENCRYPTIONS, header.encryption) },
    { name: words`RBL compression`, value: named(COMPRESSIONS, header.compression) },
    { name: words`RBL raw size`, value: String(header.rawSize) },
    { name: words`RBL data size`, value: String(header.dataSize) },
    { name: words`RBL data CRC-32`, value: hex32(header.dataCrc) },
    { name: words`RBL FNV-1a`, value: hex32(header.hash) },
  ];
}
