/**
 * Firmware for other makers' chips, by the headers their boot ROMs and tools look for. Sources: the makers' public tools and
 * manuals; docs/formats.md. Short headers must make sense in more than one field.
 */
import { ascii, equalBytes, readU32, readU32be } from "../../base/bytes";
import { words } from "../../base/words";
import { thumbVectors } from "../chips/thumbVectors";
import { FOR_THIS_CHIP, type ForeignContent } from "./foreignKinds";

function hasText(bytes: Uint8Array, at: number, text: string): boolean {
  return bytes.length >= at + text.length && equalBytes(bytes.subarray(at, at + text.length), ascii(text));
}

/** Espressif's magic is one byte: segment count, flash mode and entry point must make sense too. */
function isEspressifAt(bytes: Uint8Array, at: number): boolean {
  if (bytes.length < at + 8 || (bytes[at] !== 0xe9 && !(bytes[at] === 0xea && bytes[at + 1] === 4))) return false;
  const entry = readU32(bytes, at + 4) >>> 24;
  const segments = bytes[at + 1] as number;
  return segments >= 1 && segments <= 16 && (bytes[at + 2] as number) <= 5 && entry >= 0x40 && entry <= 0x50;
}

/** A stack pointer in RAM and handlers whose addresses are odd and near each other: Cortex-M, but none that Beken makes. */
function isCortexM(bytes: Uint8Array): boolean {
  if (bytes.length < 256 || thumbVectors(bytes)) return false;
  const stack = readU32(bytes, 0);
  if (stack % 4 !== 0 || stack < 0x10000000 || stack >= 0x30000000) return false;
  const reset = readU32(bytes, 4);
  const handlers = [2, 3, 11, 14, 15].map((index) => readU32(bytes, 4 * index));
  const near = (value: number): boolean => value % 2 === 1 && Math.abs(value - reset) < 0x400000;
  return near(reset) && reset < 0x30000000 && handlers.filter((value) => value === 0 || near(value)).length === 5;
}

/** A whole ESP32 flash has nothing before its boot code at 0x1000, or a table of partitions at 0x8000. */
function isEspressif(bytes: Uint8Array): boolean {
  const partitions = bytes.length >= 0x8020 && bytes[0x8000] === 0xaa && bytes[0x8001] === 0x50 && bytes[0x8002] === 1;
  const blankStart = bytes.length > 0x1000 && readU32(bytes, 0) === 0xffffffff && isEspressifAt(bytes, 0x1000);
  return isEspressifAt(bytes, 0) || blankStart || partitions || isPartitionTable(bytes);
}

/** Entries of 32 bytes that begin with AA 50, a type and a subtype. */
function isPartitionTable(bytes: Uint8Array): boolean {
  const entry = (at: number): boolean => bytes[at] === 0xaa && bytes[at + 1] === 0x50 && (bytes[at + 2] ?? 9) <= 1;
  return bytes.length >= 64 && bytes.length <= 0x1000 && entry(0) && (entry(32) || bytes[32] === 0xeb);
}

function nameOf(bytes: Uint8Array): string | undefined {
  if (bytes.length < 8) return undefined;
  const first = readU32be(bytes, 0);
  if (first === 0x81958711 || first === 0x99999696 || hasText(bytes, 0, "81958711") || hasText(bytes, 8, "OTA1"))
    return "Realtek RTL87xx";
  if (
    hasText(bytes, 0, "BFNP") ||
    hasText(bytes, 0, "BFAP") ||
    hasText(bytes, 0, "BL60X_OTA") ||
    hasText(bytes, 0, "PFCG")
  )
    return "Bouffalo BL60x";
  if (first === 0x9fffffa0) return "WinnerMicro W600/W800";
  if (hasText(bytes, 0, "AWIH")) return "XRADIO XR8xx";
  if (hasText(bytes, 8, "KNLT")) return "Telink TLSR";
  if (isEspressif(bytes)) return "Espressif ESP";
  if (isCortexM(bytes)) return "ARM Cortex-M";
  return undefined;
}

export function makerOf(bytes: Uint8Array): ForeignContent | undefined {
  const maker = nameOf(bytes);
  return maker === undefined ? undefined : { label: words`Firmware for ${maker}`, cure: FOR_THIS_CHIP, maker };
}
