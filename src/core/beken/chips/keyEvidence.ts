/**
 * Which key a chip has, told from what was read of it. Gathers and orders evidence; it judges no image.
 * Source of the byte patterns: docs/formats.md ("Code encryption"), found in public dumps.
 */
import { readU16, readU32 } from "../../base/bytes";
import { crc16 } from "../../base/checksum";
import type { EfuseContent } from "./efuse";
import { TUYA_KEY, ZERO_KEY, keyKindOf } from "./keys";
import { thumbVectors } from "./thumbVectors";
import type { BootloaderProfile, KeyKind, KeyState } from "./types";

/** Second vector of ARM code, `LDR PC, [PC, #x]`, as a little-endian word without x. */
const LOAD_PC = 0xe59ff000;
const LOAD_PC_MASK = 0xfffff000;
/** What scrambling with the Tuya key adds (XOR) to the word at address 4. */
const TUYA_STREAM_AT_4 = 0x7cb50f21;
const CRC_BLOCK = 32;

export interface KeySources {
  readonly efuse: EfuseContent | undefined;
  readonly application: KeyState | undefined;
  readonly bootCode: Uint8Array | undefined;
  readonly bootloader: BootloaderProfile | undefined;
  /** The boot code is what answers us: it runs on this chip, so it is scrambled with this chip's key. */
  readonly bootCodeRuns: boolean;
}

/**
 * Everything that tells the key, strongest first. A key read from eFuse is certain. Boot code that answers us proves its key
 * by running, which an application in flash does not: it may be the wrong one that made a person reach for a flasher.
 */
export function keyEvidence(sources: KeySources): readonly KeyState[] {
  const { efuse, application, bootCodeRuns } = sources;
  const fromEfuse: KeyState | undefined = efuse?.keyReadable
    ? { kind: keyKindOf(efuse.coefficients), coefficients: efuse.coefficients, from: "efuse" }
    : undefined;
  const fromBootCode = stateOf(bootKey(sources));
  const rest = bootCodeRuns ? [fromBootCode, application] : [application, fromBootCode];
  return [fromEfuse, ...rest].filter((state): state is KeyState => state !== undefined && state.kind !== "unknown");
}

/**
 * The key that the first bytes of boot code are scrambled with, by the second ARM vector or those of Thumb code; `other` when no pattern is
 * there and yet the first CRC-16 block is sound (34 bytes needed); `unknown` for anything else, such as a blank flash.
 */
export function bootCodeKey(bootCode: Uint8Array): KeyKind {
  if (bootCode.length < 8) return "unknown";
  const vector = readU32(bootCode, 4);
  if (isLoadPc(vector) || thumbVectors(bootCode)) return "zero";
  if (isLoadPc(vector ^ TUYA_STREAM_AT_4)) return "tuya";
  return hasSoundBlock(bootCode) ? "other" : "unknown";
}

function bootKey({ bootCode, bootloader }: KeySources): KeyKind {
  const seen = bootCode ? bootCodeKey(bootCode) : "unknown";
  // A sound block without a known vector is a weaker sign than a fingerprint that is in the table.
  if (seen === "tuya" || seen === "zero") return seen;
  return bootloader && bootloader.key !== "unknown" ? bootloader.key : seen;
}

function stateOf(kind: KeyKind): KeyState {
  if (kind === "tuya") return { kind, coefficients: TUYA_KEY, from: "bootloader" };
  if (kind === "zero") return { kind, coefficients: ZERO_KEY, from: "bootloader" };
  return { kind, from: "bootloader" };
}

function isLoadPc(word: number): boolean {
  return (word & LOAD_PC_MASK) >>> 0 === LOAD_PC;
}

function hasSoundBlock(bytes: Uint8Array): boolean {
  if (bytes.length < CRC_BLOCK + 2) return false;
  const stored = readU16(bytes, CRC_BLOCK);
  return crc16(bytes, 0, CRC_BLOCK) === (((stored & 0xff) << 8) | (stored >>> 8));
}
