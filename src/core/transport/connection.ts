/**
 * What every transport over an operating-system handle has in common: alive or ended, the receive buffer, and driver calls
 * that end with the connection, with an abort or at a deadline. Knows no drivers.
 */
import { CancelledError, type FlasherError, TransportError } from "../base/errors";
import { words, type Text, type Words } from "../base/words";
import { ReceiveBuffer, type ReceiveBufferOptions } from "./receiveBuffer";

export interface CallOptions {
  readonly deadlineMs: number;
  /** What the deadline means where no driver is asked but somebody on the network. */
  readonly late?: (ms: number) => Words;
  readonly signal?: AbortSignal;
  /** Wraps what the driver reported; by default the connection ends with it. */
  readonly failed?: (cause: Error) => FlasherError;
}

const driverLate = (ms: number): Words => words`the driver did not answer within ${ms} ms`;
/** Of a connection over the network that takes no more. */
export const networkLate = (ms: number): Words => words`the other side took nothing for ${ms} ms`;

interface Ending {
  readonly why: Text;
  readonly cause?: unknown;
  readonly error?: TransportError | undefined;
}

export class Connection {
  readonly input: ReceiveBuffer;
  readonly #calls = new Set<() => void>();
  #ending: Ending | undefined;

  constructor(
    readonly label: string,
    options: ReceiveBufferOptions = {},
  ) {
    this.input = new ReceiveBuffer(label, options);
  }

  get ended(): boolean {
    return this.#ending !== undefined;
  }

  /**
   * The far end is gone: calls under way and later ones throw `port-lost`; bytes received before can still be read.
   * @param error what they throw instead, where more than that is known
   */
  end(why: Text, cause?: unknown, error?: TransportError): void {
    if (this.#ending !== undefined) return;
    this.#ending = { why, cause, error };
    if (error) this.input.clear();
    this.input.fail(() => this.lost(words`read from ${this.label}`));
    for (const stop of [...this.#calls]) stop();
  }

  /** Ended by this side: what was received is dropped as well. */
  close(): void {
    this.end(words`the port was closed`);
    this.input.clear();
  }

  /** Drops what was received, and what the driver hands over within this turn. */
  async discard(): Promise<void> {
    this.input.clear();
    await new Promise((resolve) => setTimeout(resolve, 0));
    this.input.clear();
  }

  /** The error of an ended connection, naming what was being done. */
  lost(doing: Text): TransportError {
    const { why, cause, error } = this.#ending ?? { why: words`the port is gone` };
    if (error) return error;
    return new TransportError(
      "port-lost",
      doing,
      { port: this.label, detail: why },
      cause === undefined ? {} : { cause },
    );
  }

  /**
   * One driver call. Throws `port-lost` when the connection ends meanwhile or the deadline passes (a driver that does not
   * answer is as good as gone), CancelledError on abort, and whatever `failed` makes of the driver's own error.
   */
  call(doing: Text, start: (done: (error?: Error | null) => void) => void, options: CallOptions): Promise<void> {
    const { signal } = options;
    return new Promise((resolve, reject) => {
      if (this.ended) {
        reject(this.lost(doing));
        return;
      }
      if (signal?.aborted === true) {
        reject(new CancelledError(doing));
        return;
      }
      const settle = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", onAbort);
        this.#calls.delete(onEnd);
      };
      const onEnd = (): void => {
        settle();
        reject(this.lost(doing));
      };
      const onAbort = (): void => {
        settle();
        reject(new CancelledError(doing));
      };
      const { deadlineMs, late = driverLate } = options;
      const timer = setTimeout(() => this.end(late(Math.round(deadlineMs))), deadlineMs);
      signal?.addEventListener("abort", onAbort);
      this.#calls.add(onEnd);
      start((error) => {
        if (!this.#calls.has(onEnd)) return;
        if (error === undefined || error === null) {
          settle();
          resolve();
        } else if (options.failed === undefined) {
          this.end(error.message, error);
        } else {
          settle();
          reject(options.failed(error));
        }
      });
    });
  }
}
