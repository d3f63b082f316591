/**
 * The status byte of a long reply, decoded: what it says, what that means on these chips, and what to do. Also the two
 * reports that a loader sends by itself before it restarts. Data only; which reply carries which byte is protocol/replies.ts.
 * Source: docs/protocol.md ("Status byte").
 */
import { GROUND, POWER, RESET, SHORT_WIRES, TRY_AGAIN } from "./remedyWords";
import { words, type Words } from "./words";

export interface StatusByte {
  /** What the chip says; reads on from "the chip's answer:". */
  readonly words: Words;
  /** What that means, for the user guide; whole sentences. */
  readonly means: string;
  /** What to do; none for 0, which is no failure. */
  readonly steps: readonly string[];
}

export const STATUS_UNKNOWN_COMMAND = 7;
/** Codes of the reports that a loader sends by itself; they take the place of a status. */
export const FAULT_REPORTS = [0xee, 0xfe] as const;

const FAULT: StatusByte = {
  words: words`the loader reports a fault and restarts`,
  means: "The program that answers has crashed, which a dip of the supply does, or damaged boot code.",
  steps: [POWER, RESET, "If it comes each time at the same step, keep the log: it says which command it was."],
};

export const STATUS_BYTES: Readonly<Record<number, StatusByte>> = {
  0: {
    words: words`done`,
    means:
      "The chip believes that it is done. Flash loaders say so even when the flash ignored an erase or a write, which is " +
      "why the flasher reads back and asks for CRCs.",
    steps: [],
  },
  1: {
    words: words`the flash is still busy`,
    means: "The flash had not finished the operation before this one.",
    steps: ["Wait a few seconds and run the same job again: a worn flash can take that long to erase.", POWER, RESET],
  },
  2: {
    words: words`the SPI transfer timed out`,
    means: "The chip did not get through to its own flash memory.",
    steps: [POWER, RESET, "If it stays, the flash or its connection to the chip is damaged."],
  },
  3: {
    words: words`the erase or program timed out`,
    means: "The flash took the command and did not come to its end in time.",
    steps: [POWER, RESET, TRY_AGAIN, "If the same address fails each time, the flash is worn out there."],
  },
  4: {
    words: words`the request had the wrong length`,
    means: "What arrived at the chip is not what was sent, or this loader wants the command in another form.",
    steps: [SHORT_WIRES, GROUND, TRY_AGAIN, "If it comes every time, keep the log: this loader may not be known yet."],
  },
  5: {
    words: words`the request arrived incomplete`,
    means: "Bytes were lost on their way to the chip.",
    steps: [SHORT_WIRES, GROUND, TRY_AGAIN],
  },
  6: {
    words: words`the address or size is refused`,
    means: "The loader keeps this address range to itself. Flash loaders say so about everything below their limit.",
    steps: [
      "The loader protects this address range; stay at or above 0x011000, where applications live.",
      "If you only wanted to read boot code, read it as part of a whole backup.",
    ],
  },
  [STATUS_UNKNOWN_COMMAND]: {
    words: words`the command is unknown`,
    means: "The program that answers does not have this command, or one byte of it was damaged on its way.",
    steps: [
      TRY_AGAIN,
      SHORT_WIRES,
      "If it comes every time, choose an operation that works here: reading, flashing and verifying work on every supported chip.",
    ],
  },
  [FAULT_REPORTS[0]]: FAULT,
  [FAULT_REPORTS[1]]: FAULT,
};

const UNKNOWN = words`a status without a known meaning`;

/** What a status byte or fault report says; words for unknown ones too. */
export function statusWords(status: number): Words {
  return STATUS_BYTES[status]?.words ?? UNKNOWN;
}
