/**
 * What every format with an application inside shares: its CRC-16 blocks, its key, its length against the usual
 * partition, in the form of findings and facts of a report.
 */
import { hex32, hexAddress, isFilledWith } from "../../base/bytes";
import { crc16 } from "../../base/checksum";
import { words } from "../../base/words";
import { CHIPS } from "../chips/chips";
import { formatCoefficients } from "../chips/keys";
import type { ChipId } from "../chips/types";
import { APP_PHYSICAL, inferKey } from "./appKey";
import { BLOCK_DATA, BLOCK_SIZE, blockState } from "./crcBlocks";
import type { ImageKey } from "./firmwareImage";
import type { Finding, ImageReport } from "./report";

/** LibreTiny's largest application partition of 2 MiB flash. */
const USUAL_PARTITION = 0x121000;
/** That of BK7251/7252 with 4 MiB: no longer one is known. */
export const LARGEST_PARTITION = 0x1ba000;

/** Names the key a file is for. */
export const KEY_FACT = words`Key`;

export interface AppExtent {
  /** Good CRC-16 blocks from the start. */
  readonly blocks: number;
  /** Where they end, as an index into the bytes. */
  readonly end: number;
  /** The last of them holds nothing but FF, as packagers end an application. */
  readonly lastIsFiller: boolean;
  /** That, or FF follows. */
  readonly endMarked: boolean;
}

/** Follows good blocks from `start` until the first that is not, or `limit`. */
export function measureApp(bytes: Uint8Array, start: number, limit = bytes.length): AppExtent {
  let at = start;
  while (at + BLOCK_SIZE <= limit && blockState(bytes, at) === "good") at += BLOCK_SIZE;
  const lastIsFiller = at > start && isFilledWith(bytes, 0xff, at - BLOCK_SIZE, at - BLOCK_SIZE + BLOCK_DATA);
  const fillerFollows = at + 4 <= limit && isFilledWith(bytes, 0xff, at, at + 4);
  return { blocks: (at - start) / BLOCK_SIZE, end: at, lastIsFiller, endMarked: lastIsFiller || fillerFollows };
}

/** The finding for a block that does not hold; `at` is its index, `address` its flash address. */
export function brokenBlock(bytes: Uint8Array, block: number, at: number, address: number): Finding {
  const name = words`CRC-16 blocks`;
  const hex = (value: number): string => hex32(value).slice(4);
  if (at + BLOCK_SIZE > bytes.length) {
    const detail = words`the file ends inside block ${block}, after ${bytes.length - at} of 34 bytes`;
    return { name, verdict: "bad", detail, context: { address } };
  }
  if (blockState(bytes, at) === "good") {
    const detail = words`code follows the filler from block ${block} at file offset ${hexAddress(at)}`;
    return { name, verdict: "bad", detail, context: { address } };
  }
  const stored = ((bytes[at + BLOCK_DATA] as number) << 8) | (bytes[at + BLOCK_DATA + 1] as number);
  const context = { address, expected: hex(crc16(bytes, at, at + BLOCK_DATA)), actual: hex(stored) };
  return {
    name,
    verdict: "bad",
    detail: words`block ${block} at file offset ${hexAddress(at)} does not hold`,
    context,
  };
}

/**
 * Good blocks, then nothing but FF up to `end`: the shape of every packaged application.
 * @param address flash address of `bytes[start]`
 */
export function checkAppBlocks(bytes: Uint8Array, start: number, end: number, address: number): Finding {
  const app = measureApp(bytes, start, end);
  if (isFilledWith(bytes, 0xff, app.end, end) && app.blocks > 0) {
    return { name: words`CRC-16 blocks`, verdict: "ok", detail: words`${app.blocks} blocks` };
  }
  // A block of FF that is cut short or damaged is reported where the damage is, not where the filler starts.
  let at = app.end;
  while (at + BLOCK_SIZE < end && isFilledWith(bytes, 0xff, at, at + BLOCK_SIZE)) at += BLOCK_SIZE;
  return brokenBlock(bytes.subarray(0, end), (at - start) / BLOCK_SIZE, at, address + at - start);
}

/** Infers the key and notes it among the facts. `application` starts with the application's first block. */
export function noteKey(report: ImageReport, application: Uint8Array): ImageKey {
  const key = inferKey(application);
  const kind = {
    tuya: "Tuya",
    zero: words`none`,
    other: words`unknown to this program`,
    unknown: words`cannot be told`,
  }[key.kind];
  const { coefficients } = key;
  const isPlain = coefficients === undefined || key.kind === "zero";
  report.fact(KEY_FACT, isPlain ? kind : words`${kind} (${formatCoefficients(coefficients)})`);
  if (key.kind === "other")
    report.warn("key-other", words`the application is scrambled with neither the Tuya key nor no key`);
  return key;
}

/** `end` is the first flash address behind the application and its container. */
export function checkAppLength(report: ImageReport, end: number, chips: readonly ChipId[] | "any"): void {
  const length = end - APP_PHYSICAL;
  // Their partitions are not those of LibreTiny, and several programs follow each other there.
  if (chips !== "any" && chips.every((chip) => CHIPS[chip].vectors === "thumb")) return;
  if (length > LARGEST_PARTITION) {
    const expected = words`at most ${hexAddress(LARGEST_PARTITION)} bytes`;
    report.refuse("image-too-large", {
      length,
      expected,
      actual: hexAddress(length),
      detail: words`no known application partition is that long`,
    });
  } else if (
    length > USUAL_PARTITION &&
    (chips === "any" || !chips.some((chip) => chip === "bk7251" || chip === "bk7252"))
  ) {
    report.warn(
      "application-past-usual-partition",
      words`it ends at ${hexAddress(end)}, application partitions of 2 MiB flash at 0x132000`,
    );
  }
}
