/**
 * The mask ROM of BK7231N and later chips: answers before anything in flash runs, cannot be damaged, and checks more
 * than the flash loaders do. Source: docs/protocol.md ("Boot ROM").
 */
import { concat, textUntilNul, u32 } from "../../core/base/bytes";
import { LINK_ANSWER, longAnswer, shortAnswer } from "../uart/replyFrames";
import type { Board } from "../board/board";
import type { FlashOperation } from "../flash/flashArray";
import { wait, work, type Ending, type Program, type Routine } from "../board/processor";
import { RomParser } from "./romParser";
import type { RomRegisters } from "./romRegisters";
import { spiTransfer } from "./romSpi";

export interface SimulatedRom {
  /** What the flash must hold at `ROM_NAME_AT` for the ROM to ever leave. */
  readonly name: string;
  readonly chipId: number;
  /** The register that holds it. */
  readonly chipIdAt: number;
  /** The key and a MAC address are in fuses behind registers at 0x800074; false: nothing is there. */
  readonly hasFuses: boolean;
  /** What comes while it is busy with a command is lost; false: it is executed afterwards. */
  readonly dropsWhileBusy: boolean;
}

/** Where the ROM looks for its chip's name in flash; the byte after the name is how many ms it waits. */
export const ROM_NAME_AT = 0x110;
const NO_WAIT = 0xe1;
const SHORTEST_WAIT_MS = 5;
const BOOT_US = 2_000;
const RESET_US = 5_000;
export const READ_US = 500;
const LONGEST_CRC = 0x1000000;
const PIECE = 32;

const STATUS = { done: 0, length: 4, short: 5, parameter: 6, unknown: 7 } as const;
const ERASE_SIZES: Readonly<Record<number, number>> = { 0x20: 0x1000, 0x52: 0x8000, 0xd8: 0x10000 };
/** Payload lengths of the short commands that have one. */
const SHORT_LENGTHS: Readonly<Record<number, number>> = {
  0x01: 8,
  0x03: 4,
  0x0e: 1,
  0x0f: 5,
  0x10: 8,
  0x70: 4,
  0xaa: 1,
};
/** Payload lengths of long commands: the least and the most. */
const LONG_LENGTHS: Readonly<Record<number, readonly [number, number]>> = {
  0x06: [5, 4 + 256],
  0x07: [4 + 4096, 4 + 4096],
  0x08: [5, 5],
  0x09: [4, 4],
  0x0a: [1, 1],
  0x0b: [4, 4],
  0x0c: [1, 1],
  0x0d: [2, 3],
  0x0e: [1, 256],
  0x0f: [5, 5],
};

export class BootRom {
  private readonly parser = new RomParser();
  private linked = false;
  private forcedStatus: number | undefined;

  constructor(
    private readonly board: Board,
    private readonly rom: SimulatedRom,
    private readonly registers: RomRegisters,
    private readonly hashUsPerByte: number,
  ) {}

  *run(): Program {
    const { board, parser } = this;
    const { rx, time } = board;
    yield* work(BOOT_US);
    board.setBaud("floor", 0);
    rx.enabled = true;
    board.setState("window");
    const waitMs = this.waitMs();
    if (waitMs === 0) return "application";
    const leaveAt = waitMs === undefined ? undefined : time.idleNow() + Math.max(waitMs * 1000, time.shortestIdleUs);
    for (;;) {
      while (rx.unread > 0) {
        if (!parser.push(rx.read())) continue;
        const ending = yield* this.execute();
        if (ending !== undefined) return ending;
        while (this.rom.dropsWhileBusy && rx.unread > 0) rx.read();
      }
      const idleUs = this.linked || leaveAt === undefined ? undefined : Math.max(0, leaveAt - time.idleNow());
      yield { kind: "receive", idleUs };
      if (rx.unread === 0) return "application";
    }
  }

  /** undefined: for ever, because the flash does not hold boot code for this chip. */
  private waitMs(): number | undefined {
    const { name } = this.rom;
    const bytes = this.board.flash.bytes;
    if (textUntilNul(bytes.subarray(ROM_NAME_AT, ROM_NAME_AT + name.length)) !== name) return undefined;
    const wait = bytes[ROM_NAME_AT + name.length] as number;
    if (wait === NO_WAIT) return 0;
    return wait < SHORTEST_WAIT_MS || wait === 0xff ? SHORTEST_WAIT_MS : wait;
  }

  private link(): void {
    this.linked = true;
    this.board.tx.enabled = true;
    this.board.setState("linked");
  }

  private *execute(): Routine<Ending | undefined> {
    const { parser, board } = this;
    const verdict = board.command(parser.code, parser.long, () => parser.payload.slice());
    if (verdict.hang === true) return "hang";
    if (verdict.ignore === true) return undefined;
    if (verdict.delayUs !== undefined) yield* work(verdict.delayUs);
    this.forcedStatus = verdict.status;
    if (!parser.long) return yield* this.short();
    yield* this.long();
    return undefined;
  }

