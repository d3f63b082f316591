/** Short applications packaged for a chip, and what of them ends where in flash. */
import type { Coefficients } from "../../src/core/beken/chips/types";
import { packagePartition, APP_CONTAINER, APP_CONTAINER_7252 } from "../../src/core/beken/images/rblPartition";
import type { Preset } from "../../src/simulator/index";
import { APP_AT, packaged, rawFirmware } from "../component/flash/builds";
import type { Patch } from "./medium";

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
export function firmware(preset: Preset, size: number, form: "crc" | "uf2", key: Coefficients = preset.key): Firmware {
  const name = [preset.id, size, form, ...key].join(" ");
  let made = cache.get(name);
  if (!made) cache.set(name, (made = make(preset, size, form, key)));
  return made;
}

function make(preset: Preset, size: number, form: "crc" | "uf2", key: Coefficients): Firmware {
  const code = rawFirmware(size);
  const { crc, uf2 } = packaged(preset, code, key);
  const application: Patch = { at: APP_AT, bytes: crc.bytes };
  if (form === "crc" || !uf2) return { file: crc, patches: [application] };
  const containerSize = preset.chip === "bk7252" ? APP_CONTAINER_7252 : APP_CONTAINER;
  const version = `25.06.01-${preset.chip === "bk7231u" || preset.chip === "bk7231s" ? "bk7231t" : preset.chip}`;
  const { header, headerAddress } = packagePartition(code, {
    coefficients: key,
    timestamp: 1_750_000_000,
    version,
    containerSize,
  });
  return { file: uf2, patches: [application, { at: headerAddress, bytes: header }] };
}
