/**
 * A vendor flash loader: the program in flash that answers on the UART of the older chips. Commands, refusals, silence
 * and traps are those observed on executed vendor code. Source: docs/protocol.md ("Flash loaders").
 */
import { ascii, concat, u32 } from "../../core/base/bytes";
import { LINK_ANSWER, longAnswer, shortAnswer } from "../uart/replyFrames";
import type { Board } from "../board/board";
import { LoaderFlash } from "./loaderFlash";
import { LoaderParser } from "./loaderParser";
import type { SimulatedLoader } from "./loaderProfiles";
import { wait, work, type Ending, type Program, type Routine } from "../board/processor";

export interface LoaderTimes {
  /** Silence after which a linked loader of the families that do so restarts, in microseconds. */
  readonly idleRebootUs: number;
  readonly hashUsPerByte: number;
}

/** How long any received byte keeps an unlinked loader waiting, counted from its start. */
const WINDOW_AFTER_BYTES_US = 800_000;
const BAUD_TICK_US = 2_000;
/** From the reboot command to the watchdog's reset. */
const WATCHDOG_US = 18_000;
/** How long a loader takes before it answers a read. */
export const READ_US = 1_000;
const SECTOR_DATA = 4096;
const REFUSED = 0x06;

interface Stream {
  readonly address: number;
  readonly refused: boolean;
  /** A behaviour wants it neither done nor answered. */
  readonly ignored: boolean;
  done: number;
  left: number;
}

export class FlashLoader {
  private readonly flash: LoaderFlash;
  private readonly parser: LoaderParser;
  private linked = false;
  /** Where the next page of a streamed write goes, and how many bytes are missing; refused ones go nowhere. */
  private stream: Stream | undefined;
  private forcedStatus: number | undefined;

  constructor(
    private readonly board: Board,
    private readonly loader: SimulatedLoader,
    private readonly times: LoaderTimes,
  ) {
    this.flash = new LoaderFlash(board, loader);
    this.parser = new LoaderParser((offset, byte) => board.rx.overwriteRing(offset, byte));
  }

  *run(): Program {
    const { board, loader, parser } = this;
    const { rx, time } = board;
    yield* work(loader.bootMs * 1000);
    board.setBaud(loader.divider, 0);
    rx.enabled = true;
    board.tx.enabled = true;
    board.setState("window");
    let openedAt = time.idleNow();
    const windowUs = Math.max(loader.windowMs * 1000, time.shortestIdleUs);
    let heard = false;
    for (;;) {
      while (rx.unread > 0) {
        heard = true;
        const event = parser.push(rx.read());
        if (event === undefined) continue;
        const ending = event === "page" ? yield* this.page() : yield* this.execute();
        if (ending === "begin-again") {
          openedAt = time.idleNow();
          heard = false;
        } else if (ending !== undefined) return ending;
        if (this.flash.crashed) return "crash";
      }
      const leave = heard ? Math.max(0, openedAt + WINDOW_AFTER_BYTES_US - time.idleNow()) : windowUs;
      const restart = loader.rebootsWhenIdle ? this.times.idleRebootUs : undefined;
      yield { kind: "receive", idleUs: this.linked ? restart : leave };
      if (rx.unread === 0) return this.linked ? "reset" : "application";
    }
  }

  private *execute(): Routine<Ending | "begin-again" | undefined> {
    const { parser, board } = this;
    const { code, long, length } = parser;
    const verdict = board.command(code, long, () => parser.data(0, length - 1));
    if (verdict.hang === true) return "hang";
    if (verdict.ignore === true) return undefined;
    if (verdict.delayUs !== undefined) yield* work(verdict.delayUs);
    this.forcedStatus = verdict.status;
    if (!long) return yield* this.short(code);
    switch (code) {
      case 0x06:
        yield* this.write();
        break;
      case 0x07:
        // Address and nothing else: done before it began.
        yield* this.answer(0x07, 0, parser.data(0, 4));
        break;
      case 0x09:
        yield* this.read();
        break;
      case 0x0f:
        yield* this.erase();
        break;
    }
    return undefined;
  }

