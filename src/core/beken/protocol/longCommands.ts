/**
 * The commands in long frames: everything that touches the flash. Their replies carry a status byte, which is "done"
 * also when a protected flash ignored the command: success is only what reads back.
 * Codes and payloads: docs/protocol.md ("Commands").
 */
import { concat, hexAddress, toHex, u16, u32 } from "../../base/bytes";
import { TIMING } from "../../base/timing";
import { words } from "../../base/words";
import type { CommandName } from "../chips/types";
import {
  refuse,
  requireByte,
  requireErasable,
  requireNoNewLocks,
  requireReadable,
  requireReadingSpi,
  requireWholeChunks,
  requireWholeSector,
  requireWritable,
  WRITE_CHUNK,
} from "./refusals";
import { afterEcho, echoReply, failure, match } from "./replies";
import {
  COMMAND_SECTOR,
  ERASE_SIZES,
  type CommandFields,
  type CommandTable,
  type EraseSizeCode,
  type FlashEffect,
} from "./commandRows";
import type { ShortCommandName } from "./shortCommands";

const harmless = (): FlashEffect => ({ kind: "none" });
const JEDEC_ID = 0x9f;
const STATUS_READS: ReadonlySet<number> = new Set([0x05, 0x35, 0x15]);
/** Status writing commands and the byte of the status they begin with. */
const STATUS_WRITES: ReadonlyMap<number, number> = new Map([
  [0x01, 0],
  [0x31, 1],
]);

function eraseSize(fields: CommandFields["eraseFlash"]): number {
  return (
    ERASE_SIZES[fields.sizeCode as EraseSizeCode] ??
    refuse(words`erase flash`, words`no flash loader knows this erase size`)
  );
}

function inside(fields: CommandFields["eraseFlash"]): number {
  return fields.inside ?? 0;
}

function statusBytes(fields: CommandFields["writeStatusRegister"]): Uint8Array {
  return fields.bytes === 1 ? Uint8Array.of(fields.value) : u16(fields.value);
}

export type LongCommandName = Exclude<CommandName, ShortCommandName>;

