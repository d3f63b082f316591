/**
 * How the flash of BK72xx chips is divided: data, one row for each kind, which the chips' rows name. What is asked of it goes
 * through strictGeometry.ts, which knows what holds while the chip is in doubt.
 * Source: LibreTiny and Tuya layouts (docs/formats.md); erase units from the data sheets of the parts in flashParts.ts.
 */
import type { FlashGeometry } from "./types";

export const BK72XX: FlashGeometry = {
  sector: 0x1000,
  block: 0x10000,
  page: 0x100,
  bootCodeEnd: 0x11000,
  applicationStart: 0x11000,
  applicationsEnd: 0x12a000,
  smallestFlash: 0x100000,
};
