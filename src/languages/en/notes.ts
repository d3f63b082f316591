/**
 * For the user guide: what the notes of a job mean and whether they ask for anything, and the warnings that files and
 * backups carry. Knows their codes, not where they come from.
 */
import type { NoteCode } from "../../core/jobs/events";
import type { RestoreWarningCode } from "../../core/backup/restorePlan";

export const NOTE_EXPLANATIONS: Readonly<Record<NoteCode, string>> = {
  "control-lines-unavailable": "The port has no RTS and DTR, or refuses to set them. Power-cycle the chip when asked.",
  "lines-raised":
    "Drivers do that before a program can do anything about it: Linux and macOS raise both lines, Windows RTS, browsers both. It is said once for each adapter. Nothing to do where CEN is not wired to the adapter.",
  "reset-line-held":
    "The adapter's output is inverted, or a transistor is between it and CEN. The flasher remembers it for this adapter. Other programs that release the line, or a closed port, stop the chip.",
  "baud-fallback": "Wires, adapter or chip do not carry that speed. Short wires help; the result is the same.",
  "baud-fixed": "A network port has the speed that its own server was set to.",
  "line-loses-bytes":
    "Shorter wires, a common ground or another adapter make it quick again. What is read is proven by the chip's CRC all the same; writing may fail.",
  retry: "Once is nothing. Many of them mean long wires, a missing ground or a weak supply.",
  repair: "It was read or written again, and is proven by the chip's CRC. Many of them point to the supply.",
  "needs-reset": "Old loaders stop writing after a CRC until they are reset. The flasher does it where it can.",
  "unknown-bootloader": "Its fingerprint is new. The chip is then treated in the way that is right for all.",
  unprotected: "The flash's protection bits were on. They are put back afterwards where the flash keeps them.",
  "image-warning": "See [Warnings about files](#warnings-about-files).",
  "key-unknown":
    "There is no application on the chip, or none in the file, to tell a key by. Be sure that the file fits.",
  "chip-inferred":
    "Nobody has told us yet what this chip does with this program. What is known of it is other tools' source code: see [Chips nobody has told us about](#chips-nobody-has-told-us-about).",
  "chip-is-a-guess":
    "BK7236 and BK7258 have one id; the size of the flash decided which this one is. Go on if the chip's print says what the file is for.",
  "boot-area-read-refused": "The chip cannot be told by its boot code; its other answers have to do.",
  resumed: "What an earlier run had done was checked on the chip, and is not done again.",
  "since-backup": "What the chip's CRC says is as it was in that backup is taken from there, and the rest is read.",
  reprotected: "As it was before the job, or before an interrupted one that had lifted it.",
  "locked-until-reset": "Reset the chip before you use another tool on it. This flasher does that by itself.",
  "adapter-lost":
    "Its plug, its cable or its supply gave way. Plug it in again, into any socket; the job goes on where it stopped.",
  "adapter-back": "It was told from others by its ids, maker and serial number, and the chip on it is the same one.",
  "outside-changed":
    "Answers were lost, and that place differs from the backup made before. The firmware may have stored something there " +
    "when the chip started in between; or a command was damaged on the way.",
  compared: "These parts of the flash were compared with the file: of a backup or a QIO image all that it holds.",
  "chip-unmarked":
    "It has no calibration, or a MAC address that many devices share. Leave the same chip connected until the job has ended; " +
    "should you have swapped it, the job notices by its content, and stops, where the content differs.",
  "stray-possible":
    "A command or its answer was damaged on the way. If that place was in use before the job, restore the backup.",
  "option-unused": "The job goes on without it. If you count on it, look at the file and the chip again.",
  "reprotect-failed": "Everything else went well. The device works without the protection.",
  "protection-in-doubt":
    "A job on a chip without marks of its own was killed, and this may be that chip. The device works without the protection; " +
    "start it once, and its firmware usually sets it. It is put back here only where the chip holds all that was written and " +
    "the register is as it was left. Told at each write, until the journal is deleted.",
};

