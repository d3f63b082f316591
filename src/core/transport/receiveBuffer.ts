/**
 * Bytes between a driver that delivers when it likes and the one reader of a transport: the semantics of `Transport.read`.
 * Knows nothing of drivers; a source that can be paused is paused while the reader falls behind.
 */
import { CancelledError, FlasherError } from "../base/errors";
import { words, type Words } from "../base/words";
import { TRANSPORT_LIMITS } from "./limits";

export interface ReceiveBufferOptions {
  /** Tells the source to stop and go on, so that a slow reader bounds the memory held. */
  readonly flow?: { pause(): void; resume(): void };
  /** Most bytes one read returns, asked anew for every read; without it a read returns everything held. */
  readonly chunk?: () => number;
}

interface Reader {
  resolve(bytes: Uint8Array): void;
  reject(error: FlasherError): void;
}

const EMPTY = new Uint8Array(0);
/** Longest delay a timer takes; longer ones would fire at once. */
const TIMER_MAX_MS = 0x7fffffff;

export class ReceiveBuffer {
  readonly #pieces: Uint8Array[] = [];
  /** Bytes of the first piece already read. */
  #offset = 0;
  #held = 0;
  #paused = false;
  #reader: Reader | undefined;
  #failure: (() => FlasherError) | undefined;

  constructor(
    private readonly label: string,
    private readonly options: ReceiveBufferOptions = {},
  ) {}

  /** Takes over `bytes` (not copied). Ignored once failed. */
  push(bytes: Uint8Array): void {
    if (bytes.length === 0 || this.#failure !== undefined) return;
    this.#pieces.push(bytes);
    this.#held += bytes.length;
    this.#reader?.resolve(this.#take());
    if (!this.#paused && this.#held >= TRANSPORT_LIMITS.holdHighBytes && this.options.flow !== undefined) {
      this.#paused = true;
      this.options.flow.pause();
    }
  }

  /** No more bytes will come: what is held can still be read, then every read throws what `failure` makes. */
  fail(failure: () => FlasherError): void {
    this.#failure ??= failure;
    this.#reader?.reject(failure());
  }

  /** Drops everything held. */
  clear(): void {
    this.#pieces.length = 0;
    this.#offset = 0;
    this.#held = 0;
    this.#maybeResume();
  }

  /**
   * At least one byte, or an empty array when `timeoutMs` has passed. Throws CancelledError on abort, the failure once
   * failed, and `internal` when another read is under way.
   */
  read(timeoutMs: number, signal: AbortSignal): Promise<Uint8Array> {
    const doing = words`read from ${this.label}`;
    return new Promise((resolve, reject) => {
      if (this.#reader !== undefined) {
        reject(new FlasherError("internal", doing, { detail: words`two reads at once` }));
      } else if (signal.aborted) {
        reject(new CancelledError(doing));
      } else if (this.#held > 0) {
        resolve(this.#take());
      } else if (this.#failure !== undefined) {
        reject(this.#failure());
      } else {
        this.#wait(timeoutMs, signal, doing, { resolve, reject });
      }
    });
  }

  #wait(timeoutMs: number, signal: AbortSignal, doing: Words, promise: Reader): void {
    const settle = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      this.#reader = undefined;
    };
    const reader: Reader = {
      resolve: (bytes) => {
        settle();
        promise.resolve(bytes);
      },
      reject: (error) => {
        settle();
        promise.reject(error);
      },
    };
    const onAbort = (): void => reader.reject(new CancelledError(doing));
    const timer = setTimeout(() => reader.resolve(EMPTY), Math.min(Math.ceil(timeoutMs), TIMER_MAX_MS));
    signal.addEventListener("abort", onAbort);
    this.#reader = reader;
  }

  #take(): Uint8Array {
    const wanted = Math.min(this.#held, Math.max(1, this.options.chunk?.() ?? this.#held));
    const first = this.#pieces[0] ?? EMPTY;
    let taken: Uint8Array;
    if (first.length - this.#offset >= wanted) {
      taken = first.subarray(this.#offset, this.#offset + wanted);
      this.#drop(wanted);
    } else {
      taken = new Uint8Array(wanted);
      for (let at = 0; at < wanted;) {
        const piece = this.#pieces[0] ?? EMPTY;
        const part = piece.subarray(this.#offset, this.#offset + wanted - at);
        taken.set(part, at);
        at += part.length;
        this.#drop(part.length);
      }
    }
    this.#maybeResume();
    return taken;
  }

  /** Forgets bytes within the first piece. */
  #drop(length: number): void {
    this.#held -= length;
    this.#offset += length;
    if (this.#offset < (this.#pieces[0]?.length ?? 0)) return;
    this.#pieces.shift();
    this.#offset = 0;
  }

  #maybeResume(): void {
    if (!this.#paused || this.#held > TRANSPORT_LIMITS.holdLowBytes) return;
    this.#paused = false;
    this.options.flow?.resume();
  }
}
