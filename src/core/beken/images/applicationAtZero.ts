/**
 * An application in the place of boot code, at address 0: the one judgement of it, for a file as for what was read of a chip. As much
 * is looked at as is there: the first blocks tell by their vectors, a whole area by what it goes on with.
 */
import { isScrambling } from "../chips/keys";
import type { Coefficients } from "../chips/types";
import { APP_LOGICAL, APP_PHYSICAL, inferKey, loadsUnder, vectorsPointInto } from "./appKey";
import { scramble } from "./cipher";
import { BLOCK_SIZE, checkCrcBlocks, stripCrcBlocks } from "./crcBlocks";
import { isFlashRblHeader, parseRblHeader, RBL_HEADER_FLASH_SIZE } from "./rblHeader";
import { verifyPartition } from "./rblPartition";

/** Where the flash ends as the processor sees it. */
const FLASH_END = 0x400000;
/** Blocks that may be damaged or hold something else. */
const FEW_BLOCKS = 16;

/**
 * @param bytes in flash form, from address 0; a block at the least
 * @param keys that the code may be for
 */
export function isApplicationAtZero(bytes: Uint8Array, keys: readonly Coefficients[]): boolean {
  return keys.some((key) => vectorsAreAnApplications(bytes, key)) || isNamedOne(bytes) || goesOnAsOne(bytes);
}

/** It is scrambled for where an application belongs, or its vectors point there. */
function vectorsAreAnApplications(bytes: Uint8Array, key: Coefficients): boolean {
  const plain = loadsUnder(bytes, 0, key);
  if (isScrambling(key) && !plain) return loadsUnder(bytes, APP_LOGICAL, key);
  const code = scramble(stripCrcBlocks(bytes.subarray(0, 2 * BLOCK_SIZE)), key, 0);
  return plain && vectorsPointInto(code, APP_LOGICAL, FLASH_END);
}

/** A header behind it names it one. */
function isNamedOne(bytes: Uint8Array): boolean {
  const headerAt = bytes.length - RBL_HEADER_FLASH_SIZE;
  if (bytes.length < APP_PHYSICAL + BLOCK_SIZE || !isFlashRblHeader(bytes, headerAt)) return false;
  const fields = parseRblHeader(stripCrcBlocks(bytes.subarray(headerAt)));
  const findings = verifyPartition(bytes.subarray(0, headerAt), fields, 0);
  return fields.name === "app" && findings.every(({ verdict }) => verdict === "ok");
}

/** Linked for address 0, it goes on where an application would begin. */
function goesOnAsOne(bytes: Uint8Array): boolean {
  if (bytes.length < APP_PHYSICAL + BLOCK_SIZE) return false;
  const { good, erased, blocks } = checkCrcBlocks(bytes, 0, APP_PHYSICAL + BLOCK_SIZE);
  return erased === 0 && good > blocks - FEW_BLOCKS && inferKey(bytes.subarray(APP_PHYSICAL)).kind === "unknown";
}
