/**
 * Serial ports of a browser (Web Serial, https://wicg.github.io/serial/): opening without holding the chip in reset, bytes as they
 * arrive, rate and control lines. The browser's port object is handed in; who chose it and how ports are told apart is not
 * this file's business. Knows nothing of frames.
 */
import { CancelledError, type FlasherError, type FlasherErrorCode, TransportError } from "../base/errors";
import { systemClock, throwIfAborted, wireTimeMs } from "../base/timing";
import { words, type Words } from "../base/words";
import { Connection } from "./connection";
import { TRANSPORT_LIMITS, writeDeadlineMs } from "./limits";
import type { ControlLines, Transport } from "./transport";

/** What is used of the browser's `SerialPort`. */
export interface WebSerialPort {
  readonly readable: ReadableStream<Uint8Array> | null;
  readonly writable: WritableStream<Uint8Array> | null;
  open(options: { readonly baudRate: number; readonly bufferSize: number }): Promise<void>;
  close(): Promise<void>;
  setSignals(signals: { readonly dataTerminalReady: boolean; readonly requestToSend: boolean }): Promise<void>;
  addEventListener(type: "disconnect", listener: () => void): void;
  removeEventListener(type: "disconnect", listener: () => void): void;
}

/** Bytes the browser holds between two reads. Its default of 255 loses data at 921600 baud. */
const BUFFER_BYTES = 0x10000;

/** Names of DOMExceptions by which opening fails, in the specification's words. A driver that has the port says NetworkError. */
const OPEN_CODES: Readonly<Record<string, FlasherErrorCode>> = {
  InvalidStateError: "port-busy",
  NetworkError: "port-busy",
  SecurityError: "port-permission",
  NotFoundError: "port-not-found",
};

/**
 * By which one read fails while the port goes on: the browser puts a new stream in the place of the failed one. What was
 * lost is noticed by those who read frames.
 */
const PASSING = new Set(["BufferOverrunError", "BreakError", "FramingError", "ParityError"]);

/**
 * Opens at 8N1 and releases DTR and RTS at once. Browsers raise both while they open, for as long as the platform takes.
 * Throws `port-busy`, `port-permission`, `port-not-found`, `port-invalid`, or CancelledError.
 * @param label the port as people know it
 */
export async function openWebSerial(
  port: WebSerialPort,
  label: string,
  options: { readonly baudRate: number },
  signal: AbortSignal,
): Promise<Transport> {
  const doing = words`open ${label}`;
  throwIfAborted(signal, doing);
  const transport = new WebSerialTransport(port, label, options.baudRate);
  await withinOpenTime(transport, doing, signal);
  return transport;
}

/** Opening cannot be called back: a port that opens after we gave up is closed again. */
function withinOpenTime(transport: WebSerialTransport, doing: Words, signal: AbortSignal): Promise<void> {
  const { label } = transport;
  const opening = transport.open();
  return new Promise((resolve, reject) => {
    const giveUp = (error: FlasherError): void => {
      settle();
      void opening.then(
        () => transport.close(),
        () => undefined,
      );
      reject(error);
    };
    const onAbort = (): void => giveUp(new CancelledError(doing));
    const timer = setTimeout(() => {
      const detail = words`the browser did not open it within ${TRANSPORT_LIMITS.openMs} ms`;
      giveUp(new TransportError("port-busy", doing, { port: label, detail }));
    }, TRANSPORT_LIMITS.openMs);
    const settle = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
    };
    signal.addEventListener("abort", onAbort);
    opening.then(
      () => {
        settle();
        resolve();
      },
      (error: unknown) => {
        settle();
        reject(openError(error, doing, label));
      },
    );
  });
}

/** Browsers reject with errors of their own; what is none is told in its own words. */
function errorOf(cause: unknown): Error {
  return cause instanceof Error ? cause : new Error(typeof cause === "string" ? cause : "the browser gave no reason");
}

function openError(cause: unknown, doing: Words, label: string): TransportError {
  const { name, message } = errorOf(cause);
  return new TransportError(OPEN_CODES[name] ?? "port-invalid", doing, { port: label, detail: message }, { cause });
}

