/**
 * Firmware to practise with: for a simulated chip what a build is for a real one, in the form and under the kind of name
 * that a build tool gives it, so that every check applies. No program: a real chip would not start with it.
 */
import { concat } from "../../core/base/bytes";
import { CODE, inBlocks } from "../flash/codeInFlash";
import { application } from "../flash/flashImages";
import type { Preset } from "./presets";

/** Enough to see it being written, in bytes of code. */
const CODE_SIZE = 0x20000;
/** Unlike the seeds of what the chips come with. */
const SEED = 7231;

/** The application for this chip and its key, from 0x11000 on, with the end mark of the packager. */
export function practiceFirmware({ chip, key }: Preset): { readonly name: string; readonly bytes: Uint8Array } {
  const end = inBlocks(new Uint8Array(CODE).fill(0xff));
  const banner = `LibreTiny v1.13.0 on generic-${chip}, compiled at Jan  1 2026 00:00:00`;
  return { name: `practice_${chip}_app.0x011000.crc`, bytes: concat(application(key, SEED, CODE_SIZE, banner), end) };
}
