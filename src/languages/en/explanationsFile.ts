/** What failures of files and plans look like, and mean, and ends that are nobody's fault. */
import type { FlasherErrorCode } from "../../core/base/errors";
import type { Explanation } from "../explanation";

export const FILE_EXPLANATIONS = {
  "image-empty": {
    seen: "The file has no bytes.",
    means: "A build or a download was cut off before it began.",
  },
  "image-too-large": {
    seen: "The file is larger than any flash of these chips, or its application larger than its place.",
    means: "It is something else than firmware for these chips, or your configuration has outgrown the chip.",
  },
  "image-corrupt": {
    seen: "One of the file's own checksums does not hold, or it ends too early.",
    means: "It was damaged on its way to your disk. Flashed, it would not start.",
  },
  "image-name-mismatch": {
    seen: "Chip, kind or address in the file's name differ from what its content says.",
    means: "The file was renamed or mixed up with another one. Which of the two is right, only you can tell.",
  },
  "image-wrong-chip": {
    seen: "The file names a chip that cannot run on the one on the wire.",
    means: "Flashed, it would not start.",
  },
  "image-chip-unknown": {
    seen: "Boot code, texts and places in the file are those of no chip this program knows, or of several.",
    means:
      "Firmware of another chip is written and verified like any other, and does not start. The file's name is no proof.",
  },
  "image-wrong-key": {
    seen: "The application in the file is scrambled for another key than the chip's own code or fuses show.",
    means: "It would be written perfectly and never start. See [Keys](#keys).",
  },
  "image-wrong-offset": {
    seen: "The address that was given, or the one in the file, is not where this kind of file goes.",
    means: "At the wrong place it would not start, and would overwrite something else.",
  },
  "image-needs-offset": {
    seen: "Neither the content nor the name of the file tells what it is and where it belongs.",
    means:
      "Most often it is the wrong file of a build. Anything can be written where you say, but nothing of it can be checked.",
  },
  "image-ota-only": {
    seen: "The file is a container for updates over the air.",
    means: "Running firmware unpacks such a file; a chip cannot start it. The same build has a file for serial.",
  },
  "image-not-flashable": {
    seen: "The file is plain linker output, a blank dump, firmware for something else, or lacks what can be written over serial.",
    means: "It was recognised, and there is nothing in it that should be written to the chip.",
  },
  "image-foreign": {
    seen: "The content is an archive, a page, a text, a picture, a program, or a binary file that was treated as text.",
    means:
      "A download gave a page in place of the file, an archive was not unpacked, or a copy was made in text mode. It is written to no address.",
  },
  "no-settings": {
    seen: "The file was searched for the settings of Tuya's firmware and of OpenBeken.",
    means:
      "It is blank, ends too early, was made after other firmware was flashed, or is of a device whose wiring is in its maker's program. The message has the one reason.",
  },
  "partition-not-found": {
    seen: "Neither the table of the boot code nor the content of the file has a partition of that name, or the stretch lies behind its end.",
    means: "Names are those that inspect shows.",
  },
  "image-not-readable": {
    seen: "The stretch holds no code, no update package and no settings, or its key is not known, or it is damaged.",
    means: "It can be extracted as it lies in flash.",
  },
  "approval-missing": {
    seen: "An assistant has asked for a write, and no person has said yes to its plan: no code of that name waits, its ten minutes are over, the answer was no, or the command did not run at a terminal.",
    means: "Nothing was written. Programs that act for you make plans; only you approve them.",
  },
  "elf-unusable": {
    seen: "The file that was named with the log is no ELF file of this processor, has no symbols, or bears another build time than the firmware that crashed.",
    means: "Addresses of a crash mean something in the very build that crashed, and nothing in any other.",
  },
  "manifest-invalid": {
    seen: "The .json file beside the backup cannot be read as a manifest of this program.",
    means: "It was edited, cut off, or written by a newer version.",
  },
  "ledger-unusable": {
    seen: "The ledger of a round cannot be read, is of another file than the one that is to be flashed, or is in use.",
    means:
      "It was edited, cut off or written by a newer version, a round with another build has that name, or a second round was started with it. Nothing was flashed.",
  },
  "backup-damaged": {
    seen: "The dump's CRC differs from the one in its manifest.",
    means: "The file was changed after it was read from the chip. Written back, the damage would be on the chip.",
  },
  "backup-worthless": {
    seen: "The dump is blank, all zeros, or has neither boot code nor application.",
    means: "It came from a read that failed without anybody noticing. A device with this in its flash does not start.",
  },
  "backup-not-a-dump": {
    seen: "The file is firmware for one address, or is as long as no flash is; no manifest is beside it.",
    means:
      "A restore writes every byte to the address it has in the file. Firmware would lie 0x11000 bytes too low and not start; " +
      "of a backup that was cut, the rest would be another firmware's.",
  },
  "backup-refused": {
    seen: "The copy that was read before the write is blank, all zeros, or has neither boot code nor application.",
    means: "Without a terminal nobody can say that it is right so. The chip was not touched.",
  },
  "backup-unsound": {
    seen: "CRC-16 blocks, or the sums of the RBL header, do not hold in the application of the backup, or in boot code that is restored too.",
    means: "The file was damaged after it was read, or the device's own flash was: what is restored may not start.",
  },
  "backup-other-device": {
    seen: "The earlier backup has another MAC address or calibration than this device, none, one that many devices share, or is not of a whole flash.",
    means:
      "Only calibration and a MAC address of its own tell a device from others of its kind, so nothing of that backup is taken for this one.",
  },
  "plan-out-of-range": {
    seen: "The range ends beyond the flash.",
    means: "Addresses past the end wrap to the start, where the boot code is, so nothing was sent.",
  },
  "plan-overlap": {
    seen: "Two parts of the file, each sound, are for the same addresses.",
    means: "One would destroy the other. Files that were put together by hand look like this.",
  },
  "plan-touches-bootloader": {
    seen: "The job reaches below 0x011000.",
    means:
      "There is the boot code. On chips without a ROM loader it is also what answers the flasher: if it is lost, the flash " +
      "has to be desoldered, or programmed with a clip.",
  },
  "bootloader-not-confirmed": {
    seen: "What was typed, or given with --allow-bootloader, is not the name of the chip that answers.",
    means:
      "Boot code is changed only after a copy of it was stored and checked, and the chip's name was typed: BK7231N, not " +
      "bk7231n. Where nobody can be asked, the name must come with the command. Nothing was changed.",
  },
  "plan-touches-calibration": {
    seen: "The job reaches into the sector with radio calibration and MAC address.",
    means: "Both were measured for this very device in the factory, and no download brings them back.",
  },
  "plan-would-not-start": {
    seen:
      "With the plan carried out, boot code or application would be missing, damaged, of another chip or for another key, " +
      "as the flash and the file show.",
    means:
      "It would be written and verified perfectly, and the device would stay dark. Boot code that is lost on a chip with a " +
      "boot ROM can be brought back over the same wires; see [A device that does not start](#a-device-that-does-not-start). " +
      "Nothing was changed.",
  },
  "plan-misaligned": {
    seen: "Start or length is not a multiple of 4096.",
    means: "The flash would erase more than was asked for, so nothing was sent.",
  },
  "plan-empty": {
    seen: "The range has no bytes, or the file nothing to write.",
    means: "Nothing was done.",
  },
  "file-not-found": {
    seen: "There is no file or folder of that name.",
    means: "A typing mistake, or a build that did not finish.",
  },
  "file-exists": {
    seen: "There is a file of that name already.",
    means: "The flasher never replaces a file: it could be the only copy of your device's firmware.",
  },
  "file-access": {
    seen: "The operating system refused to read or write the file, or the disk did not keep what was written.",
    means: "A missing right, a name that is too long, or a folder in place of a file.",
  },
  "file-not-stored": {
    seen: "The operating system had no room for the file, or the file system is mounted read-only.",
    means: "The job ended before it could lose anything. What was stored until then is used by the next run.",
  },
  cancelled: {
    seen: "You stopped the job, or pressed Ctrl-C.",
    means: "Erases and writes under way were finished first. The message says what the flash was left with.",
  },
  internal: {
    seen: "Something happened that no other code describes.",
    means: "A fault of this program. The log holds the details.",
  },
} as const satisfies Partial<Record<FlasherErrorCode, Explanation>>;
