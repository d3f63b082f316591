/** Advice for what goes wrong between the computer and the flash: the port, the link, the chip, the operation. */
import type { FlasherErrorCode } from "./errors";
import { WIRING, POWER, SHORT_WIRES, GROUND, RESET, TRY_AGAIN, CLOSE_OTHERS, REPORT, type Remedy } from "./remedyWords";

export const WIRE_REMEDIES = {
  "port-not-found": {
    title: "The serial port does not exist.",
    steps: [
      "Plug the USB adapter in, directly rather than through a hub, and list the ports again.",
      "Pick the port from the list: its name can change with every plugging.",
      "If the adapter never shows up, try another USB cable (some only charge) and install the driver for its chip.",
      "On Linux, if it shows up and goes again at once, brltty has taken it for a Braille display: remove brltty, then plug it in again. Under WSL, pass it through with usbipd.",
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
      "For a serial port on the network write tcp://host:port, or rfc2217://host:port where the server speaks that.",
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
      GROUND,
      WIRING,
      "Take everything off CEN: held low, it keeps the chip in reset, and a chip in reset says nothing.",
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
    steps: [SHORT_WIRES, GROUND, POWER, TRY_AGAIN],
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
  "stray-write": {
    title: "On its way to the chip a command was damaged, and the chip changed a place that was not in the plan.",
    steps: ["Restore the backup of this device: it holds what was at that place.", SHORT_WIRES, GROUND],
  },
  "frame-refused": {
    title:
      "The flasher stopped itself: it was about to send something that no plan covers or that could harm the chip.",
    steps: ["Nothing of it was sent.", REPORT],
  },
} as const satisfies Partial<Record<FlasherErrorCode, Remedy>>;
