/** Advice for what is wrong with a file or with what was asked for, and for ends that are no fault. */
import type { FlasherErrorCode } from "./errors";
import { START_ALL_THE_SAME, START_STEPS } from "./startTrouble";
import { TRY_AGAIN, REPORT, REBUILD, type Remedy } from "./remedyWords";

/** Where it is not known which file would do. */
export const SERIAL_FILE =
  "Use the file of the same build that is for a serial port: the UF2 or the .rbl with 0x011000 in its name of ESPHome and LibreTiny, the QIO or UA file of OpenBeken.";

export const FILE_REMEDIES = {
  "image-empty": {
    title: "The file is empty.",
    steps: ["Check that the build or the download finished.", REBUILD],
  },
  "image-too-large": {
    title: "The file is too large for the chip or for its format.",
    steps: [
      "Check that it is the right file: firmware for these chips is about 1 MiB, a whole flash 2 or 4 MiB.",
      "If it is your own build, leave out components until it fits.",
    ],
  },
  "image-corrupt": {
    title: "The file is damaged: its own checks do not hold.",
    steps: [REBUILD, "If it is a backup, use another copy; a damaged one must not be written."],
  },
  "image-name-mismatch": {
    title: "The file's name says something else than its content.",
    steps: [
      "Check that you have the file you meant; it may have been renamed.",
      "Give it back its original name, or build it again.",
    ],
  },
  "image-wrong-chip": {
    title: "The file was built for another chip.",
    steps: [
      "Choose the board in your project that fits the chip, and build again.",
      "If you are sure about the chip, compare with the type printed on it.",
    ],
  },
  "image-chip-unknown": {
    title: "Nothing in the file tells which chip it is for, so whether it runs on this one is not known.",
    steps: [
      "Compare the chip's type with where the file comes from: firmware of another chip does not start.",
      "Only if you are sure that it is of such a chip: go on all the same (on the command line: --even-if-chip-unknown).",
    ],
  },
  "image-wrong-key": {
    title: "The file is scrambled with another key than this chip uses, so the chip could not run it.",
    steps: [
      "Build for a board that uses the chip's own key: Tuya modules carry the Tuya key, most others none.",
      "Or have the file re-encrypted for this chip while it is flashed, where that is offered (--rekey on the command line).",
      "Make a backup before trying anything else: the old firmware is known to fit.",
    ],
  },
  "image-wrong-offset": {
    title: "The file does not belong at the address that was given.",
    steps: [
      "Leave the address out: the file itself tells where it belongs.",
      "If the address is right, you have the wrong file.",
    ],
  },
  "image-needs-offset": {
    title: "The file does not tell where in the flash it belongs.",
    steps: [
      "Use a file that knows its place: firmware.uf2, or image_<chip>_app.0x011000.rbl, from ESPHome or LibreTiny.",
      "From OpenBeken use the QIO or UA file for your chip.",
      "To write raw data on purpose, give the address it belongs to (on the command line: --at and the address).",
    ],
  },
  "image-ota-only": {
    title: "The file is for updates over the air, and would not start if written over serial.",
    steps: [
      SERIAL_FILE,
      "Or install this file through the device's own update page.",
      "Or have the boot code unpack it, where it can: give the address of its download partition (on the command line: --at 0x132000 for BK7231T, --at 0x12A000 for BK7231N).",
    ],
  },
  "image-not-flashable": {
    title: "The file is part of a build, but not one that can be written to a chip.",
    steps: [SERIAL_FILE],
  },
  "image-foreign": {
    title: "The file is no firmware of these chips: it is something else, or has firmware inside something else.",
    steps: [
      "Read what it is: an archive is unpacked, a web page or a text downloaded again as the file it stands for.",
      "Use a file that a build or a maker of firmware made for these chips: firmware.uf2, an .rbl or .crc file, a QIO or UA file.",
    ],
  },
  "no-settings": {
    title: "There are no settings in the file that a configuration could be made of.",
    steps: [
      "Read the reason: it says what the file holds instead, and what would help.",
      "Use a backup of the whole flash that was made before other firmware was flashed: settings lie near its end.",
    ],
  },
  "partition-not-found": {
    title: "The file has no such partition.",
    steps: ["Run inspect on the file: it lists the partitions. A stretch is named as 0xSTART+0xLENGTH."],
  },
  "image-not-readable": {
    title: "What lies there cannot be made readable.",
    steps: ["Extract it as it lies in flash, without decrypting.", REBUILD],
  },
  "approval-missing": {
    title: "Nobody has agreed to the plan.",
    steps: [
      "Run `beken-flasher approve CODE` yourself at a terminal: it shows the plan and asks you.",
      "A code is good for one write within ten minutes; after that the assistant asks for a new one.",
    ],
  },
  "elf-unusable": {
    title: "The ELF file cannot name the places of this crash.",
    steps: [
      "Use raw_firmware.elf of the very build that ran: ESPHome keeps it in .esphome/build/NAME/.pioenvs/NAME, PlatformIO in .pio/build/ENV.",
      "If it was built again since, flash that build and wait for the next crash: addresses move with every build.",
    ],
  },
  "manifest-invalid": {
    title: "The JSON file beside the backup is not one this program can use.",
    steps: ["Move that file away: the backup is then judged by what it holds.", "If it is newer, update the flasher."],
  },
  "ledger-unusable": {
    title: "The ledger of the round cannot be gone on with.",
    steps: [
      "Give the round a ledger of its own, under another name (--ledger).",
      "Where another program works with it, end that first; a round and its ledger belong together.",
    ],
  },
  "backup-damaged": {
    title: "The backup is no longer what was read from the chip.",
    steps: ["Copy it again from where it was stored.", "Use another backup: this one was changed after it was made."],
  },
  "backup-worthless": {
    title: "The backup holds nothing that a device could run on.",
    steps: ["Use another backup, or the maker's firmware.", "If the device still works, make a new backup."],
  },
  "backup-not-a-dump": {
    title: "The file is no copy of a whole flash.",
    steps: [
      "Firmware is flashed, not restored: use flash with this file.",
      "If it is a backup that was cut, copy it again from where it was stored, or use another one.",
    ],
  },
  "backup-refused": {
    title: "The backup that was made first is worth nothing, and nobody was there to be asked, so nothing was written.",
    steps: [
      "Read again with better wires: what came over was blank, or no flash of a working device.",
      "If the flash is known to be empty, write without a backup (on the command line: --no-backup).",
      "Or run it at a terminal, where it asks whether to go on.",
    ],
  },
  "backup-unsound": {
    title: "The backup is damaged: code in it does not hold its own checksums.",
    steps: [
      "Copy it again from where it was stored, or use another backup.",
      "Flash an application that is whole, if only that is damaged: it does not need the rest of the backup.",
      "Only if there is no other: go on all the same (on the command line: --even-if-damaged). The device may not start.",
    ],
  },
  "backup-other-device": {
    title: "The earlier backup is not known to be of this device, so nothing was taken from it.",
    steps: [
      "Compare the MAC addresses: is it the device you meant?",
      "Make the backup without the earlier one: everything is read from the chip.",
    ],
  },
  "plan-out-of-range": {
    title: "The address range does not fit into the flash.",
    steps: [
      "Check start and length; both count bytes, and 0x marks hexadecimal.",
      "Look up the flash size of this chip in its information.",
    ],
  },
  "plan-overlap": {
    title: "Two parts of the file claim the same place in the flash.",
    steps: [REBUILD, "If you combined files yourself, check their addresses."],
  },
  "plan-touches-bootloader": {
    title:
      "The job would change the boot code below 0x011000, and without that most chips cannot be flashed over serial again.",
    steps: [
      "Use an application file, which starts at 0x011000.",
      "Only if you really mean to replace the boot code: make a backup, then allow it (on the command line: --allow-bootloader).",
    ],
  },
  "bootloader-not-confirmed": {
    title: "The change of the boot code was not confirmed: the chip's name has to be typed exactly as it is shown.",
    steps: [
      "Run it again and type the name (on the command line: --allow-bootloader and the name after it).",
      "If you did not mean to change the boot code, use an application file, or restore without it.",
    ],
  },
  "plan-touches-calibration": {
    title: "The job would erase the radio calibration and MAC address, which no file can replace.",
    steps: [
      "Choose a range that leaves the calibration out; the chip's information says where it is.",
      "Make a backup: it keeps this data safe.",
    ],
  },
  "plan-would-not-start": {
    title: "The device would not start afterwards, or there is reason to doubt that it would.",
    steps: [START_STEPS["boot-code"][0], START_STEPS.application[0], START_ALL_THE_SAME],
  },
  "plan-misaligned": {
    title: "Flash can only be erased in whole sectors of 4096 bytes.",
    steps: ["Choose start and length as multiples of 0x1000."],
  },
  "plan-empty": {
    title: "There is nothing to do.",
    steps: ["Choose a range of at least one byte, or a file with content."],
  },
  "file-not-found": {
    title: "The file does not exist.",
    steps: ["Check the path and the spelling.", "If it is a build, check that the build finished without errors."],
  },
  "file-exists": {
    title: "The file to write exists already.",
    steps: ["Choose another name, or move the old file away; it may be your only backup."],
  },
  "file-access": {
    title: "The file cannot be opened.",
    steps: ["Check that you may read it, or write in its folder.", TRY_AGAIN],
  },
  "file-not-stored": {
    title: "The disk did not take the file: it is full, read-only, or refuses files of this size.",
    steps: [
      "Make room, or choose a folder on another disk; the backup before a write goes where --backup or BEKEN_BACKUPS says on the command line.",
      "Run the same command again: what was read and stored before is kept, and it goes on from there.",
    ],
  },
  cancelled: {
    title: "The job was cancelled.",
    steps: ["Start it again whenever you like."],
  },
  internal: {
    title: "The flasher met a situation it does not know.",
    steps: [TRY_AGAIN, REPORT],
  },
} as const satisfies Partial<Record<FlasherErrorCode, Remedy>>;
