/**
 * The partition form of RBL: application in CRC-16 blocks, FF up to the container's end, header last. Verifies and
 * packs it. Does not decide whether a file is one (see detect.ts).
 * Source: docs/formats.md ("RBL, partition form"); packing equals ltchiptool's byte for byte, including its odd raw sizes.
 */
import { alignUp, concat, hex32, hexAddress } from "../../base/bytes";
import { crc32, fnv1a } from "../../base/checksum";
import { ImageError } from "../../base/errors";
import { words, type Words } from "../../base/words";
import type { Coefficients } from "../chips/types";
import { APP_LOGICAL } from "./appKey";
import { scramble } from "./cipher";
import { addCrcBlocks, BLOCK_DATA, BLOCK_SIZE, stripCrcBlocks, toPhysical } from "./crcBlocks";
import { buildFlashRblHeader, RBL_HEADER_FLASH_SIZE, type RblHeader } from "./rblHeader";
import type { Finding } from "./report";

/** LibreTiny's container for applications, logical bytes; 0x118F70 in flash. BK7251/7252 use {@link APP_CONTAINER_7252}. */
export const APP_CONTAINER = 0x108700;
export const APP_CONTAINER_7252 = 0x1a0000;
/** FF bytes that follow the padded application, and that follow those. */
const TRAILER = 16;
/** Longest padding between raw and packaged data; 4, 12 and 16 are known. */
const LONGEST_PADDING = 32;

/** Flash bytes that `dataSize` packaged bytes take. */
export function flashSizeOf(dataSize: number): number {
  return Math.ceil(dataSize / BLOCK_DATA) * BLOCK_SIZE;
}

/**
 * The bytes that CRC-32 and hash cover: padding counts as its own length, as in PKCS#7, while flash has FF there.
 * ltchiptool writes a raw size *above* the data size for some lengths; its padding is 16 and the hash covers all data.
 * @param code the application in flash, without CRC-16s, at least as long as the header's data size
 */
export function coveredBytes(
  code: Uint8Array,
  header: RblHeader,
): { readonly data: Uint8Array; readonly raw: Uint8Array } {
  const oversized = header.rawSize > header.dataSize;
  const padding = oversized ? TRAILER : header.dataSize - header.rawSize;
  const data = code.slice(0, header.dataSize);
  data.fill(padding, header.dataSize - padding);
  return { data, raw: oversized ? data : data.subarray(0, header.rawSize) };
}

/**
 * Compares an application with the header of its container.
 * @param application flash bytes from the start of the application, with CRC-16s; anything after it is ignored
 * @param address flash address of `application`, for the report
 */
export function verifyPartition(application: Uint8Array, header: RblHeader, address: number): readonly Finding[] {
  if (header.encryption !== 0 || header.compression !== 0) {
    return [
      {
        name: words`RBL sizes`,
        verdict: "bad",
        detail: words`the header at a container's end must name neither encryption nor compression`,
      },
    ];
  }
  const { rawSize, dataSize } = header;
  const length = flashSizeOf(dataSize);
  const sizes = words`raw size ${rawSize}, data size ${dataSize}`;
  if (dataSize === 0 || length > application.length) {
    const detail = words`${sizes}: the header claims ${length} bytes of flash, ${application.length} are there`;
    return [{ name: words`RBL sizes`, verdict: "bad", detail, context: { address } }];
  }
  const padding = dataSize - rawSize;
  if (padding > LONGEST_PADDING || padding < -TRAILER || dataSize < TRAILER) {
    return [
      { name: words`RBL sizes`, verdict: "bad", detail: words`${sizes} do not belong together`, context: { address } },
    ];
  }
  const covered = coveredBytes(stripCrcBlocks(application.subarray(0, length), dataSize), header);
  return [
    { name: words`RBL sizes`, verdict: "ok" },
    compare(words`RBL data CRC-32`, header.dataCrc, crc32(covered.data), address, length),
    compare(words`RBL FNV-1a`, header.hash, fnv1a(covered.raw), address, length),
  ];
}

function compare(name: Words, wanted: number, got: number, address: number, length: number): Finding {
  if (wanted === got) return { name, verdict: "ok" };
  const context = { address, length, expected: hex32(wanted), actual: hex32(got) };
  return { name, verdict: "bad", detail: words`the application is not the one the header describes`, context };
}

export interface PartitionOptions {
  readonly coefficients: Coefficients;
  /** Unix time in seconds. */
  readonly timestamp: number;
  readonly version: string;
  readonly name?: string;
  readonly serial?: string;
  /** Logical address the code is linked for. */
  readonly logicalAddress?: number;
  /** Logical size of the container; a multiple of 32. */
  readonly containerSize?: number;
}

export interface PackedPartition {
  /** The whole container, as in `.rbl`. */
  readonly container: Uint8Array;
  /** The application alone, as in `.crc`. */
  readonly application: Uint8Array;
  /** The 102 header bytes, as in `.rblh`. */
  readonly header: Uint8Array;
  /** Where the header lies in the container. */
  readonly headerOffset: number;
  /** Where it lies in flash. */
  readonly headerAddress: number;
}

/**
 * Packs plain code as LibreTiny does.
 * Throws ImageError `image-too-large` when code and header do not fit the container, RangeError for sizes that are no multiple of 32.
 */
export function packagePartition(code: Uint8Array, options: PartitionOptions): PackedPartition {
  const logicalAddress = options.logicalAddress ?? APP_LOGICAL;
  const containerSize = options.containerSize ?? APP_CONTAINER;
  if (containerSize % BLOCK_DATA !== 0) throw new RangeError("a container is a multiple of 32 bytes");
  const padded = new Uint8Array(alignUp(code.length, BLOCK_DATA)).fill(0xff);
  padded.set(code);
  const trailer = new Uint8Array(TRAILER).fill(0xff);
  const data = concat(scramble(padded, options.coefficients, logicalAddress), trailer, trailer);
  const headerOffset = toPhysical(containerSize) - RBL_HEADER_FLASH_SIZE;
  const application = addCrcBlocks(data);
  if (application.length > headerOffset) {
    throw new ImageError("image-too-large", "package the application", {
      length: application.length,
      expected: words`at most ${hexAddress(headerOffset)} bytes`,
      actual: hexAddress(application.length),
    });
  }
  const fields: RblHeader = {
    encryption: 0,
    compression: 0,
    reserved: 0,
    timestamp: options.timestamp,
    name: options.name ?? "app",
    version: options.version,
    serial: options.serial ?? "0".repeat(23),
    dataCrc: 0,
    hash: 0,
    // ltchiptool's own arithmetic: for some lengths it comes out 16 above the data size. Bootloaders accept both.
    rawSize: alignUp(code.length + TRAILER, BLOCK_DATA) + TRAILER,
    dataSize: data.length,
  };
  const covered = coveredBytes(data, fields);
  const header = buildFlashRblHeader({ ...fields, dataCrc: crc32(covered.data), hash: fnv1a(covered.raw) });
  const container = new Uint8Array(toPhysical(containerSize)).fill(0xff);
  container.set(application);
  container.set(header, headerOffset);
  return { container, application, header, headerOffset, headerAddress: toPhysical(logicalAddress) + headerOffset };
}
