/** What the failures between the computer and the flash look like, and mean: the port, the link, the chip, the operation. */
import type { FlasherErrorCode } from "../../core/base/errors";
import type { Explanation } from "../explanation";

export const WIRE_EXPLANATIONS = {
  "port-not-found": {
    seen: "The operating system has no device of that name, or no adapter is plugged in, or several are and none was named.",
    means: "Nothing was sent to any chip. Names change: an adapter can be COM5 today and COM6 tomorrow.",
  },
  "port-busy": {
    seen: "The operating system lets another program have the port, or the driver did not open it in time.",
    means: "Two programs on one wire would garble each other, so the flasher takes a port for itself or not at all.",
  },
  "port-permission": {
    seen: "The operating system knows the port and refuses to open it.",
    means: "The port is fine; this account lacks the right. It happens on Linux, and in containers.",
  },
  "port-invalid": {
    seen: "The text is no port name, or what it names does not open as a serial port.",
    means: "Most often a typing mistake, or a network port without its number.",
  },
  "host-unreachable": {
    seen: "No connection to that host and port number was made.",
    means: "The serial server is off, on another network, behind a firewall, or listens on another port.",
  },
  "serial-driver-missing": {
    seen: "The native part of the serial driver did not load.",
    means: "The flasher was installed for another system or processor, or only in part. The chip was not touched.",
  },
  "no-link-silence": {
    seen: "Link checks went out all the time, and not one byte came back.",
    means:
      "The chip is not powered, GND is not joined, RX and TX are crossed or on other pins, CEN is held low, or the chip was not reset " +
      "while the flasher waited: the loader listens for a few milliseconds after a reset only. On the wire all of these look the same.",
  },
  "no-link-noise": {
    seen: "Bytes came back, but none of them was an answer to a link check.",
    means:
      "The chip is alive. Text means that its firmware is running and it was not reset; garbage means a missing ground, " +
      "a weak supply or the wrong pins.",
  },
  "no-link-echo": {
    seen: "Exactly what was sent came back.",
    means: "RX and TX are joined somewhere. That the adapter works is proven; the chip was never heard.",
  },
  "port-lost": {
    seen: "The port went away in the middle of the job, and did not come back in the time given for linking.",
    means:
      "A loose plug, a bad cable, or a supply that broke down and took the adapter with it. Plugged in again in time, into " +
      "whatever socket, the job would have gone on; another adapter, or one of several alike, is not taken for it.",
  },
  "reply-timeout": {
    seen: "A request was repeated, and its answer never came, or not whole.",
    means:
      "The chip lost power or crashed, or bytes are lost on the way. At the first erase it is nearly always the supply, at " +
      "changing places the wires or the speed.",
  },
  "reply-invalid": {
    seen: "Answers came that do not fit what was asked, or no two readings of a place were the same.",
    means: "Bytes are damaged on their way. Nothing that was received so was believed.",
  },
  "chip-status": {
    seen: "The loader answered with a status byte other than 0, or reported a fault of its own.",
    means: "It did not do what was asked. Each value has a meaning of its own: see [Status bytes](#status-bytes).",
  },
  "command-unsupported": {
    seen: "The loader answered that it does not know the command, or the adapter or system cannot do what was asked.",
    means: "Old loaders know few commands; pseudo-terminals and network ports have no control lines.",
  },
  "baud-change-failed": {
    seen: "The adapter's driver refused a speed, or the chip was heard at neither the old nor the new one.",
    means: "Not every adapter makes every speed. The chip is found again after its next reset.",
  },
  "chip-changed": {
    seen: "After a reset in the middle of the job, other boot code or another chip id answered.",
    means: "The rest of the job was meant for the other chip, so it was stopped.",
  },
  "flash-unknown": {
    seen: "The flash names itself with an id that is not in the table.",
    means: "Which bits protect it, and which lock it for good, is not known, so its protection is left alone.",
  },
  "flash-dead": {
    seen: "The flash's id reads as 000000 or FFFFFF, or the whole flash reads as zeros.",
    means:
      "The chip talks, its flash does not: the supply is too weak for it, or the flash or its contacts are damaged.",
  },
  "flash-protected": {
    seen: "An erase was answered with done, and the flash still holds what it held, or its protection bits stay set.",
    means:
      "The flash ignores changes. On old loaders a CRC asked for by any tool locks it until the next reset; the flasher " +
      "resets the chip and tries again before it says this.",
  },
  "read-crc-mismatch": {
    seen: "A sector was read again and again, and never matched the chip's own CRC of it.",
    means: "The file would not be what is on the chip, so none was stored.",
  },
  "erase-failed": {
    seen: "After an erase, which was repeated, some bytes of the sector are not FF.",
    means: "The supply dips while erasing, or this part of the flash is worn out.",
  },
  "write-failed": {
    seen: "A sector was written and read back, more than once, and does not hold what was sent.",
    means: "The flash takes erases but not this write: supply, wires, or a worn sector.",
  },
  "verify-failed": {
    seen: "The chip's own CRC of at least one sector differs from the file's.",
    means:
      "After a flash: some sectors came out wrong and rewriting them did not help. As an answer to a verify: the chip holds " +
      "something else, which may be just what you wanted to know. Firmware stores settings in the flash, so a backup of a " +
      "device that ran since differs too.",
  },
  "stray-write": {
    seen: "The chip's answer to an erase or write named an address that was not sent.",
    means:
      "Frames of this protocol carry no checksum. One was damaged on its way, and the chip did as it understood, at the " +
      "place the message names. The plan itself was carried out.",
  },
  "frame-refused": {
    seen: "A frame was about to leave that the approved plan does not cover, or that can wedge or damage a chip.",
    means: "The last wall held: nothing was sent. It should never come to this.",
  },
} as const satisfies Partial<Record<FlasherErrorCode, Explanation>>;
