/** Single facts of a passport, each with what says so and how sure that is. */
import { hexAddress } from "../base/bytes";
import { words, type Text, type Words } from "../base/words";
import { macOf } from "../beken/chips/calibration";
import type { BootloaderProfile } from "../beken/chips/types";
import type { BootCode } from "../beken/images/bootCode";
import type { FoundSettings } from "./deviceSettings";
import type { FirmwareTexts } from "./firmwareTexts";
import { Secret } from "./secret";
import type { Application } from "./seen";

/** `proven`: a checksum or a table says so; `likely`: content does; `hint`: usual, and no more. */
export type Confidence = "proven" | "likely" | "hint";

export type FactId =
  | "chip"
  | "module"
  | "board"
  | "boot-code"
  | "key"
  | "firmware"
  | "firmware-version"
  | "firmware-built"
  | "product"
  | "mac"
  | "calibration"
  | "paired"
  | "credentials";

export interface Fact {
  readonly id: FactId;
  readonly name: Words;
  readonly value: Text | Secret;
  readonly evidence: Text;
  readonly confidence: Confidence;
}

export const FIRMWARE_NAMES = {
  esphome: "ESPHome",
  libretiny: "LibreTiny",
  openbeken: "OpenBeken",
  tuya: "Tuya",
} as const;

export function fact(
  id: FactId,
  name: Words,
  value: Text | Secret | undefined,
  evidence: Text,
  confidence: Confidence,
): Fact | undefined {
  return value === undefined ? undefined : { id, name, value, evidence, confidence };
}

export function bootCodeFact(boot: BootCode | undefined, profile: BootloaderProfile | undefined): Fact | undefined {
  const name = words`Boot code`;
  if (profile)
    return fact(
      "boot-code",
      name,
      profile.version === undefined ? profile.name : words`${profile.name} ${profile.version}`,
      words`its first bytes are in the table of fingerprints`,
      "proven",
    );
  if (boot?.says !== undefined) return fact("boot-code", name, boot.says, words`its own line of its version`, "likely");
  if (boot?.header)
    return fact("boot-code", name, words`version ${boot.header.version}`, words`its RBL header`, "likely");
  return boot && fact("boot-code", name, words`not known`, words`it is in no table and names no version`, "hint");
}

export function firmwareFacts(
  firmware: FirmwareTexts,
  app: Application | undefined,
  { tuya }: FoundSettings,
): (Fact | undefined)[] {
  const { kind, name, version, built, framework, evidence } = firmware;
  const said = words`its own text: ${evidence ?? ""}`;
  const title = kind === "unknown" ? undefined : FIRMWARE_NAMES[kind];
  const program = name === undefined || title === undefined ? title : words`${title}: ${name}`;
  const settled = tuya?.firmware.version;
  return [
    title === undefined
      ? app &&
        fact(
          "firmware",
          words`Firmware`,
          words`not recognised`,
          words`none of the texts that firmware is told by is in it`,
          "hint",
        )
      : fact("firmware", words`Firmware`, program, said, "likely"),
    version !== undefined
      ? fact(
          "firmware-version",
          words`Firmware version`,
          framework === undefined || framework === version ? version : words`${version} (on ${framework})`,
          said,
          "likely",
        )
      : fact("firmware-version", words`Firmware version`, settled, words`Tuya's settings (swv)`, "likely"),
    fact("firmware-built", words`Firmware built`, built, said, "likely"),
    fact(
      "product",
      words`Product key`,
      tuya?.firmware.productKey,
      words`Tuya's settings; the same for every device of the model`,
      "proven",
    ),
  ];
}

export function calibrationFacts(flash: Uint8Array, at: number | undefined): (Fact | undefined)[] {
  if (at === undefined) return [];
  const mac = macOf(flash.subarray(at));
  return [
    fact("calibration", words`Calibration`, hexAddress(at), words`the sector begins with TLV`, "proven"),
    fact(
      "mac",
      words`MAC address`,
      mac === undefined ? undefined : new Secret(mac, `${mac.slice(0, 8)}:••:••:••`),
      words`its place in the calibration`,
      "proven",
    ),
  ];
}

export function settingsFacts({ tuya }: FoundSettings): (Fact | undefined)[] {
  if (tuya?.paired === undefined) return [];
  return [
    fact(
      "paired",
      words`Paired`,
      tuya.paired ? words`yes, with an account of Tuya's cloud` : words`no`,
      words`gw_di of Tuya's settings has a device id, or none`,
      "likely",
    ),
  ];
}
