/**
 * The commands in short frames: link, registers, speed, hash, version, reset. None of them erases or programs flash.
 * Codes and payloads: docs/protocol.md ("Commands").
 */
import { concat, hex32, hexAddress, readU32, textUntilNul, u32 } from "../../base/bytes";
import { TIMING } from "../../base/timing";
import { words } from "../../base/words";
import type { CommandName } from "../chips/types";
import { requireBaud, requireCrcRange, requireHarmlessRegisterWrite, requireWord } from "./refusals";
import { afterEcho, DONE, echoReply, failure, match, repeatsRegister } from "./replies";
import type { CommandTable, FlashEffect } from "./commandRows";

const EMPTY = new Uint8Array(0);
const PADDING = new Uint8Array(8);
const harmless = (): FlashEffect => ({ kind: "none" });
const REBOOT_ARGUMENT = 0xa5;
const STAY_ARGUMENT = 0x55;
/** "SEAN" */
const RESET_ARGUMENT = [0x53, 0x45, 0x41, 0x4e] as const;

export type ShortCommandName = Extract<
  CommandName,
  | "linkCheck"
  | "writeRegister"
  | "readRegister"
  | "reboot"
  | "setBaudRate"
  | "checkCrc"
  | "readBootVersion"
  | "resetRom"
  | "stayRom"
>;

export const SHORT_COMMANDS: Pick<CommandTable, ShortCommandName> = {
  linkCheck: {
    code: 0x00,
    form: "short",
    doing: () => words`check the link`,
    encode: ({ padded }) => (padded ? PADDING : EMPTY),
    effect: harmless,
    reply: {
      form: "short",
      code: 0x01,
      sharesCode: true,
      length: () => 1,
      read: ([value]) => (value === 0 ? DONE : failure("reply-invalid", words`the chip answers, but not as linked`)),
    },
    workMs: () => TIMING.linkCheckMs,
  },
  writeRegister: {
    code: 0x01,
    form: "short",
    doing: ({ address }) => words`write register 0x${hex32(address)}`,
    encode(fields) {
      requireHarmlessRegisterWrite(this.doing(fields), fields.address, fields.value);
      return concat(u32(fields.address), u32(fields.value));
    },
    effect: harmless,
    reply: {
      ...echoReply("short", 0x01, ({ address, value }) => concat(u32(address), u32(value))),
      sharesCode: true,
    },
    workMs: () => TIMING.registerMs,
  },
  readRegister: {
    code: 0x03,
    form: "short",
    doing: ({ address }) => words`read register 0x${hex32(address)}`,
    encode(fields) {
      requireWord(this.doing(fields), words`the address`, fields.address);
      return u32(fields.address);
    },
    effect: harmless,
    reply: {
      form: "short",
      code: 0x03,
      length: () => 8,
      read: (payload, { address }) =>
        repeatsRegister(payload, address)
          ? match(readU32(payload, 4))
          : afterEcho(payload, u32(address), (rest) => match(readU32(rest, 0))),
    },
    workMs: () => TIMING.registerMs,
  },
  reboot: {
    code: 0x0e,
    form: "short",
    doing: () => words`reboot the chip`,
    encode: () => Uint8Array.of(REBOOT_ARGUMENT),
    effect: harmless,
    reply: undefined,
    workMs: () => 0,
  },
  setBaudRate: {
    code: 0x0f,
    form: "short",
    doing: ({ baud }) => words`change to ${baud} baud`,
    encode(fields) {
      requireBaud(this.doing(fields), fields.baud, fields.delay);
      return concat(u32(fields.baud), [fields.delay]);
    },
    effect: harmless,
    reply: {
      form: "short",
      code: 0x0f,
      length: () => 5,
      read(payload, { baud, delay }) {
        const answered = readU32(payload, 0);
        // A ROM that had receive errors answers at, and with, the rate it stayed at.
        if (answered === baud && payload[4] === delay) return DONE;
        return failure("baud-change-failed", words`the chip answers with ${answered} baud, delay ${payload[4] ?? 0}`);
      },
    },
    workMs: ({ delay, tickMs }) => (delay + 1) * tickMs + TIMING.baudReplyMs,
  },
  checkCrc: {
    code: 0x10,
    form: "short",
    doing: ({ start, length }) => words`hash ${length} bytes at ${hexAddress(start)}`,
    encode(fields) {
      requireCrcRange(this.doing(fields), fields.start, fields.length, fields.range);
      // With whole pages an inclusive end means the same to every loader.
      return concat(u32(fields.start), u32(fields.start + fields.length - 1));
    },
    effect: harmless,
    reply: {
      form: "short",
      code: 0x10,
      length: () => 4,
      read: (payload) => match(~readU32(payload, 0) >>> 0),
    },
    workMs: ({ length }) => TIMING.crcBaseMs + (TIMING.crcMsPerMiB * length) / 0x100000,
  },
  readBootVersion: {
    code: 0x11,
    form: "short",
    doing: () => words`ask for the boot version`,
    encode: () => EMPTY,
    effect: harmless,
    reply: { form: "short", code: 0x11, length: () => 16, read: (payload) => match(textUntilNul(payload)) },
    workMs: () => TIMING.versionMs,
  },
  resetRom: {
    code: 0x70,
    form: "short",
    doing: () => words`reset the chip`,
    encode: () => Uint8Array.from(RESET_ARGUMENT),
    effect: harmless,
    reply: undefined,
    workMs: () => 0,
  },
  stayRom: {
    code: 0xaa,
    form: "short",
    doing: () => words`keep the chip in its boot ROM`,
    encode: () => Uint8Array.of(STAY_ARGUMENT),
    effect: harmless,
    reply: echoReply("short", 0xaa, () => Uint8Array.of(STAY_ARGUMENT)),
    workMs: () => TIMING.linkCheckMs,
  },
};
