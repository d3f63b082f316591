/**
 * The calibration sector: RF trim values and the MAC address of this very module, a "TLV" area at the start of one 4 KiB
 * sector. Losing it costs the radio; it is found by content, never assumed. Where to look first is in chips.ts.
 * Source: docs/protocol.md ("MAC and RF calibration"), from ltchiptool and BK7231GUIFlashTool.
 */
import { equalBytes, hex32, toHex } from "../../base/bytes";
import { crc32, fnv1a } from "../../base/checksum";
import type { FlashGeometry } from "./types";

/** Bytes of a calibration area, which lies at a multiple of as many: the vendors' layouts have it so, whatever the flash erases at once. */
export const CALIBRATION_LENGTH = 0x1000;

const MAGIC = Uint8Array.of(0x54, 0x4c, 0x56);
/** The element that holds the MAC: type 0x11111102, length 6. */
const MAC_ELEMENT = Uint8Array.of(0x02, 0x11, 0x11, 0x11, 0x06, 0x00, 0x00, 0x00);
const MAC_ELEMENT_AT = 0x1c;
const MAC_AT = 0x24;
const MAC_LENGTH = 6;

/** True when `bytes`, the start of a sector, begin with a TLV area. */
export function isCalibrationSector(bytes: Uint8Array): boolean {
  return equalBytes(bytes.subarray(0, MAGIC.length), MAGIC);
}

/** The MAC address in a calibration sector as `AA:BB:CC:DD:EE:FF`; undefined without a plausible one. */
export function macOf(bytes: Uint8Array): string | undefined {
  if (!isCalibrationSector(bytes)) return undefined;
  const element = bytes.subarray(MAC_ELEMENT_AT, MAC_ELEMENT_AT + MAC_ELEMENT.length);
  return equalBytes(element, MAC_ELEMENT) ? formatMac(bytes.subarray(MAC_AT, MAC_AT + MAC_LENGTH)) : undefined;
}

/** Six bytes as `AA:BB:CC:DD:EE:FF`; undefined for all 00, all FF, a multicast address, or another length. */
export function formatMac(mac: Uint8Array): string | undefined {
  const multicast = ((mac[0] ?? 1) & 1) !== 0;
  if (mac.length !== MAC_LENGTH || multicast || mac.every((byte) => byte === 0)) return undefined;
  return toHex(mac)
    .toUpperCase()
    .replace(/(..)(?=.)/g, "$1:");
}

/** Names what a calibration sector holds, all of it: two devices may share a MAC address, hardly their trim values too. */
export function calibrationMark(sector: Uint8Array): string {
  return `${hex32(crc32(sector))}${hex32(fnv1a(sector))}`;
}

/**
 * Address of the first calibration sector at or after `start` in a dump that begins at flash address 0.
 * Only multiples of {@link CALIBRATION_LENGTH} are looked at.
 */
export function findCalibration(dump: Uint8Array, start = 0): number | undefined {
  const first = Math.ceil(start / CALIBRATION_LENGTH) * CALIBRATION_LENGTH;
  for (let at = first; at < dump.length; at += CALIBRATION_LENGTH)
    if (isCalibrationSector(dump.subarray(at, at + CALIBRATION_LENGTH))) return at;
  return undefined;
}

/**
 * Where calibration may be on a flash of that many bytes, from there to its end. Where
 * applications may be, 4 KiB that begin with "TLV" would be chance. A flash that ends before has its calibration below all the same.
 */
export function calibrationFrom({ applicationsEnd, bootCodeEnd }: FlashGeometry, flashSize: number): number {
  return flashSize > applicationsEnd ? applicationsEnd : bootCodeEnd;
}
