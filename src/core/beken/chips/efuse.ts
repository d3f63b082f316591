/**
 * Reading eFuses through two registers (ROM chips), as pure values: what to write, what a result means. One wrong bit
 * here burns fuses for ever, so the only way to a value for the control register is a function that cannot set it.
 * Source: docs/protocol.md ("Registers, eFuse, OTP"), from ltchiptool, BK7231GUIFlashTool and Beken's SDK.
 */
import { readU32, toHex } from "../../base/bytes";
import { ProtocolError } from "../../base/errors";
import { words, type Words } from "../../base/words";
import { formatMac } from "./calibration";
import type { Coefficients } from "./types";

export const EFUSE_CONTROL_REGISTER = 0x00800074;
export const EFUSE_RESULT_REGISTER = 0x00800078;
export const EFUSE_LENGTH = 32;

const START = 0x0001;
/** Direction: 1 burns. */
const WRITE = 0x0002;
const ADDRESS_MASK = 0x1f00;
const RESULT_VALID = 0x0100;

/** Which byte holds the control bits, and which the key and the MAC address. */
export const EFUSE_CONTROL_AT = 31;
export const EFUSE_KEY: readonly number[] = Array.from({ length: 16 }, (_, i) => i);
export const EFUSE_MAC: readonly number[] = Array.from({ length: 6 }, (_, i) => 24 + i);
const KEY_UNREADABLE_BIT = 4;
const CONTROL_BITS: readonly (readonly [bit: number, meaning: Words])[] = [
  [7, words`JTAG off`],
  [6, words`flash download off`],
  [5, words`encryption on`],
  [KEY_UNREADABLE_BIT, words`key not readable`],
  [3, words`key not writable`],
  [2, words`unique id not writable`],
  [1, words`MAC not writable`],
  [0, words`nothing writable`],
];

export interface EfuseContent {
  readonly coefficients: Coefficients;
  /** False when the chip hides its key: `coefficients` then mean nothing. */
  readonly keyReadable: boolean;
  /** Bytes 16-23, hex. */
  readonly uniqueId: string;
  readonly mac: string | undefined;
  /** The control bits that are set, highest first. */
  readonly controlBits: readonly Words[];
}

/**
 * Value for the control register that starts reading eFuse byte `index`.
 * @param current what the register reads now; bits that are not ours stay as they are
 * @throws ProtocolError `frame-refused` when the index is not 0..31
 */
export function efuseReadRequest(current: number, index: number): number {
  if (!Number.isInteger(index) || index < 0 || index >= EFUSE_LENGTH) {
    throw new ProtocolError("frame-refused", `read eFuse byte ${index}`, { expected: `0..${EFUSE_LENGTH - 1}` });
  }
  return ((current & ~(ADDRESS_MASK | WRITE)) | (index << 8) | START) >>> 0;
}

/** True once the chip has finished: the start bit is clear again. */
export function efuseIsReady(control: number): boolean {
  return (control & START) === 0;
}

/** The byte in the result register; undefined while its valid bit is clear. */
export function efuseByteOf(result: number): number | undefined {
  return (result & RESULT_VALID) === 0 ? undefined : result & 0xff;
}

/** @param control the byte at {@link EFUSE_CONTROL_AT} */
export function efuseKeyIsReadable(control: number): boolean {
  return ((control >>> KEY_UNREADABLE_BIT) & 1) === 0;
}

/** Meaning of the 32 eFuse bytes. Throws RangeError when there are not exactly 32. */
export function decodeEfuse(bytes: Uint8Array): EfuseContent {
  if (bytes.length !== EFUSE_LENGTH) throw new RangeError("an eFuse has 32 bytes");
  const control = bytes[EFUSE_CONTROL_AT] as number;
  return {
    coefficients: [readU32(bytes, 0), readU32(bytes, 4), readU32(bytes, 8), readU32(bytes, 12)],
    keyReadable: efuseKeyIsReadable(control),
    uniqueId: toHex(bytes.subarray(16, 24)),
    mac: formatMac(bytes.subarray(24, 30)),
    controlBits: CONTROL_BITS.filter(([bit]) => (control >>> bit) & 1).map(([, meaning]) => meaning),
  };
}
