/** Pieces of a file as the page has them: asked for when they come into view, and the latest kept. Knows no DOM. */
import type { BytesAnswer } from "../../src/shared/messages";

export const PIECE = 0x1000;
/** Pieces that are kept: a megabyte of the file. */
const KEPT = 256;

export class ByteCache {
  private readonly pieces = new Map<number, string>();
  private readonly asked = new Set<number>();
  private generation = -1;
  /** Told when a piece has come. */
  onCome: () => void = () => undefined;

  constructor(private readonly ask: (start: number, length: number) => void) {}

  /** What is kept of another generation is void. */
  belongsTo(generation: number): void {
    if (generation === this.generation) return;
    this.generation = generation;
    this.pieces.clear();
    this.asked.clear();
  }

  /** Asks for what is missing of a stretch. */
  need(start: number, end: number): void {
    for (let piece = Math.floor(start / PIECE); piece * PIECE < end; piece++) {
      if (this.pieces.has(piece) || this.asked.has(piece)) continue;
      this.asked.add(piece);
      this.ask(piece * PIECE, PIECE);
    }
  }

  /** Two digits, two dots for a byte that is hidden; undefined as long as it is not here. */
  at(address: number): string | undefined {
    const piece = this.pieces.get(Math.floor(address / PIECE));
    const digits = piece?.slice(2 * (address % PIECE), 2 * (address % PIECE) + 2);
    return digits === "" ? undefined : digits;
  }

  take({ generation, start, hex }: BytesAnswer): void {
    if (generation !== this.generation || start % PIECE !== 0) return;
    const piece = start / PIECE;
    this.asked.delete(piece);
    this.pieces.set(piece, hex);
    for (const oldest of this.pieces.keys()) {
      if (this.pieces.size <= KEPT) break;
      this.pieces.delete(oldest);
    }
    this.onCome();
  }
}
