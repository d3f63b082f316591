/**
 * The vector table that code for Armv8-M chips begins with: the stack pointer, then the address of the first instruction, odd as
 * Thumb code is. Pure; knows neither keys nor CRC-16s.
 * Source: the Armv8-M architecture; RAM and flash as BK7236 and BK7258 see them, from Beken's bk_idk and boot code for BK7258.
 */
import { readU32 } from "../../base/bytes";

export interface ThumbVectors {
  readonly stack: number;
  /** Where it starts, as the processor sees its flash from 0 on: below 0x10000 boot code, an application from there. */
  readonly start: number;
}

/** Where the processor sees its flash: for code that is trusted less, and for code that is trusted. */
const FLASH_SEEN_AT = [0x02000000, 0x12000000] as const;
const FLASH_SEEN = 0x01000000;
const RAM = { start: 0x20000000, end: 0x40000000 } as const;
/** Behind it come the vectors of faults and interrupts; 16 are the architecture's own. */
const LEAST_CODE = 0x40;

/** @param code plain, without CRC-16s; 8 bytes or more */
export function thumbVectors(code: Uint8Array): ThumbVectors | undefined {
  if (code.length < 8) return undefined;
  const stack = readU32(code, 0) >>> 0;
  const reset = readU32(code, 4) >>> 0;
  if (stack < RAM.start || stack > RAM.end || stack % 4 !== 0 || reset % 2 !== 1) return undefined;
  const base = FLASH_SEEN_AT.find((at) => reset >= at + LEAST_CODE && reset < at + FLASH_SEEN);
  return base === undefined ? undefined : { stack, start: reset - 1 - base };
}
