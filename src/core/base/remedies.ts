/**
 * What to tell a person about each failure: what went wrong in one sentence, then what to do, most likely help first.
 * Written for someone with a soldering iron and a two-dollar bulb. The only place where advice is worded; shown by every
 * surface. Knows codes and contexts, nothing of how they came about.
 */
import { hexAddress } from "./bytes";
import type { ErrorContext, FlasherError, FlasherErrorCode, FlashCondition } from "./errors";

export interface Remedy {
  /** What failed, as one sentence. */
  readonly title: string;
  /** What to do, in this order; whole sentences, at least one. */
  readonly steps: readonly string[];
}

const WIRING =
  "Check the wires: adapter RX to the chip's TX1 (P11), adapter TX to the chip's RX1 (P10), GND to GND. " +
  "RX and TX swapped is the most common mistake.";
const POWER =
  "Give the module a steady 3.3 V: many adapters cannot supply the peaks of a Wi-Fi chip, a separate 3.3 V regulator can. " +
  "Connect all grounds.";
const SHORT_WIRES = "Use short wires, and choose a lower speed, 115200 being the safest.";
const RESET =
  "Cut the chip's power for a second, or pull CEN to GND for a moment, and let it go while the flasher waits.";
const TRY_AGAIN = "Run the same job again.";
const CLOSE_OTHERS =
  "Close whatever else may have the port open: serial monitors, ESPHome logs, other flashers, another window.";
const REPORT = "Please report it with the log: this is a fault of the flasher, not of your chip.";
const REBUILD = "Build or download the file again and compare its size with the original.";

