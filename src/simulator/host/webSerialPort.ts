/**
 * A simulated chip behind what a browser's Web Serial gives: streams that are new with every opening, lines that the platform
 * raises while it opens, errors under the names of the specification. For tests where no browser has a port.
 */
import type { WebSerialPort } from "../../core/transport/webSerial";
import type { ChipUart } from "../uart/chipUart";
import { towardsHost } from "./hostLine";

export interface WebSerialOptions {
  /** Whether opening raises DTR and RTS until they are set, as most drivers do; yes by default. */
  readonly raisesLines?: boolean;
}

/** An error as the browser throws it; `DOMException` takes the name as its second argument. */
function failure(name: string, message: string): DOMException {
  return new DOMException(message, name);
}

export class SimulatedWebSerialPort implements WebSerialPort {
  readable: ReadableStream<Uint8Array> | null = null;
  writable: WritableStream<Uint8Array> | null = null;
  readonly #listeners = new Set<() => void>();
  #baud = 0;
  #source: ReadableStreamDefaultController<Uint8Array> | undefined;
  #opened = false;
  #gone = false;
  /** How often it was opened. */
  openings = 0;

  constructor(
    private readonly chip: ChipUart,
    private readonly options: WebSerialOptions = {},
  ) {
    chip.onTransmit((bytes, baud) => {
      if (this.#opened && !this.#gone) this.#source?.enqueue(towardsHost(bytes, baud, this.#baud));
    });
  }

  async open({ baudRate }: { readonly baudRate: number }): Promise<void> {
    await turn();
    if (this.#gone) throw failure("NotFoundError", "The port is gone.");
    if (this.#opened) throw failure("InvalidStateError", "The port is already open.");
    this.#opened = true;
    this.#baud = baudRate;
    this.openings++;
    if (this.openings === 1) this.chip.hostPresent(true);
    if (this.options.raisesLines !== false) this.chip.setControlLines({ dtr: true, rts: true });
    this.#newReadable();
    this.writable = new WritableStream<Uint8Array>({
      write: async (bytes) => {
        await turn();
        if (this.#gone) throw failure("NetworkError", "The device has been lost.");
        this.chip.hostSends(Uint8Array.from(bytes), this.#baud);
      },
    });
  }

  #newReadable(): void {
    this.readable = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#source = controller;
      },
      cancel: () => {
        this.#source = undefined;
      },
    });
  }

  /** As the specification has it: only where nothing holds the streams any more. */
  async close(): Promise<void> {
    await turn();
    if (!this.#opened) throw failure("InvalidStateError", "The port is already closed.");
    if (this.readable?.locked === true || this.writable?.locked === true)
      throw new TypeError("Cannot cancel a locked stream");
    this.#opened = false;
    this.readable = null;
    this.writable = null;
    this.#source = undefined;
  }

  async setSignals(signals: { readonly dataTerminalReady: boolean; readonly requestToSend: boolean }): Promise<void> {
    await turn();
    if (!this.#opened || this.#gone) throw failure("InvalidStateError", "The port is closed.");
    this.chip.setControlLines({ dtr: signals.dataTerminalReady, rts: signals.requestToSend });
  }

  addEventListener(_type: "disconnect", listener: () => void): void {
    this.#listeners.add(listener);
  }

  removeEventListener(_type: "disconnect", listener: () => void): void {
    this.#listeners.delete(listener);
  }

  /** A read fails, and the port goes on with a new stream: what browsers do on line noise and full buffers. */
  disturb(name: "BufferOverrunError" | "BreakError" | "FramingError" | "ParityError"): void {
    const source = this.#source;
    this.#newReadable();
    source?.error(failure(name, `${name} has been detected.`));
  }

  /** The adapter is pulled out. */
  unplug(): void {
    this.#gone = true;
    this.#source?.error(failure("NetworkError", "The device has been lost."));
    this.readable = null;
    this.chip.hostPresent(false);
    for (const listener of [...this.#listeners]) listener();
  }
}

/** Nothing of a browser's port happens within the call. */
function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
