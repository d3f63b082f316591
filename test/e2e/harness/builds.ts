/** The genuine builds of examples/ that the tests flash: where they are in the explorer, and what must be in the flash then. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Where application files go. */
export const APP_AT = 0x11000;

const ESPHOME = "esphome/.esphome/build";

export interface ExampleFile {
  /** Below examples/, as the explorer shows it. */
  readonly path: string;
  readonly name: string;
  readonly bytes: Uint8Array;
}

function example(path: string): ExampleFile {
  return {
    path,
    name: path.slice(path.lastIndexOf("/") + 1),
    bytes: new Uint8Array(readFileSync(join("examples", path))),
  };
}

/** For a BK7231T: the files of one ESPHome build. */
export const BULB = {
  device: "Bedroom Bulb",
  rbl: example(`${ESPHOME}/bedroom-bulb/.pioenvs/bedroom-bulb/image_bk7231t_app.0x011000.rbl`),
  uf2: example(`${ESPHOME}/bedroom-bulb/.pioenvs/bedroom-bulb/firmware.uf2`),
  /** What the UF2 writes: the application as it is stored, and where its partition ends the header. */
  crc: example(`${ESPHOME}/bedroom-bulb/.pioenvs/bedroom-bulb/image_bk7231t_app.0x011000.crc`),
  header: example(`${ESPHOME}/bedroom-bulb/.pioenvs/bedroom-bulb/image_bk7231t_app.0x129F0A.rblh`),
  headerAt: 0x129f0a,
  ota: example(`${ESPHOME}/bedroom-bulb/.pioenvs/bedroom-bulb/image_bk7231t_app.ota.rbl`),
};

/** For a BK7231N. */
export const PLUG = {
  device: "Hall Plug",
  rbl: example(`${ESPHOME}/hall-plug/.pioenvs/hall-plug/image_bk7231n_app.0x011000.rbl`),
  crc: example(`${ESPHOME}/hall-plug/.pioenvs/hall-plug/image_bk7231n_app.0x011000.crc`),
};