/** One row for every code: a new code does not compile without advice. */
export const REMEDIES: Readonly<Record<FlasherErrorCode, Remedy>> = {
  "port-not-found": {
    title: "The serial port does not exist.",
    steps: [
      "Plug the USB adapter in, directly rather than through a hub, and list the ports again.",
      "Pick the port from the list: its name can change with every plugging.",
      "If the adapter never shows up, try another USB cable (some only charge) and install the driver for its chip.",
    ],
  },
  "port-busy": {
    title: "Another program is using the serial port.",
    steps: [CLOSE_OTHERS, "If nothing is open, unplug the adapter and plug it in again.", TRY_AGAIN],
  },
  "port-permission": {
    title: "This user account may not open the serial port.",
    steps: [
      "On Linux, add yourself to the group that owns the port (usually dialout or uucp), then log out and in again.",
      "Inside a container or a remote session, pass the port through to it.",
      TRY_AGAIN,
    ],
  },
  "port-invalid": {
    title: "This is not the name of a port that can be used.",
    steps: [
      "Use a name such as COM5 on Windows, /dev/ttyUSB0 on Linux or /dev/cu.usbserial-10 on macOS.",
      "For a serial port on the network write tcp://host:port.",
    ],
  },
  "host-unreachable": {
    title: "The network serial port does not answer.",
    steps: [
      "Check host name and port number, and that both machines are on the same network.",
      "Check that the serial server is running and no one else is connected to it.",
      TRY_AGAIN,
    ],
  },
  "serial-driver-missing": {
    title: "The part that talks to serial ports could not be loaded on this machine.",
    steps: [
      "Install the flasher again, for this operating system and processor.",
      "Until then, a network serial port (tcp://host:port) works without it.",
    ],
  },
  "no-link-silence": {
    title: "The chip sent nothing at all.",
    steps: [
      "Check that the chip has power: 3.3 V between VCC and GND, measured at the module.",
      WIRING,
      RESET,
      "Check that this is the right port, and that the adapter's levels are 3.3 V and not 5 V.",
      "Take other parts off the serial pins: a second microcontroller on the board can hold them.",
    ],
  },
  "no-link-noise": {
    title: "The chip sent something, but never an answer to the flasher.",
    steps: [
      "The firmware is probably running, so its loader must get a chance. " + RESET,
      "Use UART1 (P10 and P11): on UART2 (P0) there are only log messages.",
      "If what arrives looks like garbage, check GND first, then the supply.",
      POWER,
    ],
  },
  "no-link-echo": {
    title: "The adapter received only what it had sent itself.",
    steps: [
      "RX and TX touch or share one wire: look for a solder bridge, and for the adapter's loop-back jumper.",
      WIRING,
      "Unplug the wire from the chip's TX1: if the echo stays, the fault is at the adapter.",
    ],
  },
  "port-lost": {
    title: "The serial port vanished while it was in use.",
    steps: [
      "Plug the adapter in again; a loose plug or a supply that broke down is the usual cause.",
      POWER,
      "Start the job again from the beginning.",
    ],
  },
  "reply-timeout": {
    title: "The chip stopped answering.",
    steps: [POWER, SHORT_WIRES, RESET, TRY_AGAIN],
  },
  "reply-invalid": {
    title: "The chip's answers arrive damaged.",
    steps: [SHORT_WIRES, "Check GND: it must be connected at both ends.", POWER, TRY_AGAIN],
  },
  "chip-status": {
    title: "The chip's loader reported an error.",
    steps: [
      POWER,
      RESET,
      TRY_AGAIN,
      "If it stays, keep the log: it says which command was rejected, and with which status.",
    ],
  },
  "command-unsupported": {
    title: "This chip or this adapter cannot do what was asked.",
    steps: [
      "Where only the reset by control lines is missing, reset by hand: " +
        RESET.charAt(0).toLowerCase() +
        RESET.slice(1),
      "For anything else choose an operation that works here: reading, flashing and verifying work on every supported chip.",
    ],
  },
  "baud-change-failed": {
    title: "The chip or the adapter could not follow to the faster speed.",
    steps: ["Choose 115200, which always works, or the next lower speed.", SHORT_WIRES, RESET],
  },
  "chip-unknown": {
    title: "The chip answers, but the flasher cannot tell which one it is.",
    steps: [
      "Read the type on the chip or the module, and check that it is a Beken BK72xx.",
      "Make a backup first: reading needs no knowledge of the type.",
    ],
  },
  "chip-changed": {
    title: "After the reset a different chip answered than before.",
    steps: [
      "Leave the same module connected until the job is done.",
      "If you did not change it, the supply may be breaking down. " + POWER,
      "Start the job again from the beginning.",
    ],
  },
  "flash-unknown": {
    title:
      "The flash memory on this chip is of a type that is not in the table, so its write protection cannot be opened safely.",
    steps: [
      "Make a backup: reading works with every flash.",
      "Check wires and supply, then try again: a badly read id looks like an unknown one.",
      "Report the flash id from the log, so that the type can be added.",
    ],
  },
  "flash-dead": {
    title: "The flash memory does not answer: its id reads as all zeros or all ones.",
    steps: [POWER, RESET, "If it stays, the flash or its connection to the chip is damaged."],
  },
  "flash-protected": {
    title: "The flash memory refuses to be changed: its write protection stays on.",
    steps: [
      "Cut the chip's power for a few seconds; on some chips only that takes the protection off.",
      "Start the job again before doing anything else with the chip, above all before a verify.",
      POWER,
    ],
  },
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
  "image-unrecognised": {
    title: "The file is nothing that the flasher knows.",
    steps: [
      "From ESPHome or LibreTiny use firmware.uf2, or image_<chip>_app.0x011000.rbl from the build folder.",
      "From OpenBeken use the QIO or UA file for your chip.",
      "To write raw data on purpose, give the address it belongs to.",
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
      "Give the address (on the command line: --at 0x011000 for an application).",
      "Better, use a file that knows: firmware.uf2, or an .rbl with the address in its name.",
    ],
  },
  "image-ota-only": {
    title: "The file is for updates over the air, and would not start if written over serial.",
    steps: [
      "Use firmware.uf2 or image_<chip>_app.0x011000.rbl from the same build.",
      "Or install this file through the device's own update page.",
    ],
  },
  "image-not-flashable": {
    title: "The file is part of a build, but not one that can be written to a chip.",
    steps: ["Use firmware.uf2 or image_<chip>_app.0x011000.rbl from the same build."],
  },
  "manifest-invalid": {
    title: "The JSON file beside the backup is not one this program can use.",
    steps: ["Move that file away: the backup is then judged by what it holds.", "If it is newer, update the flasher."],
  },
  "backup-damaged": {
    title: "The backup is no longer what was read from the chip.",
    steps: ["Copy it again from where it was stored.", "Use another backup: this one was changed after it was made."],
  },
  "backup-worthless": {
    title: "The backup holds nothing that a device could run on.",
    steps: ["Use another backup, or the maker's firmware.", "If the device still works, make a new backup."],
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
  "plan-touches-calibration": {
    title: "The job would erase the radio calibration and MAC address, which no file can replace.",
    steps: [
      "Choose a range that leaves the calibration out; the chip's information says where it is.",
      "Make a backup: it keeps this data safe.",
    ],
  },
  "plan-misaligned": {
    title: "Flash can only be erased in whole sectors of 4096 bytes.",
    steps: ["Choose start and length as multiples of 0x1000."],
  },
  "plan-empty": {
    title: "There is nothing to do.",
    steps: ["Choose a range of at least one byte, or a file with content."],
  },
  "read-crc-mismatch": {
    title: "What was read differs from what the chip says it holds.",
    steps: [SHORT_WIRES, POWER, "Read again; do not rely on this file."],
  },
  "erase-failed": {
    title: "A part of the flash could not be erased.",
    steps: [POWER, RESET, TRY_AGAIN, "If the same address fails each time, the flash is worn out there."],
  },
  "write-failed": {
    title: "A part of the flash did not take what was written.",
    steps: [POWER, SHORT_WIRES, TRY_AGAIN, "If the same address fails each time, the flash is worn out there."],
  },
  "verify-failed": {
    title: "The flash does not hold what the file says.",
    steps: [
      POWER,
      "Flash the file again, at a lower speed.",
      "If the same address differs each time, the flash is worn out there.",
    ],
  },
  "frame-refused": {
    title:
      "The flasher stopped itself: it was about to send something that no plan covers or that could harm the chip.",
    steps: ["Nothing of it was sent.", REPORT],
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
    steps: ["Check that you may read it, or write in its folder, and that the disk is not full.", TRY_AGAIN],
  },
  cancelled: {
    title: "The job was cancelled.",
    steps: ["Start it again whenever you like."],
  },
  internal: {
    title: "The flasher met a situation it does not know.",
    steps: [TRY_AGAIN, REPORT],
  },
};

/** Steps that take the place of the general ones when the status byte tells more. */
const BY_STATUS: Readonly<Record<number, readonly string[]>> = {
  6: [
    "The loader protects this address range; stay at or above 0x011000, where applications live.",
    "If you only wanted to read boot code, read it as part of a whole backup.",
  ],
};

/** Codes whose title gains by naming the place in the flash. */
const WITH_PLACE: ReadonlySet<FlasherErrorCode> = new Set([
  "read-crc-mismatch",
  "erase-failed",
  "write-failed",
  "verify-failed",
  "flash-protected",
]);

const AFTERWARDS: Readonly<Record<FlashCondition, string | undefined>> = {
  untouched: undefined,
  "partly-written":
    "The flash is only partly written, so the device may not start: flash again. Nothing outside the planned range was changed.",
  written: "Everything was written, but not proven: verify the file, or flash it again.",
};

/** Puts a sentence of this file into the reader's language; `{0}` in it stands for the value. */
export type TranslateRemedy = (sentence: string, ...values: readonly string[]) => string;

const asWritten: TranslateRemedy = (sentence, ...values) =>
  sentence.replace(/\{(\d)\}/g, (_, index: string) => values[Number(index)] ?? "");

/**
 * The advice for one failure, sharpened by its context and by what it left behind on the chip.
 * @param translate called with each whole sentence, so that a surface can show it in another language
 */
export function remedyFor(error: FlasherError, translate: TranslateRemedy = asWritten): Remedy {
  const { code, context } = error;
  const steps = stepsFor(code, context).map((step) => translate(step));
  if (context.instead) steps.unshift(translate("Use {0} instead.", context.instead));
  const afterwards = AFTERWARDS[error.flash];
  if (afterwards !== undefined) steps.push(translate(afterwards));
  else if (code === "cancelled") steps.unshift(translate("Nothing was changed on the chip."));
  return { title: titleFor(code, context, translate), steps };
}

function titleFor(code: FlasherErrorCode, { address, port, file }: ErrorContext, translate: TranslateRemedy): string {
  const title = translate(REMEDIES[code].title);
  const at = WITH_PLACE.has(code) && address !== undefined ? translate("at {0}", hexAddress(address)) : undefined;
  const place = at ?? (code.startsWith("port-") ? port : code.startsWith("file-") ? file : undefined);
  // Before the full stop, whatever the language ends its sentences with.
  return place ? `${title.slice(0, -1)} (${place})${title.slice(-1)}` : title;
}

function stepsFor(code: FlasherErrorCode, context: ErrorContext): readonly string[] {
  if (code === "chip-status" && context.status !== undefined) return BY_STATUS[context.status] ?? REMEDIES[code].steps;
  return REMEDIES[code].steps;
}
