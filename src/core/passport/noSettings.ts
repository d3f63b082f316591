/** Why no settings could be read out of a file, and what to do: exactly one reason for each file. */
import { words, type Words } from "../base/words";

export type NoSettingsCode =
  | "too-short"
  | "erased"
  | "openbeken-config-damaged"
  | "openbeken-without-pins"
  | "esphome-preferences"
  | "no-key-block"
  | "nothing-decrypts"
  | "too-few-blocks"
  | "no-entries"
  | "no-pins";

export interface NoSettings {
  readonly code: NoSettingsCode;
  readonly words: Words;
  readonly todo: Words;
}

const READ_AGAIN = words`Read the whole flash once more, and compare the two files.`;

const REASONS: Readonly<Record<NoSettingsCode, { readonly words: Words; readonly todo: Words }>> = {
  "too-short": {
    words: words`The file is too short to hold settings.`,
    todo: words`Read the whole flash: settings lie near its end.`,
  },
  erased: {
    words: words`The file is blank: the flash was erased, or did not answer while it was read.`,
    todo: words`Read the chip again. If it is blank there too, the settings are gone; look for an older backup.`,
  },
  "openbeken-config-damaged": {
    words: words`The file has OpenBeken's settings, but they are damaged.`,
    todo: READ_AGAIN,
  },
  "openbeken-without-pins": {
    words: words`The file has OpenBeken's settings, and no pin is set in them.`,
    todo: words`Take the backup that was made before OpenBeken was flashed, or set the pins up on OpenBeken's page first.`,
  },
  "esphome-preferences": {
    words: words`The file has what ESPHome remembers between starts, and that holds no pins.`,
    todo: words`The pins are in the YAML it was built from, or in a backup that was made before ESPHome was flashed.`,
  },
  "no-key-block": {
    words: words`There is no key block of Tuya's storage in the file, and no settings of OpenBeken or ESPHome either.`,
    todo: words`Take a backup that was made before other firmware was flashed; a part of the flash must reach to its end.`,
  },
  "nothing-decrypts": {
    words: words`There is a key block of Tuya's storage, but nothing in the file decrypts with it.`,
    todo: words`The file may end too early, or come from two devices. ${READ_AGAIN}`,
  },
  "too-few-blocks": {
    words: words`Only one block of Tuya's storage is left, which is not enough to hold settings.`,
    todo: READ_AGAIN,
  },
  "no-entries": {
    words: words`Tuya's storage decrypts, but holds no entries.`,
    todo: words`The device was never set up, or its settings were cleared. Its pins are then in no backup; look at the board.`,
  },
  "no-pins": {
    words: words`Tuya's storage holds no pins: the wiring of this device is in its maker's program.`,
    todo: words`Follow the tracks on the board, or look the model up in a device database. Pins out of the program itself are not offered: they are other devices' as often as not.`,
  },
};

export function noSettings(code: NoSettingsCode): NoSettings {
  return { code, ...REASONS[code] };
}
