/**
 * Every command a flasher may send, in one table, and the only door through which the link gets frames: what cannot be
 * encoded here cannot be sent. Left out on purpose: erase-all (0A), the old reset (FE) and what only the second-stage
 * loader of BK7236/BK7258 knows (02, 11 as a download, 12). Knows neither plans (writeGuard.ts) nor chips' command sets.
 */
import { toHex } from "../../base/bytes";
import { wireTimeMs } from "../../base/timing";
import type { Words } from "../../base/words";
import type { CommandName } from "../chips/types";
import {
  frameLong,
  frameShort,
  LONG_REPLY_OVERHEAD,
  LONG_REQUEST_OVERHEAD,
  SHORT_REPLY_OVERHEAD,
  SHORT_REQUEST_OVERHEAD,
  type ReplyFrame,
} from "./frames";
import { LONG_COMMANDS } from "./longCommands";
import { compareReply, type ReplyMatch } from "./replies";
import type { CommandFields, CommandTable, CommandValues, FlashEffect } from "./commandRows";
import { SHORT_COMMANDS } from "./shortCommands";

export const COMMANDS: CommandTable = { ...SHORT_COMMANDS, ...LONG_COMMANDS };

/** The frame of a request. Throws ProtocolError "frame-refused" where sending it could wedge or damage a chip. */
export function encodeRequest<Name extends CommandName>(name: Name, fields: CommandFields[Name]): Uint8Array {
  const row = COMMANDS[name];
  const payload = row.encode(fields);
  return row.form === "short" ? frameShort(row.code, payload) : frameLong(row.code, payload);
}

/** What a request attempts, as a verb phrase for messages and logs: "erase 4 KiB at 0x012000". */
export function describeRequest<Name extends CommandName>(name: Name, fields: CommandFields[Name]): Words {
  return COMMANDS[name].doing(fields);
}

/** What a request may change in the flash, at the address as sent. */
export function effectOf<Name extends CommandName>(name: Name, fields: CommandFields[Name]): FlashEffect {
  return COMMANDS[name].effect(fields);
}

/** False for commands that the chip carries out without a word. */
export function isAnswered(name: CommandName): boolean {
  return COMMANDS[name].reply !== undefined;
}

/** Whether a frame answers a request, and what it says. */
export function matchReply<Name extends CommandName>(
  name: Name,
  fields: CommandFields[Name],
  frame: ReplyFrame,
): ReplyMatch<CommandValues[Name]> {
  return compareReply(COMMANDS[name].reply, fields, frame);
}

/** Bytes of a request and its reply together, both ways. */
export function wireBytes<Name extends CommandName>(name: Name, fields: CommandFields[Name]): number {
  const row = COMMANDS[name];
  const request = row.encode(fields).length + (row.form === "short" ? SHORT_REQUEST_OVERHEAD : LONG_REQUEST_OVERHEAD);
  return request + replyBytes(name, fields);
}

/** Bytes of the reply alone. */
export function replyBytes<Name extends CommandName>(name: Name, fields: CommandFields[Name]): number {
  const { reply } = COMMANDS[name];
  if (reply === undefined) return 0;
  return reply.length(fields) + (reply.form === "short" ? SHORT_REPLY_OVERHEAD : LONG_REPLY_OVERHEAD);
}

/** True for questions that every chip which knows them answers at once, in a few bytes. */
export function isPrompt(name: CommandName): boolean {
  return PROMPT.has(name);
}

const PROMPT: ReadonlySet<CommandName> = new Set(["linkCheck", "readRegister", "writeRegister", "readBootVersion"]);

/**
 * How long to wait for the whole reply, in ms from handing the request to the port: both frames on the wire at `baud`,
 * and what the chip needs in between. Commands without an answer: the time until the request is out.
 */
export function deadlineMs<Name extends CommandName>(name: Name, fields: CommandFields[Name], baud: number): number {
  return wireTimeMs(wireBytes(name, fields), baud) + COMMANDS[name].workMs(fields);
}

/** The bytes for `spiTransfer` that ask for the JEDEC id. */
export const JEDEC_REQUEST: Uint8Array = Uint8Array.of(0x9f, 0, 0, 0);

/** The id in the reply to {@link JEDEC_REQUEST}, as flash tables write it: maker, type, capacity ("0B4015"). */
export function jedecIdOf(reply: Uint8Array): string {
  return toHex(reply.subarray(1, 4)).toUpperCase();
}

export type { CommandFields, CommandValues, FlashEffect } from "./commandRows";
export type { ReplyMatch } from "./replies";
