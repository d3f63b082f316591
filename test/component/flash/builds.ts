/**
 * Firmware for every simulated chip: genuine LibreTiny builds where one fits, else their linker output packaged for the
 * chip's name, key and layout by our own code.
 */
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { CHIPS } from "../../../src/core/beken/chips/chips";
import { packagePartition, APP_CONTAINER, APP_CONTAINER_7252 } from "../../../src/core/beken/images/rblPartition";
import { writeUf2 } from "../../../src/core/beken/images/uf2Writer";
import { PRESETS, type Preset, type PresetId } from "../../../src/simulator/index";
import type { FlashFile } from "./rig";

export const APP_AT = 0x11000;

const ESPHOME = "examples/esphome/.esphome/build";
export const BUILDS = {
  bedroom: `${ESPHOME}/bedroom-bulb/.pioenvs/bedroom-bulb`,
  hall: `${ESPHOME}/hall-plug/.pioenvs/hall-plug`,
  c8133u: `${ESPHOME}/c8133u-bulb/.pioenvs/c8133u-bulb`,
  platformio: "examples/platformio/.pio/build/generic-bk7231t",
} as const;

export function fileAt(path: string): FlashFile {
  return { name: basename(path), bytes: new Uint8Array(readFileSync(path)) };
}

export const BEDROOM_RBL = `${BUILDS.bedroom}/image_bk7231t_app.0x011000.rbl`;
export const HALL_RBL = `${BUILDS.hall}/image_bk7231n_app.0x011000.rbl`;
export const C8133U_RBL = `${BUILDS.c8133u}/image_bk7231t_app.0x011000.rbl`;

export interface Build {
  readonly rbl: FlashFile;
  readonly crc: FlashFile;
  /** undefined: LibreTiny has no UF2 family for the chip. */
  readonly uf2: FlashFile | undefined;
}

function genuine(folder: string, chip: string): Build {
  return {
    rbl: fileAt(`${folder}/image_${chip}_app.0x011000.rbl`),
    crc: fileAt(`${folder}/image_${chip}_app.0x011000.crc`),
    uf2: fileAt(`${folder}/firmware.uf2`),
  };
}

/** Linker output of a genuine build; `size` cuts it, which keeps tests short. */
export function rawFirmware(size?: number): Uint8Array {
  return fileAt(`${BUILDS.c8133u}/raw_firmware.bin`).bytes.slice(0, size);
}

/** Of a BK7258: the end of the memory that boot code has its stack in, and where it sees the application begin. */
const THUMB_STACK = 0x2809f700;
const THUMB_START = 0x02010201;

/** Linker output as it would begin for this chip: with the vectors of its processor. */
export function codeFor({ core }: Preset, code: Uint8Array): Uint8Array {
  if (core !== "thumb") return code;
  const own = code.slice();
  const view = new DataView(own.buffer);
  view.setUint32(0, THUMB_STACK, true);
  for (let at = 4; at < 0x40; at += 4) view.setUint32(at, THUMB_START, true);
  return own;
}

/** Packaged for `preset` by the code of ours that the vectors hold to LibreTiny's packager. */
export function packaged(preset: Preset, code: Uint8Array = rawFirmware(), key = preset.key): Build {
  // LibreTiny builds for BK7231U and BK7231S under the name of BK7231T.
  const chip = preset.chip === "bk7231u" || preset.chip === "bk7231s" ? "bk7231t" : preset.chip;
  const containerSize = chip === "bk7252" ? APP_CONTAINER_7252 : APP_CONTAINER;
  const version = `25.06.01-${chip}`;
  const { container, application, header, headerAddress } = packagePartition(codeFor(preset, code), {
    coefficients: key,
    timestamp: 1_750_000_000,
    version,
    containerSize,
  });
  const [family] = CHIPS[chip].uf2Families;
  const app = { name: "app", offset: APP_AT, length: container.length };
  const parts = { FLASHER_SINGLE: "app" } as const;
  const uf2 =
    family === undefined
      ? undefined
      : writeUf2({
          family,
          board: `generic-${chip}`,
          firmware: "test",
          version,
          ltVersion: "1.13.0",
          buildDate: 1_750_000_000,
          partitions: [app],
          images: [
            { data: application, parts },
            { data: header, offset: headerAddress - APP_AT, parts },
          ],
        });
  return {
    rbl: { name: `image_${chip}_app.0x011000.rbl`, bytes: container },
    crc: { name: `image_${chip}_app.0x011000.crc`, bytes: application },
    uf2: uf2 && { name: "firmware.uf2", bytes: uf2 },
  };
}

/** The build that fits the preset's chip and key. */
export function buildFor(preset: Preset): Build {
  switch (preset.id) {
    case "bk7231t":
      return genuine(BUILDS.bedroom, "bk7231t");
    case "bk7231n":
      return genuine(BUILDS.hall, "bk7231n");
    case "bk7231s":
      return genuine(BUILDS.c8133u, "bk7231t");
    default:
      return packaged(preset);
  }
}

/** A short build of the same kind: sixteen sectors or so. */
export function shortBuildFor(preset: Preset): Build {
  return packaged(preset, rawFirmware(0xe000));
}

export const PRESET_IDS = Object.keys(PRESETS) as PresetId[];
