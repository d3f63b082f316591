/** What keeps a device from starting, as far as it decides what helps, and the advice that goes with it. */

export type StartTrouble =
  /** The boot code is missing, damaged, or not of this chip. */
  | "boot-code"
  /** The application is. */
  | "application"
  /** The application is for another key than the chip's. */
  | "key";

/** First of all advice, most likely help first. */
export const START_STEPS = {
  "boot-code": [
    "Bring the boot code back first, from a backup of this device, or from a QIO image or a backup of another device with the same chip and key (on the command line: restore FILE --only-bootloader; in the editor: Bring Back Boot Code).",
    "Then run this job again.",
  ],
  application: [
    "Use a file with a whole application for this chip, such as firmware.uf2, and leave out any address: the file knows its place.",
  ],
  key: [
    "Have the file re-encrypted for this chip while it is flashed (on the command line: --rekey), or use one that was built for this chip's key.",
  ],
} as const satisfies Readonly<Record<StartTrouble, readonly string[]>>;

export const WITH_ITS_BOOT_CODE =
  "This file brings boot code for this chip along: have it written too (on the command line: --allow-bootloader and the chip's name).";

/** Where boot code is all that answers over serial, nothing brings it back over serial either. */
export const LIFELINE_START_STEPS: readonly string[] = [
  "Do not switch the chip off: its boot code still runs, and after that nothing answers over serial any more. Make a backup now.",
  "Only an SPI programmer on the pins of the flash brings the boot code back on this chip.",
];

export const START_ALL_THE_SAME =
  "To write it all the same, agree to that (on the command line: --even-if-it-cannot-start). Nothing was changed yet.";