export const IMAGE_WARNINGS = {
  "content-unchecked":
    "Behind the programs the file holds something that is none, such as a file system; it goes where it lies, unchecked.",
  "raw-at-given-address": "What the file holds is not known; it goes where you said, unchecked.",
  "bytes-behind-end":
    "A transfer in text mode, an editor or a programmer has put them there. The content is whole by its own lengths and checksums, and nothing else is written.",
  "filler-without-header": "The image is padded, yet has no RBL header. Boot code that wants one may not start it.",
  "key-other": "It fits only a chip that carries this very key.",
  "bootloader-not-recognised": "The start of the dump is no known boot code. It is left out unless you insist.",
  "package-not-encrypted":
    "It goes where you said. Boot code of Tuya's kind wants packages encrypted, as builds make them, and says so on its log port.",
  "no-partition-table": "The usual place of the application, 0x011000, is taken.",
  "no-rbl-header": "Boot code that wants a header does not start the application without it.",
  "name-format-differs": "The file is taken for what it holds, not for what it is called.",
  "name-chip-differs": "The name says another chip of the same family than the content.",
  "application-past-usual-partition":
    "It is longer than the partition that 2 MiB of flash usually have for it; on such a chip it may reach into other data.",
  "application-area-only": "The file begins with boot code, which is left as it is on the chip.",
  "shifted-dump": "It was read from 0x011000 on, round the end of the flash. What belongs where is known.",
  "rbl-header-stale":
    "Another application was put there without a header of its own; that one is taken, up to its end.",
  "chip-by-name":
    "The content is silent about the chip. A name can be wrong: compare it with where the file comes from.",
  "chip-not-told":
    "Neither content nor name tells the chip. Firmware of another chip is written like any other, and does not start.",
  "end-not-marked":
    "The blocks of the application hold as far as they go. What lies behind is something else, or its end was damaged.",
  "rbl-header-placed": "A .crc and its .rblh were put into one file. Each goes where a UF2 of the same build puts it.",
  "rbl-header-without-place":
    "A .crc and its .rblh were put into one file. The application starts without the header; a UF2 or .rbl has it.",
  "re-keyed": "The application was re-encrypted in memory for the key of this chip, as you asked.",
} as const;

export const RESTORE_WARNINGS: Readonly<Record<RestoreWarningCode, string>> = {
  "no-manifest": "Whether the dump is still what was read cannot be told; it is judged by its content.",
  "other-device": "Settings, Wi-Fi passwords and cloud identity of the other device come along.",
  "other-flash-part": "It fits by size; the part is another.",
  "size-assumed": "The chip did not tell the size of its flash. Compare with its information.",
  "key-unknown": "Whether the dump's firmware runs on this chip could not be checked.",
  suspicious: "Something that a whole dump has is missing or odd; the sentence with it says what.",
  "chip-unknown": "Neither a manifest nor the content tells the chip. You are asked before anything is written.",
  damaged: "Checksums of the code itself do not hold. Where that code is written, you are asked before.",
  "bytes-behind-end": "They were put there after the flash was read. The copy itself is as long as a flash.",
  "put-right": "The dump was stored in another order than the flash has, as some tools do, and was put in order.",
  "bootloader-differs": "The backup's boot code is another than this device's, which stays.",
  "calibration-missing":
    "None was found on this chip. What it gets comes from the backup, if there is one in it, and the radio may work badly.",
  "calibration-replaced": "You asked for it: the radio works as it was measured for the backup's device.",
  "calibration-copied": "This device's calibration goes to the place where the backup's firmware looks for it.",
  "calibration-left-out":
    "The backup's firmware looks for calibration at another place than this device has it, and may not find it.",
  "calibration-place-in-use":
    "The backup has other data where this device keeps its calibration; that part of the backup is left out.",
};
