/**
 * How the flash loaders drive their flash: the flag that an erase after a link check uses up, the status register that
 * sticks in older ones, programming in 32-byte pieces with an address that runs into the command word.
 * Knows no frames. Source: docs/protocol.md ("The CRC lock", "Write addresses").
 */
import type { Board } from "../board/board";
import type { FlashOperation } from "../flash/flashArray";
import { sizeFromId } from "../flash/simulatedParts";
import type { SimulatedLoader } from "./loaderProfiles";
import { loaderEntry, type LoaderFlashEntry } from "./loaderTables";
import { noise } from "../prng";
import type { Routine } from "../board/processor";

/** The controller programs at most this much at once. */
const PIECE = 32;
const ADDRESS_MASK = 0xffffff;

/** The controller's operation codes as the high byte of its command word; page program is 12. */
const OP_PROGRAM = 12;
const OP_ERASE_SIZES: Readonly<Record<number, number>> = { 13: 0x1000, 14: 0x8000, 15: 0x10000 };

const ERASE_SIZES: Readonly<Record<number, number>> = { 0x20: 0x1000, 0xd8: 0x10000 };

export class LoaderFlash {
  /** Set by a link check, used up by the first erase. */
  unprotectDue = false;
  /** A read or a CRC has left its data on the stack, where a short write will find it. */
  stackUsed = false;
  /** An operation has changed the first sector, from which interrupts are served: the program is lost. */
  crashed = false;
  private readonly entry: LoaderFlashEntry;
  private readonly size: number;
  /** What older loaders keep ORing into the register that status values go through. */
  private statusWord = 0;

  constructor(
    private readonly board: Board,
    private readonly loader: SimulatedLoader,
  ) {
    const { id } = board.flash.part;
    this.entry = loaderEntry(loader.table, id);
    this.size = sizeFromId(id);
  }

  *erase(sizeCode: number, address: number): Routine {
    if (this.unprotectDue) {
      this.unprotectDue = false;
      if (this.board.flash.status !== 0) yield* this.writeStatus(0);
    }
    const size = ERASE_SIZES[sizeCode];
    if (size === undefined || this.beyond(address)) return;
    yield* this.operate({ kind: "erase", size, address: address & ADDRESS_MASK });
  }

  /** After a CRC: protect everything, where the table knows how. */
  *protect(): Routine {
    const { protect } = this.entry;
    if (protect !== undefined && this.board.flash.status !== protect) yield* this.writeStatus(protect);
  }

  *program(address: number, data: Uint8Array): Routine {
    if (this.beyond(address)) return;
    const opcode = (OP_PROGRAM | (address >>> 24)) >>> 0;
    for (let done = 0; done < data.length;) {
      const at = (address + done) & ADDRESS_MASK;
      const run = Math.min(PIECE - (at % PIECE), data.length - done);
      const piece = this.piece(at, data.subarray(done, done + run), done === 0);
      const size = OP_ERASE_SIZES[opcode];
      if (opcode === OP_PROGRAM) {
        yield* this.operate({ kind: "program", address: at, data: piece }, this.loader.programOverheadUs);
      } else if (size !== undefined) {
        yield* this.operate({ kind: "erase", size, address: at });
      }
      done += run;
    }
  }

  /** A short first piece on a 32-byte boundary goes out with what the stack held behind it. */
  private piece(address: number, data: Uint8Array, first: boolean): Uint8Array {
    const dirty = first && this.stackUsed && address % PIECE === 0 && data.length < PIECE;
    if (first) this.stackUsed = false;
    if (!dirty) return data;
    const piece = noise(address, PIECE);
    piece.set(data);
    return piece;
  }

  private *writeStatus(value: number): Routine {
    this.statusWord = this.loader.statusSticks ? this.statusWord | value : value;
    yield* this.operate({ kind: "status", value: this.statusWord, bytes: this.entry.statusBytes });
  }

  private *operate(operation: FlashOperation, overheadUs = 0): Routine {
    const { touchedStart } = yield* this.board.operate(operation, overheadUs);
    if (touchedStart) this.crashed = true;
  }

  private beyond(address: number): boolean {
    return this.loader.heedsSize && address >= this.size;
  }
}