class WebSerialTransport implements Transport {
  readonly #line: Connection;
  #controlLines = true;
  /** As they were last set: an opening raises both, and they are put back at once. */
  #lines: ControlLines = { dtr: false, rts: false };
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  #writer: WritableStreamDefaultWriter<Uint8Array> | undefined;
  /** Resolves when the loop that reads has let go of its stream. */
  #reading: Promise<void> = Promise.resolve();
  /** Set while the port is closed and opened again: an end of its streams is no end of the line. */
  #changing = false;
  #paused: { readonly promise: Promise<void>; readonly resume: () => void } | undefined;
  #outstanding = 0;
  /** When, by {@link systemClock}, everything written so far has left at the rate it was written at. */
  #wireFreeAt = 0;
  #closing: Promise<void> | undefined;
  /** A change of the rate, under way or over. Never rejects. */
  #reopening: Promise<unknown> = Promise.resolve();
  readonly #onDisconnect = (): void => this.#line.end(words`the device went away`);

  constructor(
    private readonly port: WebSerialPort,
    readonly label: string,
    private baudRate: number,
  ) {
    this.#line = new Connection(label, { flow: { pause: () => this.#pause(), resume: () => this.#paused?.resume() } });
  }

  get can(): Transport["can"] {
    return { baudRate: true, controlLines: this.#controlLines, raisesLines: this.#controlLines };
  }

  /** Rejects with the browser's own error. */
  async open(): Promise<void> {
    this.port.addEventListener("disconnect", this.#onDisconnect);
    await this.port.open({ baudRate: this.baudRate, bufferSize: BUFFER_BYTES });
    await this.#begin();
  }

  /** With the port open: puts the lines right before anything else, then lets go of nothing that arrives. */
  async #begin(): Promise<void> {
    const { dtr, rts } = this.#lines;
    try {
      await this.port.setSignals({ dataTerminalReady: dtr, requestToSend: rts });
    } catch {
      // An adapter without such lines, or one that vanished right now, which the first read says.
      this.#controlLines = false;
    }
    this.#writer = this.port.writable?.getWriter();
    this.#reading = this.#readOn();
  }

  async #readOn(): Promise<void> {
    while (this.port.readable !== null && !this.#line.ended && !this.#changing) {
      const reader = this.port.readable.getReader();
      this.#reader = reader;
      try {
        for (;;) {
          const { value, done } = await reader.read();
          if (done) break;
          this.#line.input.push(value);
          await this.#paused?.promise;
        }
        // A stream that simply ends belongs to a port that is being closed, by us or by the browser.
        if (!this.#changing) this.#line.end(words`the port was closed`);
        return;
      } catch (error) {
        const { name, message } = errorOf(error);
        if (!PASSING.has(name)) this.#line.end(message, error);
      } finally {
        this.#reader = undefined;
        reader.releaseLock();
      }
    }
    // After noise as well the browser may have no new stream to give.
    if (!this.#changing) this.#line.end(words`the port was closed`);
  }

  #pause(): void {
    let resume = (): void => undefined;
    const promise = new Promise<void>((resolve) => (resume = resolve));
    this.#paused = {
      promise,
      resume: () => {
        this.#paused = undefined;
        resume();
      },
    };
  }

  read(timeoutMs: number, signal: AbortSignal): Promise<Uint8Array> {
    return this.#line.input.read(timeoutMs, signal);
  }

