/** What a configuration is made of: the passport of a dump, the wiring out of its settings, and the board to build for. */
import type { Passport } from "../core/index";
import { pinTextOf } from "./openBekenPins";
import { wiringOf, type PinText, type Wiring } from "./pinWiring";

export interface DeviceConfig {
  readonly passport: Passport;
  readonly wiring: Wiring;
  readonly from: "tuya" | "openbeken" | "nothing";
  readonly link: { readonly baud: number | undefined } | undefined;
}

export function deviceConfig(passport: Passport): DeviceConfig {
  const { tuya, openBeken } = passport.settings;
  const link = tuya?.tuyaMcu;
  if (tuya && (tuya.pins || link)) return { passport, wiring: wiringOf(tuya.pins ?? {}), from: "tuya", link };
  const pins: PinText = openBeken ? pinTextOf(openBeken) : {};
  return { passport, wiring: wiringOf(pins), from: openBeken ? "openbeken" : "nothing", link: undefined };
}

/** Parts of a wiring that are no part of the device. */
const NO_PARTS: readonly (keyof Wiring)[] = ["remarks", "unused", "isLedShared", "battery"];

/** Something to switch, show or measure was found. */
export function hasComponents({ wiring, link }: DeviceConfig): boolean {
  const found = Object.entries(wiring).some(
    ([name, part]: [string, unknown]) =>
      !NO_PARTS.includes(name as keyof Wiring) && (Array.isArray(part) ? part.length > 0 : part !== undefined),
  );
  return found || link !== undefined || wiring.battery.adc !== undefined || wiring.battery.relay !== undefined;
}
