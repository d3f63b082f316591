/**
 * The flash loaders' frame parser, faults included: byte by byte, no timeout, no checksum, a byte that breaks the head
 * is dropped without being tried as a new first byte, and arguments that a frame does not bring are read from whatever
 * the buffer held. Knows no commands but one: streamed writes, whose data never passes through the buffer.
 * Source: docs/protocol.md ("How chips parse").
 */
import { readU32 } from "../../core/base/bytes";

const HEAD = [0x01, 0xe0, 0xfc] as const;
const LONG_MARK = 0xf4;
const STREAMED_WRITE = 0x07;
/** Code, address and data of the longest frame there is room for. */
const BUFFER_SIZE = 4104;
/** A streamed write is programmed in such pieces as they come. */
const PROGRAMMED = 0x100;

/** `frame`: all of it is there. `page`: 256 bytes of a streamed write are in `page`. */
export type ParserEvent = "frame" | "page" | undefined;

export class LoaderParser {
  long = false;
  /** Length as the frame claims it: code and payload. */
  length = 0;
  readonly page = new Uint8Array(PROGRAMMED);
  /** Code, arguments and data, over the rests of earlier frames. */
  private readonly buffer = new Uint8Array(0x10000 + 4);
  private state: "head" | "length" | "mark" | "low" | "high" | "body" | "stream" = "head";
  private matched = 0;
  private at = 0;
  private inPage = 0;

  /** @param overflow takes the bytes of an over-long frame that fall outside the buffer, by offset behind its end */
  constructor(private readonly overflow: (offset: number, byte: number) => void) {}

  get code(): number {
    return this.buffer[0] as number;
  }

  /** An argument byte, 0 being the first after the code. */
  argument(index: number): number {
    return this.buffer[1 + index] as number;
  }

  /** Little-endian argument, unsigned. */
  word(index: number): number {
    return readU32(this.buffer, 1 + index);
  }

  data(from: number, length: number): Uint8Array {
    return this.buffer.slice(1 + from, 1 + from + length);
  }

  /** A streamed write goes on after its page. */
  continueStream(): void {
    this.inPage = 0;
  }

  /** A streamed write has all its data. */
  endStream(): void {
    this.inPage = 0;
    this.hunt();
  }

  push(byte: number): ParserEvent {
    switch (this.state) {
      case "head":
        if (byte !== HEAD[this.matched]) this.matched = 0;
        else if (++this.matched === HEAD.length) this.state = "length";
        return undefined;
      case "length":
        if (byte === 0xff) this.state = "mark";
        else this.begin(false, byte);
        return undefined;
      case "mark":
        if (byte === LONG_MARK) this.state = "low";
        else this.hunt();
        return undefined;
      case "low":
        this.length = byte;
        this.state = "high";
        return undefined;
      case "high":
        this.begin(true, this.length | (byte << 8));
        return undefined;
      case "body":
        return this.take(byte);
      case "stream":
        this.page[this.inPage++] = byte;
        return this.inPage === PROGRAMMED ? "page" : undefined;
    }
  }

  private begin(long: boolean, length: number): void {
    this.long = long;
    this.length = length;
    this.at = 0;
    if (length === 0) this.hunt();
    else this.state = "body";
  }

  private take(byte: number): ParserEvent {
    this.buffer[this.at] = byte;
    if (this.at >= BUFFER_SIZE) this.overflow(this.at - BUFFER_SIZE, byte);
    this.at++;
    if (this.long && this.code === STREAMED_WRITE && this.at === 5 && this.length !== 5) {
      this.state = "stream";
      this.inPage = 0;
      return undefined;
    }
    if (this.at < this.length) return undefined;
    // Shorter than its own address: the data counter starts below zero and never gets to it.
    if (this.long && this.code === STREAMED_WRITE && this.length < 5) {
      this.state = "stream";
      this.inPage = 0;
      return undefined;
    }
    this.hunt();
    return "frame";
  }

  private hunt(): void {
    this.state = "head";
    this.matched = 0;
  }
}
