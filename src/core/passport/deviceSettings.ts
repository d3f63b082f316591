/** The settings in a file, whoever's they are: Tuya's, OpenBeken's, or exactly one reason why there are none with pins. */
import { isFilledWith } from "../base/bytes";
import { findFlashDb, type FlashDb } from "./flashDb";
import { noSettings, type NoSettings } from "./noSettings";
import { findOpenBekenSettings, readOpenBekenSettings, type OpenBekenSettings } from "./openBekenSettings";
import { TUYA_BLOCK } from "./tuyaFormat";
import { readTuyaSettings, type TuyaSettings } from "./tuyaSettings";

export interface FoundSettings {
  readonly tuya: TuyaSettings | undefined;
  readonly openBeken: OpenBekenSettings | undefined;
  readonly preferences: FlashDb | undefined;
  /** Why no configuration can be made of what is there; undefined where one can. */
  readonly none: NoSettings | undefined;
}

const NOTHING = { tuya: undefined, openBeken: undefined, preferences: undefined };

/** @param bytes a whole flash, a part of one, or a storage alone */
export function readSettings(bytes: Uint8Array): FoundSettings {
  if (bytes.length > 0 && isFilledWith(bytes, 0xff)) return { ...NOTHING, none: noSettings("erased") };
  const at = findOpenBekenSettings(bytes);
  const openBeken = at === undefined ? undefined : readOpenBekenSettings(bytes, at);
  const preferences = findFlashDb(bytes);
  const found = readTuyaSettings(bytes);
  const tuya = "kind" in found ? found : undefined;
  const none = "kind" in found ? withoutPins(found, openBeken) : withoutTuya(bytes, found, openBeken, preferences);
  return { tuya, openBeken, preferences, none };
}

function withoutPins(
  { pins, tuyaMcu }: TuyaSettings,
  openBeken: OpenBekenSettings | undefined,
): NoSettings | undefined {
  const hasPins = pins !== undefined || tuyaMcu !== undefined || (openBeken?.pins.length ?? 0) > 0;
  return hasPins ? undefined : noSettings("no-pins");
}

function withoutTuya(
  bytes: Uint8Array,
  reason: NoSettings,
  openBeken: OpenBekenSettings | undefined,
  preferences: FlashDb | undefined,
): NoSettings | undefined {
  if (openBeken && openBeken.pins.length > 0) return undefined;
  if (openBeken) return noSettings(openBeken.sound === false ? "openbeken-config-damaged" : "openbeken-without-pins");
  if (bytes[0] === 0x43 && bytes[1] === 0x46 && bytes[2] === 0x47) return noSettings("openbeken-config-damaged");
  if (reason.code !== "no-key-block") return reason;
  if (preferences) return noSettings("esphome-preferences");
  return bytes.length < 2 * TUYA_BLOCK ? noSettings("too-short") : reason;
}
