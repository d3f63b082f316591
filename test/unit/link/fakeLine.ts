/** A transport whose other end is a function from what is written to what comes back. Knows the frames' heads, no chip. */
import { concat, toHex, u32 } from "../../../src/core/base/bytes";
import { silentLog, systemClock } from "../../../src/core/index";
import { replyLong, replyShort } from "../../../src/core/beken/protocol/frames";
import { BootLink } from "../../../src/core/beken/protocol/link";
import { ReceiveBuffer } from "../../../src/core/transport/receiveBuffer";
import type { Transport } from "../../../src/core/transport/transport";
import { CancelledError, TransportError } from "../../../src/core/base/errors";

export const never = new AbortController().signal;
export const LINK_CHECK = "01e0fc0100";
export const LINK_ANSWER = replyShort(0x01, [0x00]);

export const readReply = (address: number, fill: number): Uint8Array =>
  replyLong(0x09, 0, concat(u32(address), new Uint8Array(4096).fill(fill)));
export const eraseReply = (address: number, size = 0x20): Uint8Array =>
  replyLong(0x0f, 0, concat([size], u32(address)));

/** What comes back for the `count`-th write (from 1); undefined or empty: silence. Several pieces come one after another. */
export type Answer = (written: Uint8Array, count: number) => Uint8Array | readonly Uint8Array[] | undefined;

export class FakeLine implements Transport {
  readonly label = "fake";
  readonly can = { baudRate: true, controlLines: false };
  readonly written: Uint8Array[] = [];
  readonly rates: number[] = [];
  readonly input: ReceiveBuffer;

  constructor(
    private readonly answer: Answer,
    chunk?: number,
  ) {
    this.input = new ReceiveBuffer(this.label, chunk === undefined ? {} : { chunk: () => chunk });
  }

  /** Everything written so far, one hex string for each write; runs of FF shortened to their length. */
  get sent(): readonly string[] {
    return this.written.map((bytes) => (bytes.every((byte) => byte === 0xff) ? `FF*${bytes.length}` : toHex(bytes)));
  }

  read(timeoutMs: number, signal: AbortSignal): Promise<Uint8Array> {
    return this.input.read(timeoutMs, signal);
  }

  write(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.reject(new CancelledError("write"));
    this.written.push(bytes.slice());
    const back = this.answer(bytes, this.written.length);
    for (const piece of back === undefined ? [] : back instanceof Uint8Array ? [back] : back)
      this.input.push(piece.slice());
    return Promise.resolve();
  }

  setBaudRate(baud: number): Promise<void> {
    this.rates.push(baud);
    return Promise.resolve();
  }

  setControlLines(): Promise<void> {
    return Promise.resolve();
  }

  discardInput(): Promise<void> {
    this.input.clear();
    return Promise.resolve();
  }

  unplug(): void {
    this.input.fail(() => new TransportError("port-lost", "read", { port: this.label }));
  }

  close(): Promise<void> {
    this.unplug();
    return Promise.resolve();
  }
}

export interface Ends {
  readonly line: FakeLine;
  readonly link: BootLink;
  readonly retries: string[];
}

export function linkTo(answer: Answer, chunk?: number): Ends {
  const line = new FakeLine(answer, chunk);
  const retries: string[] = [];
  const link = new BootLink(line, { clock: systemClock, log: { ...silentLog, debug: (line) => retries.push(line) } });
  return { line, link, retries };
}

/** Answers link checks, one reply for each, and nothing else. */
export function linkChecksOnly(bytes: Uint8Array): Uint8Array | undefined {
  return toHex(bytes) === LINK_CHECK ? LINK_ANSWER : undefined;
}
