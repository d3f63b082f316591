/** The simulated chips as the bench sees them: how fast each is, and what is put into its flash. */
import { readFileSync } from "node:fs";
import { alignDown, concat, viewOf } from "../../src/core/base/bytes";
import { crc16 } from "../../src/core/base/checksum";
import { requestFor } from "../../src/core/beken/chips/divider";
import { TUYA_KEY, ZERO_KEY } from "../../src/core/beken/chips/keys";
import { PROFILES } from "../../src/core/beken/chips/profiles";
import { scramble } from "../../src/core/beken/images/cipher";
import { BLOCK_DATA, BLOCK_SIZE, addCrcBlocks, stripCrcBlocks, toLogical } from "../../src/core/beken/images/crcBlocks";
import * as rom from "../../src/simulator/rom/bootRom";
import * as flashLoader from "../../src/simulator/loader/flashLoader";
import { HASH_US_PER_BYTE } from "../../src/simulator/chip/hashTime";
import { partOf } from "../../src/simulator/flash/simulatedParts";
import { noise } from "../../src/simulator/prng";
import { contentOf, type Preset } from "../../src/simulator/chip/presets";
import { packaged, type Build } from "../component/flash/builds";
import type { ChipSpeed } from "./limits";
import { SECTOR } from "../flashUnits";

export const APP_AT = 0x11000;
/** Streamed writes are safe up to here: docs/protocol.md, "Pipelining and speed". */
const STREAMING_MAX_BAUD = 921_600;
const SEED = 0x7231;

const BUILDS = "examples/esphome/.esphome/build";
/** Application files as built, and the key each was built for. */
const GENUINE = {
  bk7231n: { path: `${BUILDS}/hall-plug/.pioenvs/hall-plug/image_bk7231n_app.0x011000.crc`, key: TUYA_KEY },
  other: { path: `${BUILDS}/bedroom-bulb/.pioenvs/bedroom-bulb/image_bk7231t_app.0x011000.crc`, key: TUYA_KEY },
  older: { path: `${BUILDS}/c8133u-bulb/.pioenvs/c8133u-bulb/image_bk7231t_app.0x011000.crc`, key: ZERO_KEY },
} as const;

/** The rate in baud that the chip makes when the flasher goes for `baud`. */
export function actualRate(preset: Preset, baud: number): number {
  const family = preset.answers.kind === "rom" ? "rom" : preset.answers.loader.family;
  return requestFor(PROFILES[family].divider, baud).actual;
}

/** Figures of this chip and its flash part at `baud`; what it takes to hash a byte may be given. */
export function speedOf(preset: Preset, baud: number, hashUsPerByte?: number): ChipSpeed {
  const { answers } = preset;
  const crcUsPerByte = hashUsPerByte ?? HASH_US_PER_BYTE[answers.kind];
  const flash = partOf(preset.jedecId).times;
  if (answers.kind === "rom") {
    return { flash, streams: false, programOverheadUs: 0, readUs: rom.READ_US, crcUsPerByte };
  }
  return {
    flash,
    streams: baud <= STREAMING_MAX_BAUD,
    programOverheadUs: answers.loader.programOverheadUs,
    readUs: flashLoader.READ_US,
    crcUsPerByte,
  };
}

/** A genuine application as it lies in flash, re-scrambled where this chip has another key. */
export function genuineApp(preset: Preset, which: "new" | "older"): Uint8Array {
  const { path, key } = GENUINE[which === "older" ? "older" : preset.chip === "bk7231n" ? "bk7231n" : "other"];
  const physical = new Uint8Array(readFileSync(path));
  if (preset.key.every((word, i) => word === key[i])) return physical;
  const at = toLogical(APP_AT);
  // The last block is FF and no code.
  const code = stripCrcBlocks(physical.subarray(0, -BLOCK_SIZE));
  const blocks = addCrcBlocks(scramble(scramble(code, key, at), preset.key, at));
  return concat(blocks, physical.subarray(-BLOCK_SIZE));
}

/** The application after a small change: a few words in each of three sectors, their block checksums right again. */
export function changedInThreeSectors(app: Uint8Array, seed: number): Uint8Array {
  const out = app.slice();
  for (const part of [0.2, 0.5, 0.8]) {
    const sector = alignDown(APP_AT + part * app.length, SECTOR) - APP_AT;
    const block = Math.ceil(sector / BLOCK_SIZE + 4) * BLOCK_SIZE;
    const word = viewOf(out).getUint32(block + 8, true);
    viewOf(out).setUint32(block + 8, word ^ (seed | 1), true);
    viewOf(out).setUint16(block + BLOCK_DATA, crc16(out, block, block + BLOCK_DATA), false);
  }
  return out;
}

/** A genuine program packaged for this chip, and the same after a small change in three sectors. */
export function buildsOf(preset: Preset): readonly [Build, Build] {
  const code = new Uint8Array(readFileSync(`${BUILDS}/bedroom-bulb/.pioenvs/bedroom-bulb/raw_firmware.bin`));
  const changed = code.slice();
  for (const part of [0.2, 0.5, 0.8])
    changed.fill(0xa5, Math.floor(part * code.length), Math.floor(part * code.length) + 8);
  return [packaged(preset, code), packaged(preset, changed)];
}

/** What most dumps hold: boot code, an application, calibration, a few sectors of settings, and FF elsewhere. */
export function typicalFlash(preset: Preset, app: Uint8Array): Uint8Array {
  const flash = contentOf(preset, preset.jedecId, SEED);
  flash.set(app, APP_AT);
  for (let sector = 1; sector <= 8; sector++) {
    const at = preset.calibrationAt + sector * SECTOR;
    if (at + SECTOR <= flash.length) flash.set(noise(SEED + sector, 0x700), at);
  }
  return flash;
}

/** Boot code, and nothing behind it that could be skipped. */
export function randomFlash(preset: Preset): Uint8Array {
  const flash = contentOf(preset, preset.jedecId, SEED);
  flash.set(noise(SEED, flash.length - APP_AT), APP_AT);
  return flash;
}