export const LONG_COMMANDS: Pick<CommandTable, LongCommandName> = {
  writeFlash: {
    code: 0x06,
    form: "long",
    doing: ({ address, data }) => words`write ${data.length} bytes at ${hexAddress(address)}`,
    encode(fields) {
      requireWholeChunks(this.doing(fields), fields.data);
      requireWritable(this.doing(fields), fields.address, fields.data.length, WRITE_CHUNK);
      return concat(u32(fields.address), fields.data);
    },
    effect: ({ address, data }) => ({ kind: "program", address, length: data.length }),
    // The count of written bytes is one byte: 256 and 4096 answer 00.
    reply: echoReply("long", 0x06, ({ address, data }) => concat(u32(address), [data.length % 256])),
    workMs: () => TIMING.writeMs,
  },
  writeFlash4k: {
    code: 0x07,
    form: "long",
    doing: ({ address }) => words`write 4096 bytes at ${hexAddress(address)}`,
    encode(fields) {
      requireWholeSector(this.doing(fields), fields.data);
      requireWritable(this.doing(fields), fields.address, COMMAND_SECTOR, COMMAND_SECTOR);
      return concat(u32(fields.address), fields.data);
    },
    effect: ({ address }) => ({ kind: "program", address, length: COMMAND_SECTOR }),
    reply: echoReply("long", 0x07, ({ address }) => u32(address)),
    workMs: () => TIMING.writeMs,
  },
  readFlash: {
    code: 0x08,
    form: "long",
    doing: ({ address, length }) => words`read ${length} bytes at ${hexAddress(address)}`,
    encode(fields) {
      requireReadable(this.doing(fields), fields.address);
      requireByte(this.doing(fields), words`the length`, fields.length, 1);
      return concat(u32(fields.address), [fields.length]);
    },
    effect: harmless,
    reply: {
      form: "long",
      code: 0x08,
      length: ({ length }) => 4 + length,
      read: (payload, { address }) => afterEcho(payload, u32(address), match),
    },
    workMs: () => TIMING.readMs,
  },
  readFlash4k: {
    code: 0x09,
    form: "long",
    doing: ({ address }) => words`read 4096 bytes at ${hexAddress(address)}`,
    encode(fields) {
      requireReadable(this.doing(fields), fields.address);
      return u32(fields.address);
    },
    effect: harmless,
    reply: {
      form: "long",
      code: 0x09,
      length: () => 4 + COMMAND_SECTOR,
      read: (payload, { address }) => afterEcho(payload, u32(address), match),
    },
    workMs: () => TIMING.readMs,
  },
  eraseFlash4k: {
    code: 0x0b,
    form: "long",
    doing: ({ address }) => words`erase 4 KiB at ${hexAddress(address)}`,
    encode(fields) {
      requireErasable(this.doing(fields), fields.address, COMMAND_SECTOR);
      return u32(fields.address);
    },
    effect: ({ address }) => ({ kind: "erase", address, length: COMMAND_SECTOR }),
    reply: echoReply("long", 0x0b, ({ address }) => u32(address)),
    workMs: () => TIMING.erase4kMs,
  },
  readStatusRegister: {
    code: 0x0c,
    form: "long",
    doing: ({ command }) => words`read status register (command ${toHex([command])})`,
    encode(fields) {
      if (!STATUS_READS.has(fields.command))
        refuse(this.doing(fields), words`not a command that reads a status register`);
      return Uint8Array.of(fields.command);
    },
    effect: harmless,
    reply: {
      form: "long",
      code: 0x0c,
      length: () => 2,
      read: (payload, { command }) => afterEcho(payload, Uint8Array.of(command), ([value]) => match(value as number)),
    },
    workMs: () => TIMING.statusRegisterMs,
  },
  writeStatusRegister: {
    code: 0x0d,
    form: "long",
    doing: ({ command }) => words`write status register (command ${toHex([command])})`,
    encode(fields) {
      const doing = this.doing(fields);
      const first = STATUS_WRITES.get(fields.command);
      if (first === undefined || first + fields.bytes > 2)
        refuse(doing, words`not a command that writes these status bytes`);
      if (!Number.isInteger(fields.value) || fields.value < 0 || fields.value >= 256 ** fields.bytes) {
        refuse(doing, words`the value must fit in ${fields.bytes} bytes`);
      }
      requireNoNewLocks(doing, fields.value * 256 ** first, fields.current);
      return concat([fields.command], statusBytes(fields));
    },
    effect: () => ({ kind: "status" }),
    reply: echoReply("long", 0x0d, (fields) => concat([fields.command], statusBytes(fields))),
    workMs: () => TIMING.statusRegisterMs,
  },
  spiTransfer: {
    code: 0x0e,
    form: "long",
    doing: ({ bytes }) => words`ask the flash (command ${toHex(bytes.subarray(0, 1))})`,
    encode(fields) {
      requireReadingSpi(this.doing(fields), fields.bytes);
      return fields.bytes;
    },
    effect: harmless,
    reply: {
      form: "long",
      code: 0x0e,
      length: ({ bytes }) => bytes.length,
      read(payload, { bytes }) {
        const answer = payload.subarray(1);
        const asleep = answer.every((byte) => byte === 0) || answer.every((byte) => byte === 0xff);
        if (bytes[0] === JEDEC_ID && asleep)
          return failure("flash-dead", words`the flash id reads as ${toHex(answer)}`);
        return match(payload);
      },
    },
    workMs: () => TIMING.statusRegisterMs,
  },
  eraseFlash: {
    code: 0x0f,
    form: "long",
    doing: (fields) => words`erase ${eraseSize(fields) / 1024} KiB at ${hexAddress(fields.address)}`,
    encode(fields) {
      const doing = this.doing(fields);
      if (fields.sizeCode === 0x52 && fields.erase32k !== true) {
        refuse(doing, words`this loader answers a 32 KiB erase and does nothing`, { address: fields.address });
      }
      requireErasable(doing, fields.address, eraseSize(fields));
      if (!(inside(fields) < COMMAND_SECTOR))
        refuse(doing, words`the address would be in another sector`, { address: fields.address });
      return concat([fields.sizeCode], u32(fields.address + inside(fields)));
    },
    effect: (fields) => ({ kind: "erase", address: fields.address, length: eraseSize(fields) }),
    reply: echoReply("long", 0x0f, (fields) => concat([fields.sizeCode], u32(fields.address + inside(fields)))),
    workMs: ({ sizeCode }) => (sizeCode === 0x20 ? TIMING.erase4kMs : TIMING.erase64kMs),
  },
};