  private *short(): Routine<Ending | undefined> {
    const { parser, board } = this;
    const { code, payload } = parser;
    const wanted = SHORT_LENGTHS[code];
    if (wanted !== undefined && payload.length < wanted) {
      yield* board.send(shortAnswer(code, concat(payload, [STATUS.short])));
      return undefined;
    }
    switch (code) {
      case 0x00:
        this.link();
        yield* board.send(LINK_ANSWER);
        return undefined;
      case 0xaa:
        if (payload[0] === 0x55) this.link();
        yield* board.send(shortAnswer(0xaa, payload));
        return undefined;
      case 0x01:
        this.registers.write(parser.word(0), parser.word(4));
        yield* board.send(shortAnswer(0x01, payload));
        return undefined;
      case 0x03:
        yield* board.send(shortAnswer(0x03, concat(payload.subarray(0, 4), u32(this.registers.read(parser.word(0))))));
        return undefined;
      case 0x0e:
      case 0x70:
        if (code === 0x0e ? payload[0] === 0xa5 : textUntilNul(payload) === "SEAN") {
          yield* work(RESET_US);
          return "reset";
        }
        yield* board.send(shortAnswer(code, payload));
        return undefined;
      case 0x0f:
        board.setBaud("floor", parser.word(0));
        yield* wait((payload[4] ?? 0) * 1000);
        yield* board.send(shortAnswer(0x0f, payload));
        return undefined;
      case 0x10:
        yield* this.crc();
        return undefined;
      default:
        yield* board.send(shortAnswer(code, [STATUS.unknown]));
        return undefined;
    }
  }

  /** Byte exact, the end included. */
  private *crc(): Routine {
    const start = this.parser.word(0);
    const length = Math.min(Math.max(0, this.parser.word(4) - start + 1), LONGEST_CRC);
    yield* work(length * this.hashUsPerByte);
    yield* this.board.send(shortAnswer(0x10, u32(this.board.flash.crc(start, length))));
  }

  private *long(): Routine {
    const { code, payload } = this.parser;
    const lengths = LONG_LENGTHS[code];
    if (lengths === undefined) {
      yield* this.answer(code, STATUS.unknown, new Uint8Array(0));
      return;
    }
    if (payload.length < lengths[0] || payload.length > lengths[1]) {
      yield* this.answer(code, STATUS.length, payload.subarray(0, Math.min(4, payload.length)));
      return;
    }
    yield* this.flashCommand(code, payload.slice());
  }

  private *flashCommand(code: number, payload: Uint8Array): Routine {
    const { board, parser } = this;
    const { flash } = board;
    switch (code) {
      case 0x06:
        yield* this.program(parser.word(0), payload.subarray(4));
        yield* this.answer(code, STATUS.done, concat(payload.subarray(0, 4), [(payload.length - 4) & 0xff]));
        break;
      case 0x07:
        yield* this.program(parser.word(0), payload.subarray(4));
        yield* this.answer(code, STATUS.done, payload.subarray(0, 4));
        break;
      case 0x08:
      case 0x09: {
        const length = code === 0x09 ? 4096 : (payload[4] as number);
        yield* work(READ_US);
        yield* this.answer(code, STATUS.done, concat(payload.subarray(0, 4), flash.read(parser.word(0), length)));
        break;
      }
      case 0x0a:
        yield* this.operate({ kind: "erase", size: flash.bytes.length, address: 0 });
        yield* this.answer(code, STATUS.done, payload);
        break;
      case 0x0b:
        yield* this.operate({ kind: "erase", size: 0x1000, address: parser.word(0) });
        yield* this.answer(code, STATUS.done, payload);
        break;
      case 0x0c: {
        const which = payload[0];
        const value = which === 0x05 ? flash.status & 0xff : which === flash.part.readSecond ? flash.status >> 8 : 0;
        yield* this.answer(code, STATUS.done, concat(payload, [value]));
        break;
      }
      case 0x0d:
        yield* this.writeStatus(payload);
        yield* this.answer(code, STATUS.done, payload);
        break;
      case 0x0e:
        yield* this.answer(code, STATUS.done, spiTransfer(flash, payload));
        break;
      case 0x0f: {
        const size = ERASE_SIZES[payload[0] as number];
        if (size !== undefined) yield* this.operate({ kind: "erase", size, address: parser.word(1) });
        yield* this.answer(code, size === undefined ? STATUS.parameter : STATUS.done, payload);
        break;
      }
    }
  }

  private *program(address: number, data: Uint8Array): Routine {
    for (let done = 0; done < data.length;) {
      const at = address + done;
      const run = Math.min(PIECE - (at % PIECE), data.length - done);
      yield* this.operate({ kind: "program", address: at, data: data.subarray(done, done + run) });
      done += run;
    }
  }

  private *writeStatus(payload: Uint8Array): Routine {
    const [command, low, high] = payload;
    const old = this.board.flash.status;
    if (command === 0x01 && high !== undefined) yield* this.status((low ?? 0) | (high << 8), 2);
    else if (command === 0x01) yield* this.status((old & 0xff00) | (low ?? 0), 1);
    else if (command === 0x31) yield* this.status((old & 0xff) | ((low ?? 0) << 8), 2);
  }

  private *status(value: number, bytes: 1 | 2): Routine {
    yield* this.operate({ kind: "status", value, bytes: Math.min(bytes, this.board.flash.part.statusBytes) as 1 | 2 });
  }

  private *operate(operation: FlashOperation): Routine {
    yield* this.board.operate(operation);
  }

  private *answer(code: number, status: number, payload: Uint8Array): Routine {
    yield* this.board.send(longAnswer(code, this.forcedStatus ?? status, payload));
  }
}
