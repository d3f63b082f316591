/**
 * What a person sees of a device after it was flashed, and what to do then. Sources: ESPHome's documentation of `wifi: ap:` and
 * `captive_portal:`, the configuration that ESPHome-Kickstart is built from, OpenBeken's first start (docs/boot-logs.md).
 */
import { words, type Text, type Words } from "../base/words";
import { applicationText, isLibreTiny } from "../beken/images/applicationText";
import type { FirmwareImage } from "../beken/images/firmwareImage";
import type { ChipId } from "../beken/chips/types";
import { firmwareOf, type FirmwareTexts } from "./firmwareTexts";
import { logWire, type LogSettings, type LogWire } from "./logWire";

export interface FirstSteps {
  /** Sentences: what happens now, and where. */
  readonly see: readonly Words[];
  /** How it gets into a smart home; empty where that is not known. */
  readonly adopt: readonly Words[];
  readonly log: LogWire;
}

/** Of every access point these firmwares open. */
const PORTAL = "http://192.168.4.1";
/** As ESPHome's wizard names the network that a device opens where it cannot join one. */
const HOTSPOT = /([ -~]{1,15}? Fallback Hotspot)/;
const KICKSTART = /^(?:lt\.)?kickstart/;

/** What was flashed, by its own words. */
export function firmwareIn(image: Pick<FirmwareImage, "format" | "segments" | "key">): FirmwareTexts["kind"] {
  return firmwareOf(applicationText(image) ?? "").kind;
}

/** @param said what the build of the image says of its log, or the settings that it finds on the chip */
export function firstSteps(
  image: Pick<FirmwareImage, "format" | "segments" | "key">,
  chip: ChipId | undefined,
  said?: LogSettings,
): FirstSteps {
  const text = applicationText(image) ?? "";
  const firmware = firmwareOf(text);
  const kind = firmware.kind === "unknown" && isLibreTiny(image) ? "libretiny" : firmware.kind;
  return { ...seen({ ...firmware, kind }, text), log: logWire(chip, said) };
}

function seen(firmware: FirmwareTexts, text: string): Omit<FirstSteps, "log"> {
  const { kind, name } = firmware;
  switch (kind) {
    case "esphome":
      return KICKSTART.test(name ?? "") ? kickstart(text) : esphome(name, HOTSPOT.exec(text)?.[1]?.trim());
    case "openbeken":
      return {
        see: [
          words`At its first start the device opens the Wi-Fi network ${name ?? "OpenBK"}_XXXXXXXX, with eight digits of its own at the end.`,
          words`Join it and open ${PORTAL} to give the device your Wi-Fi.`,
        ],
        adopt: [
          words`For Home Assistant, enter your MQTT server on the device's page under "Config", then start the discovery under "Home Assistant Configuration".`,
        ],
      };
    case "libretiny":
      return {
        see: [
          words`What there is to see is up to the program you built; its log tells whether it runs, and what it does.`,
        ],
        adopt: [],
      };
    case "tuya":
      return { see: [words`The device is as its maker shipped it: pair it with the maker's app.`], adopt: [] };
    case "unknown":
      return { see: [words`What was flashed is not known here; the device's log tells what it does.`], adopt: [] };
  }
}

/** @param name of the node, which is its name in the network; a project's has a dot in it and is none */
function esphome(name: string | undefined, hotspot: string | undefined): Omit<FirstSteps, "log"> {
  const network: Text = hotspot ?? words`that its configuration has under "ap:"`;
  return {
    see: [
      name === undefined || name.includes(".")
        ? words`The device joins the Wi-Fi of its configuration.`
        : words`The device joins the Wi-Fi of its configuration, and is ${name}.local there.`,
      words`Where it cannot, it opens the network ${network} after a minute or two: join it and open ${PORTAL}.`,
    ],
    adopt: [words`Home Assistant finds it by itself: Settings, Devices & services, ESPHome.`],
  };
}

function kickstart(text: string): Omit<FirstSteps, "log"> {
  const network = /kickstart-bk\w{4,6}/.exec(text)?.[0] ?? "kickstart";
  return {
    see: [
      words`The device opens the Wi-Fi network ${network}: join it and open ${PORTAL} to give it your Wi-Fi.`,
      words`Its page then shows the pins of the device, for the configuration of its own.`,
    ],
    adopt: [words`ESPHome's dashboard and Home Assistant find it once it is in your network.`],
  };
}
