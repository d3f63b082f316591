/** OpenBeken's pins in the words of Tuya's pin texts, so that one reading serves both. */
import type { FoundSettings } from "../core/index";
import type { PinText } from "./pinReader";

type OpenBekenSettings = NonNullable<FoundSettings["openBeken"]>;

/** Role to name of the setting with `N` for the channel, and its level; roles of lights are not here. */
const NAMES: Readonly<Record<string, readonly [name: string, level?: 0 | 1]>> = {
  Rel: ["rlN", 1],
  Rel_n: ["rlN", 0],
  Btn: ["btN", 0],
  Btn_n: ["btN", 1],
  LED: ["ledN", 1],
  LED_n: ["ledN", 0],
  WifiLED: ["netled", 1],
  WifiLED_n: ["netled", 0],
  Btn_Tgl_All: ["total_bt", 0],
  Btn_Tgl_All_n: ["total_bt", 1],
  TglChanOnTgl: ["onoffN"],
  dInput: ["doorN_magt", 1],
  dInput_n: ["doorN_magt", 0],
  BL0937SEL: ["sel_pin", 1],
  BL0937SEL_n: ["sel_pin", 0],
  BL0937CF: ["ele"],
  BL0937CF1: ["vi"],
  IRRecv: ["infrr"],
  IRSend: ["infre"],
};
const COLOURS: readonly string[] = ["r", "g", "b", "c", "w"];

/** What of them a pin text has words for. */
export function pinTextOf({ pins }: OpenBekenSettings): PinText {
  const text: Record<string, number> = {};
  const lights = pins.filter(({ role }) => role === "PWM" || role === "PWM_n");
  const first = Math.min(...lights.map(({ channel }) => channel));
  // Two lights alone are the two whites.
  const names = lights.length === 2 ? COLOURS.slice(3) : COLOURS;
  for (const { pin, role, channel } of lights) {
    const name = names[channel - first];
    if (name === undefined) continue;
    text[`${name}_pin`] = pin;
    text[`${name}_lv`] = role === "PWM" ? 1 : 0;
  }
  for (const { pin, role, channel } of pins) {
    const known = Object.hasOwn(NAMES, role) ? NAMES[role] : undefined;
    if (known === undefined) continue;
    const name = known[0].replace("N", String(channel));
    text[`${name}_pin`] = pin;
    if (known[1] !== undefined) text[`${name}_lv`] = known[1];
    if (role.startsWith("BL0937")) text.chip_type = 0;
  }
  return text;
}
