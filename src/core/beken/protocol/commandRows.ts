/**
 * The vocabulary of the command table: what each request carries, what each reply yields, what a row must say.
 * Types and erase sizes only; the rows are in shortCommands.ts and longCommands.ts.
 */
import type { Words } from "../../base/words";
import type { CommandName } from "../chips/types";
import type { ReplyRow } from "./replies";

export type NoFields = Readonly<Record<string, never>>;

/** What the commands named 4k read, write and erase, and the smallest erase there is: a fact of this protocol, whatever a flash could do. */
export const COMMAND_SECTOR = 0x1000;
/** What its largest erase erases. */
export const COMMAND_BLOCK = 0x10000;

/** A 4 KiB, 32 KiB or 64 KiB erase, as the flash's own command byte. */
export type EraseSizeCode = 0x20 | 0x52 | 0xd8;
export const ERASE_SIZES: Readonly<Record<EraseSizeCode, number>> = {
  0x20: COMMAND_SECTOR,
  0x52: 0x8000,
  0xd8: COMMAND_BLOCK,
};

/**
 * Where in its sector or block an erase points, for loaders that are lost with the boot code. The flash rounds down, so any
 * address in the unit means the unit; but of a frame that a byte is added to (a glitch on the line, a byte sent twice) these
 * bits become the upper ones. Behind 0x026000 the loader would read 0x02600000, which is address 0 on a flash of 2 MiB; with
 * 0x808 in the low bits it reads 0x02680800 and the like, in the middle of the application (docs/protocol.md, "Resynchronising").
 */
export const INSIDE_ERASE = 0x808;

/**
 * Registers that hold the id of one ROM chip or another, in the order they are asked; flash loaders do not know the question. Reading
 * them changes nothing. The first is that of all chips with eFuse; where it says nothing, the second, of Armv8-M chips, does. Beken's
 * own tool and tyutool ask the second first of every chip; of the many BK7231N and BK7238 only an answer of the first is on record.
 */
export const CHIP_ID_REGISTERS = [0x00800000, 0x44010004] as const;

interface AtAddress {
  /** Bytes of flash, as the loader gets it: aliases past the flash end included. */
  readonly address: number;
}

/** What each request carries. Registers and addresses are 32 bits on the wire, little-endian. */
export interface CommandFields {
  /**
   * `padded`: with eight bytes behind it, which loaders take as well [run: all nine of docs/protocol.md], and firmware that waits for
   * the bare frame passes over.
   */
  linkCheck: { readonly padded?: true };
  writeRegister: AtAddress & { readonly value: number };
  readRegister: AtAddress;
  reboot: NoFields;
  /** `delay` in ticks of the loader, each `tickMs` long: it answers that much later, at the new rate. */
  setBaudRate: { readonly baud: number; readonly delay: number; readonly tickMs: number };
  /** `length` bytes from `start`; `range` as in the protocol profile: on `pages` whole multiples of 256 bytes only. */
  checkCrc: { readonly start: number; readonly length: number; readonly range: "pages" | "inclusive" };
  readBootVersion: NoFields;
  resetRom: NoFields;
  stayRom: NoFields;
  /** 1 to 128 whole chunks of 32 bytes, at a multiple of 32. */
  writeFlash: AtAddress & { readonly data: Uint8Array };
  /** One whole sector. */
  writeFlash4k: AtAddress & { readonly data: Uint8Array };
  readFlash: AtAddress & { readonly length: number };
  readFlash4k: AtAddress;
  eraseFlash4k: AtAddress;
  /** `command`: 0x05, 0x35 or 0x15 for the first, second or third status byte. */
  readStatusRegister: { readonly command: number };
  /**
   * `command` 0x01 writes from the first status byte, 0x31 the second alone; `value` holds the `bytes` bytes sent,
   * first lowest.
   * `current`: the whole status as it is now, first byte lowest. A lock bit may stay but not be newly set.
   */
  writeStatusRegister: {
    readonly command: number;
    readonly value: number;
    readonly bytes: 1 | 2;
    readonly current: number;
  };
  /** Bytes clocked out with the flash selected; as many come back, the first one meaningless. */
  spiTransfer: { readonly bytes: Uint8Array };
  /** `erase32k`: the loader is known to do 32 KiB erases (others answer "done" and do nothing). */
  /** `inside`: bytes that the frame's address lies behind the unit's first; the flash drops them. See {@link INSIDE_ERASE}. */
  eraseFlash: AtAddress & { readonly sizeCode: number; readonly erase32k?: boolean; readonly inside?: number };
}

/** What each reply yields. */
export interface CommandValues {
  linkCheck: undefined;
  writeRegister: undefined;
  readRegister: number;
  reboot: undefined;
  setBaudRate: undefined;
  /** The usual CRC-32: the loader's answer with all bits inverted. */
  checkCrc: number;
  readBootVersion: string;
  resetRom: undefined;
  stayRom: undefined;
  writeFlash: undefined;
  writeFlash4k: undefined;
  readFlash: Uint8Array;
  readFlash4k: Uint8Array;
  eraseFlash4k: undefined;
  readStatusRegister: number;
  writeStatusRegister: undefined;
  spiTransfer: Uint8Array;
  eraseFlash: undefined;
}

/** What a request may change in the flash; addresses as sent. */
export type FlashEffect =
  | { readonly kind: "none" }
  | { readonly kind: "status" }
  | { readonly kind: "erase" | "program"; readonly address: number; readonly length: number };

export interface CommandRow<Fields, Value> {
  readonly code: number;
  readonly form: "short" | "long";
  /** What is being attempted, as a verb phrase for messages. */
  doing(fields: Fields): Words;
  /** The payload behind the code. Throws ProtocolError "frame-refused". */
  encode(fields: Fields): Uint8Array;
  effect(fields: Fields): FlashEffect;
  /** undefined: the chip does not answer. */
  readonly reply: ReplyRow<Fields, Value> | undefined;
  /** Time the chip itself may take, in ms, the bytes on the wire not counted. */
  workMs(fields: Fields): number;
}

export type CommandTable = { readonly [Name in CommandName]: CommandRow<CommandFields[Name], CommandValues[Name]> };
