/** Devices for a round: each with an address and calibration of its own, and the file that all of them get. */
import {
  createChip,
  practiceFirmware,
  PRESETS,
  type ChipOptions,
  type PresetId,
  type SimulatedChip,
} from "../../src/simulator/index";
import { noise } from "../../src/simulator/prng";
import { APP_AT } from "./flash/builds";

/** LibreTiny's, so that whether it runs can be seen. */
export const FILE = practiceFirmware(PRESETS.bk7231n);
const MAC_AT = 0x24;
const OWN_AT = 0x2a;

/** MAC addresses. */
const NAMES = new WeakMap<SimulatedChip, string>();

/** A device of its own: MAC address and calibration as no other has them. */
export function device(
  last: number,
  id: PresetId = "bk7231n",
  firmware?: ChipOptions["firmware"],
  { mac = last }: { readonly mac?: number | "default" } = {},
): SimulatedChip {
  const fresh = createChip(id, { pace: "none" });
  const flash = Uint8Array.from(fresh.flash);
  fresh.dispose();
  const { calibrationAt } = PRESETS[id];
  flash.set(
    mac === "default" ? [0xc8, 0x47, 0x8c, 0, 0, 0] : [0xc8, 0x47, 0x8c, 0x42, 0x07, mac],
    calibrationAt + MAC_AT,
  );
  flash.set(noise(last, 0x100), calibrationAt + OWN_AT);
  // LibreTiny hears that it is wanted; everything else needs a hand.
  const chip = createChip(id, {
    pace: "none",
    person: firmware ? "manual" : "auto",
    flash,
    ...(firmware && { firmware }),
  });
  if (mac !== "default") NAMES.set(chip, macOf(mac));
  return chip;
}

export function macOf(last: number): string {
  return `C8:47:8C:42:07:${last.toString(16).toUpperCase().padStart(2, "0")}`;
}

/** The MAC address of a device that was made here. */
export function nameOf(chip: SimulatedChip): string | undefined {
  return NAMES.get(chip);
}

export function holdsFile({ flash }: SimulatedChip): boolean {
  return Buffer.compare(flash.subarray(APP_AT, APP_AT + FILE.bytes.length), FILE.bytes) === 0;
}

/** Counts from now on how often the flash of a device is written. */
export function programmings(chip: SimulatedChip): () => number {
  let count = 0;
  chip.onEvent((event) => {
    if (event.type === "flash") count++;
  });
  return () => count;
}
