/** Keys as far as starting depends on them: whether code runs under one, by its vectors, and which one a chip's code needs. */
import { readU32 } from "../base/bytes";
import { isScrambling } from "../beken/chips/keys";
import type { ChipIdentity, Coefficients, KeyKind, KeyState } from "../beken/chips/types";
import { APP_LOGICAL, inferKey } from "../beken/images/appKey";
import { scramble } from "../beken/images/cipher";
import { BLOCK_SIZE, stripCrcBlocks } from "../beken/images/crcBlocks";

export interface NeededKey {
  readonly kind: KeyKind;
  readonly coefficients?: Coefficients | undefined;
  /** The chip itself shows it; otherwise other code in its flash does, which may be what is wrong. */
  readonly isCertain: boolean;
}

/** Second vector of ARM code: load PC, relative to PC. */
const LOAD_PC = 0xe59ff000;
const LOAD_PC_MASK = 0xfffff000;
/** Addresses of the flash as the processor sees it, behind boot code. */
const APPLICATIONS: readonly [number, number] = [APP_LOGICAL, 0x400000];
const TABLE_AT = 0x20;
const TABLE_END = 0x40;
const ENOUGH_TARGETS = 4;

/**
 * The key that code on this chip must be for. A key from eFuse is certain, and so is that of a loader in flash: it runs.
 */
export function keyOfChip({ key, protocol }: ChipIdentity): NeededKey {
  const runs = protocol.bootloaderIsLifeline && key.from === "bootloader";
  return { ...key, isCertain: key.kind !== "unknown" && (key.from === "efuse" || runs) };
}

/**
 * Whether code in flash form starts under `key`.
 * @param bytes from the first block on
 * @returns undefined where that cannot be told
 */
export function runsUnder(
  bytes: Uint8Array,
  logicalAddress: number,
  key: Pick<NeededKey, "kind" | "coefficients">,
): boolean | undefined {
  if (key.coefficients) return hasVectors(bytes, logicalAddress, key.coefficients);
  if (key.kind === "unknown") return undefined;
  const { kind } = inferKey(bytes, logicalAddress);
  if (kind === "unknown") return undefined;
  // Two keys that are in no table may be one and the same.
  return kind === key.kind ? (kind === "other" ? undefined : true) : false;
}

/** What key code in flash form shows by itself. */
export function keyShownBy(bytes: Uint8Array, logicalAddress: number): Pick<KeyState, "kind" | "coefficients"> {
  return inferKey(bytes, logicalAddress);
}

/** True for an application that lies where boot code belongs: it is scrambled, or its vectors point, behind it. */
export function isApplicationAtZero(bytes: Uint8Array, keys: readonly Coefficients[]): boolean {
  return keys.some((key) => {
    const plain = hasVectors(bytes, 0, key);
    if (isScrambling(key) && !plain) return hasVectors(bytes, APP_LOGICAL, key);
    return plain && pointsBehindBootCode(scramble(stripCrcBlocks(bytes.subarray(0, 2 * BLOCK_SIZE)), key, 0));
  });
}

function hasVectors(bytes: Uint8Array, logicalAddress: number, key: Coefficients): boolean {
  if (bytes.length < BLOCK_SIZE) return false;
  const code = scramble(bytes.subarray(0, 8), key, logicalAddress);
  return (readU32(code, 4) & LOAD_PC_MASK) >>> 0 === LOAD_PC;
}

function pointsBehindBootCode(code: Uint8Array): boolean {
  if (code.length < TABLE_END) return false;
  let behind = 0;
  for (let at = TABLE_AT; at < TABLE_END; at += 4) {
    const target = readU32(code, at);
    if (target >= APPLICATIONS[0] && target < APPLICATIONS[1]) behind++;
  }
  return behind >= ENOUGH_TARGETS;
}
