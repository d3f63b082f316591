/** The boot code that a file has in front of its application, as something that can be written by itself. */
import { isFilledWith } from "../../base/bytes";
import { APP_PHYSICAL, inferKey, looksInterleaved } from "./appKey";
import type { BootCodePart } from "./firmwareImage";

/**
 * @param flash from flash address 0 on
 * @returns all of its place, what the file lacks of it blank, so that nothing is left of what was there; undefined where there is no code
 */
export function bootPartOf(flash: Uint8Array): BootCodePart | undefined {
  if (!looksInterleaved(flash) || isFilledWith(flash, 0xff, 0, Math.min(flash.length, APP_PHYSICAL))) return undefined;
  const data = new Uint8Array(APP_PHYSICAL).fill(0xff);
  data.set(flash.subarray(0, APP_PHYSICAL));
  return { data, key: inferKey(data, 0) };
}