  private *short(code: number): Routine<Ending | "begin-again" | undefined> {
    const { board, loader, parser } = this;
    switch (code) {
      case 0x00:
        this.linked = true;
        this.flash.unprotectDue = true;
        board.setState("linked");
        yield* board.send(LINK_ANSWER);
        return undefined;
      case 0x0e:
        if (parser.argument(0) !== 0xa5) return undefined;
        if (loader.reboot === "starts-app") return "application";
        if (loader.reboot === "begins-again") {
          board.setBaud(loader.divider, 0);
          this.linked = false;
          board.setState("window");
          return "begin-again";
        }
        yield* work(WATCHDOG_US);
        return "reset";
      case 0x0f: {
        board.setBaud(loader.divider, parser.word(0));
        yield* wait((parser.argument(4) + 1) * BAUD_TICK_US);
        yield* board.send(shortAnswer(0x0f, parser.data(0, 5)));
        return undefined;
      }
      case 0x10:
        return yield* this.crc();
      case 0x11:
        if (loader.version !== undefined) {
          const text = new Uint8Array(16);
          text.set(ascii(loader.version));
          yield* board.send(shortAnswer(0x11, text));
        }
        return undefined;
      default:
        return undefined;
    }
  }

  private *crc(): Routine<Ending | undefined> {
    const start = this.parser.word(0);
    const pages = ((this.parser.word(4) - start + 1) >>> 0) >>> 8;
    // The page counter has 16 bits and is compared with more: the loop never ends.
    if (pages > 0xffff) return "hang";
    const raw = this.board.flash.crc(start, pages << 8);
    yield* work((pages << 8) * this.times.hashUsPerByte);
    this.flash.stackUsed = true;
    yield* this.flash.protect();
    yield* this.board.send(shortAnswer(0x10, u32(raw)));
    return undefined;
  }

  private *read(): Routine {
    const address = this.parser.word(0);
    const echo = this.parser.data(0, 4);
    const { limit, readLimit = limit, readEnd = Infinity } = this.loader;
    if (address < readLimit || address >= readEnd) {
      yield* this.answer(0x09, REFUSED, concat(echo, [(this.parser.length - 5) & 0xff]));
      return;
    }
    yield* work(READ_US);
    this.flash.stackUsed = true;
    const data = this.board.flash.read(address & 0xffffff, SECTOR_DATA);
    yield* this.answer(0x09, 0, concat(echo, data));
  }

  private *erase(): Routine {
    const address = this.parser.word(1);
    // Compared as a signed number, unlike everywhere else: the upper half of addresses counts as too low.
    const refused = (address | 0) < this.loader.limit;
    if (!refused) yield* this.flash.erase(this.parser.argument(0), address);
    if (this.flash.crashed) return;
    yield* this.answer(0x0f, refused ? REFUSED : 0, this.parser.data(0, 5));
  }

  private *write(): Routine {
    const address = this.parser.word(0);
    const length = Math.max(0, this.parser.length - 5);
    const refused = address < this.loader.limit;
    if (!refused) yield* this.flash.program(address, this.parser.data(4, length));
    if (this.flash.crashed) return;
    yield* this.answer(0x06, refused ? REFUSED : 0, concat(this.parser.data(0, 4), [length & 0xff]));
  }

  /** 256 bytes of a streamed write: programmed as they come, answered after the last. */
  private *page(): Routine<Ending | undefined> {
    const { parser, loader } = this;
    if (this.stream === undefined) {
      const verdict = this.board.command(0x07, true, () => parser.data(0, 4));
      if (verdict.hang === true) return "hang";
      if (verdict.delayUs !== undefined) yield* work(verdict.delayUs);
      this.forcedStatus = verdict.status;
      const address = parser.word(0);
      const refused = address < loader.streamedWriteLimit;
      this.stream = { address, refused, ignored: verdict.ignore === true, done: 0, left: parser.length - 5 };
    }
    const { stream } = this;
    const data = parser.page.slice();
    if (!stream.refused && !stream.ignored) yield* this.flash.program((stream.address + stream.done) >>> 0, data);
    stream.done += data.length;
    stream.left -= data.length;
    // Only exactly nothing left ends it: data that is not whole pages never does.
    if (stream.left !== 0) {
      parser.continueStream();
      return undefined;
    }
    this.stream = undefined;
    parser.endStream();
    if (this.flash.crashed || stream.ignored) return undefined;
    const echo = parser.data(0, 4);
    if (stream.refused) echo.set([loader.streamedWriteLimit & 0xff, loader.streamedWriteLimit >> 8]);
    yield* this.answer(0x07, stream.refused ? REFUSED : 0, echo);
    return undefined;
  }

  private *answer(code: number, status: number, payload: Uint8Array): Routine {
    yield* this.board.send(longAnswer(code, this.forcedStatus ?? status, payload));
  }
}
