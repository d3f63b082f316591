/**
 * Firmware to practise with: for a simulated chip what a build is for a real one, in the form and under the kind of name
 * that a build tool gives it, so that every check applies. No program: a real chip would not start with it.
 */
import { concat } from "../../core/base/bytes";
import { CODE, inBlocks } from "../flash/codeInFlash";
import { APP_AT, application } from "../flash/flashImages";
import { contentOf, coreOf, type Preset } from "./presets";

/** Enough to see it being written, in bytes of code. */
const CODE_SIZE = 0x20000;
/** Unlike the seeds of what the chips come with. */
const SEED = 7231;

/** Bytes of a second core's program, and where in flash it is: a multiple of 68 KiB, as partitions of such chips are. */
const SECOND_SIZE = 0x8000;
const SECOND_AT = 0x55000;

/**
 * The application for this chip and its key, from 0x11000 on, with the end mark of the packager. For chips of which builds are one image
 * from address 0: boot code, application, and the program of a second core.
 */
export function practiceFirmware(preset: Preset): { readonly name: string; readonly bytes: Uint8Array } {
  const { chip, key } = preset;
  if (coreOf(preset) === "thumb") return { name: `practice_${chip}_all-app.bin`, bytes: wholeImage(preset) };
  const end = inBlocks(new Uint8Array(CODE).fill(0xff));
  const banner = `LibreTiny v1.13.0 on generic-${chip}, compiled at Jan  1 2026 00:00:00`;
  return { name: `practice_${chip}_app.0x011000.crc`, bytes: concat(application(key, SEED, CODE_SIZE, banner), end) };
}

function wholeImage(preset: Preset): Uint8Array {
  const { chip, key, jedecId } = preset;
  const second = application(key, SEED + 1, SECOND_SIZE, undefined, "thumb", SECOND_AT);
  const image = new Uint8Array(SECOND_AT + second.length).fill(0xff);
  image.set(contentOf(preset, jedecId, SEED).subarray(0, APP_AT));
  image.set(application(key, SEED, CODE_SIZE, `Open${chip.toUpperCase()}, version 1.18.300`, "thumb"), APP_AT);
  image.set(second, SECOND_AT);
  return image;
}
