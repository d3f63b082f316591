/** Short applications packaged for a chip, and what of them ends where in flash. */
import type { ChipKey } from "../../src/simulator/flash/codeInFlash";
import type { Preset } from "../../src/simulator/index";
import { APP_AT, codeFor, packaged, rawFirmware } from "../component/flash/builds";
import type { Patch } from "./medium";
import { packagedForFlash } from "./packager";

/** What the usual containers take of the flash. */
const ROOM = 0x118f70;
const ROOM_7252 = 0x1ba000;

export interface Firmware {
  readonly file: { readonly name: string; readonly bytes: Uint8Array };
  /** What it makes of the flash. */
  readonly patches: readonly Patch[];
}

const cache = new Map<string, Firmware>();

/**
 * @param form what file it comes in; UF2 also where the chip has no family, as the application alone then
 * @param key other than the preset's for a file that does not fit
 */
export function firmware(preset: Preset, size: number, form: "crc" | "uf2", key: ChipKey = preset.key): Firmware {
  const name = [preset.id, size, form, ...key].join(" ");
  let made = cache.get(name);
  if (!made) cache.set(name, (made = make(preset, size, form, key)));
  return made;
}

function make(preset: Preset, size: number, form: "crc" | "uf2", key: ChipKey): Firmware {
  const code = codeFor(preset, rawFirmware(size));
  const { crc, uf2 } = packaged(preset, code, key);
  const version = `25.06.01-${preset.chip === "bk7231u" || preset.chip === "bk7231s" ? "bk7231t" : preset.chip}`;
  const room = preset.chip === "bk7252" ? ROOM_7252 : ROOM;
  const { application, header } = packagedForFlash(code, { key, timestamp: 1_750_000_000, version, at: APP_AT, room });
  return form === "crc" || !uf2 ? { file: crc, patches: [application] } : { file: uf2, patches: [application, header] };
}
