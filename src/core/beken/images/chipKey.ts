/** The key of a chip as the code in its flash shows it: what inferKey tells of single samples, put together. */
import type { KeyState } from "../chips/types";
import { APP_LOGICAL, inferKey } from "./appKey";

/**
 * The key the application in flash is for.
 * @param application the first sector from flash address 0x11000
 * @param bootCode the first sector of flash, where the chip shows it: for a key in no table it settles what one sector of the
 *   application leaves open; for the kind the application is enough
 */
export function keyOfApplication(application: Uint8Array, bootCode: Uint8Array | undefined): KeyState {
  const alone = inferKey(application);
  const both =
    alone.kind === "other" && bootCode !== undefined
      ? inferKey(application, APP_LOGICAL, [{ bytes: bootCode, logicalAddress: 0 }])
      : alone;
  // Boot code under another key, or none of the usual shape, takes nothing away from what the application alone shows.
  const coefficients = both.coefficients ?? alone.coefficients;
  return { kind: alone.kind, from: "application", ...(coefficients && { coefficients }) };
}

/** The key boot code is for, `unknown` where it does not start like any known boot code. */
export function keyOfBootCode(bootCode: Uint8Array): KeyState {
  return { ...inferKey(bootCode, 0), from: "bootloader" };
}