  async write(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    if (bytes.length === 0) return;
    const { length } = bytes;
    this.#outstanding += length;
    this.#wireFreeAt = Math.max(systemClock.now(), this.#wireFreeAt) + wireTimeMs(length, this.baudRate);
    await this.#line.call(
      words`write ${length} bytes to ${this.label}`,
      (done) => {
        const confirm = (error?: unknown): void => {
          this.#outstanding -= length;
          done(error === undefined ? null : errorOf(error));
        };
        if (this.#writer === undefined) confirm(new Error("no writable stream"));
        // A copy: after an abort the browser may still be sending while the caller reuses its array.
        else this.#writer.write(Uint8Array.from(bytes)).then(() => confirm(), confirm);
      },
      { signal, deadlineMs: writeDeadlineMs(this.#outstanding, this.baudRate) },
    );
  }

  /**
   * A browser's port has the rate it was opened with, so it is closed and opened again, and the lines are at once as they were.
   * What arrived and was not read by then is lost, and where DTR or RTS reach the chip's reset, the chip starts anew: the
   * link that is tried afterwards tells. Throws `baud-change-failed` where the port does not open at that rate and does at the one before.
   */
  async setBaudRate(baud: number): Promise<void> {
    const doing = words`set ${this.label} to ${baud} baud`;
    if (this.#line.ended) throw this.#line.lost(doing);
    const deadlineMs = writeDeadlineMs(this.#outstanding + TRANSPORT_LIMITS.adapterFifoBytes, this.baudRate);
    let refusal: Error | undefined;
    await this.#line.call(
      doing,
      (done) => {
        const reopening = this.#reopen(baud);
        this.#reopening = reopening.catch(() => undefined);
        reopening.then(
          (refused) => {
            refusal = refused;
            done();
          },
          (error: unknown) => done(errorOf(error)),
        );
      },
      { deadlineMs: deadlineMs + 2 * TRANSPORT_LIMITS.openMs },
    );
    if (refusal === undefined) return;
    const { message: detail } = refusal;
    throw new TransportError("baud-change-failed", doing, { port: this.label, detail }, { cause: refusal });
  }

  /** @returns why it has the rate it had before, where the browser did not open it at the new one */
  async #reopen(baud: number): Promise<Error | undefined> {
    let refusal: Error | undefined;
    this.#changing = true;
    try {
      // A stream's end waits for what was written to be handed on, but not every adapter has sent it by then.
      await this.#writer?.close();
      await this.#untilOnTheWire();
      await this.#letGo();
      await this.port.close();
      try {
        await this.#openAgain(baud);
        this.baudRate = baud;
      } catch (error) {
        refusal = errorOf(error);
        await this.#openAgain(this.baudRate);
      }
    } finally {
      this.#changing = false;
    }
    await this.#begin();
    return refusal;
  }

  /** Where the line has ended meanwhile nobody would close it any more. */
  async #openAgain(baudRate: number): Promise<void> {
    if (!this.#line.ended) await this.port.open({ baudRate, bufferSize: BUFFER_BYTES });
    if (!this.#line.ended) return;
    await this.port.close().catch(() => undefined);
    throw new Error("the port was closed");
  }

  #untilOnTheWire(): Promise<void> {
    const left = Math.max(0, this.#wireFreeAt - systemClock.now());
    return new Promise((resolve) => setTimeout(resolve, Math.ceil(left + TRANSPORT_LIMITS.drainMarginMs)));
  }

  /** Ends reading; a stream that has a reader keeps its port from being closed. */
  async #letGo(): Promise<void> {
    this.#paused?.resume();
    await this.#reader?.cancel().catch(() => undefined);
    await this.#reading;
    try {
      this.#writer?.releaseLock();
    } catch {
      // Its stream has ended already.
    }
    this.#writer = undefined;
  }

  async setControlLines(lines: ControlLines): Promise<void> {
    const doing = words`set DTR and RTS of ${this.label}`;
    if (this.#line.ended) throw this.#line.lost(doing);
    if (!this.#controlLines) {
      const detail = words`the adapter has no control lines`;
      throw new TransportError("command-unsupported", doing, { port: this.label, detail });
    }
    await this.#line.call(
      doing,
      (done) => {
        this.port.setSignals({ dataTerminalReady: lines.dtr, requestToSend: lines.rts }).then(
          () => {
            this.#lines = lines;
            done();
          },
          (error: unknown) => done(errorOf(error)),
        );
      },
      {
        deadlineMs: TRANSPORT_LIMITS.controlMs,
        failed: (cause) => {
          this.#controlLines = false;
          return new TransportError(
            "command-unsupported",
            doing,
            { port: this.label, detail: cause.message },
            { cause },
          );
        },
      },
    );
  }

  discardInput(): Promise<void> {
    return this.#line.discard();
  }

  close(): Promise<void> {
    this.#closing ??= this.#release();
    return this.#closing;
  }

  async #release(): Promise<void> {
    this.#line.close();
    this.port.removeEventListener("disconnect", this.#onDisconnect);
    // A driver stuck in its own close must not hold the caller.
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, TRANSPORT_LIMITS.closeMs)));
    const ended = async (): Promise<void> => {
      await this.#writer?.abort().catch(() => undefined);
      await this.#reopening;
      await this.#letGo();
      await this.port.close();
    };
    await Promise.race([ended().catch(() => undefined), late]);
    clearTimeout(timer);
  }
}
