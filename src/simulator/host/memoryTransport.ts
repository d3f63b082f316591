/**
 * A simulated chip behind a transport without any operating system between: for tests, and for practising without a port.
 * Knows the chip only by its UART.
 */
import { CancelledError, TransportError, asFlasherError } from "../../core/base/errors";
import { Connection } from "../../core/transport/connection";
import type { ControlLines, Transport } from "../../core/transport/transport";
import { towardsHost } from "./hostLine";
import type { ChipUart } from "../uart/chipUart";

export interface MemoryOptions {
  /** Most bytes a read delivers at once, fixed or asked anew for every read. */
  readonly chunk?: number | (() => number);
  /** Whether the "adapter" has DTR and RTS; yes by default. */
  readonly controlLines?: boolean;
  /** Whether it is a bridge that resets the chip by a command of its own; no by default. */
  readonly resetsByCommand?: boolean;
  /** Whether the line has a rate of its own; yes by default. Without one the chip hears the host at any rate. */
  readonly baudRate?: boolean;
  readonly label?: string;
  /** The host's rate to begin with, in baud. */
  readonly initialBaud?: number;
}

export interface MemoryTransport extends Transport {
  /** The adapter is pulled out: everything from now on ends with `port-lost`. */
  unplug(): void;
}

/** Connects `chip` to a transport that is open at once. */
export function memoryTransport(chip: ChipUart, options: MemoryOptions = {}): MemoryTransport {
  return new ChipInMemory(chip, options);
}

class ChipInMemory implements MemoryTransport {
  readonly label: string;
  readonly can: Transport["can"];
  readonly resetByCommand: Transport["resetByCommand"];
  readonly #line: Connection;
  #baud: number | undefined;

  constructor(
    private readonly chip: ChipUart,
    options: MemoryOptions,
  ) {
    const { chunk, controlLines = true, baudRate = true, label = "memory", initialBaud = 115_200 } = options;
    this.label = label;
    this.can = { baudRate, controlLines };
    if (options.resetsByCommand === true)
      this.resetByCommand = () => this.#turn(`reset the chip behind ${label}`, () => chip.resetByBridge?.());
    this.#baud = baudRate ? initialBaud : undefined;
    this.#line = new Connection(
      label,
      chunk === undefined ? {} : { chunk: typeof chunk === "number" ? () => chunk : chunk },
    );
    chip.onTransmit((bytes, baud) => this.#line.input.push(towardsHost(bytes, baud, this.#baud)));
    chip.hostPresent(true);
  }

  read(timeoutMs: number, signal: AbortSignal): Promise<Uint8Array> {
    return this.#line.input.read(timeoutMs, signal);
  }

  async write(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    const doing = `write ${bytes.length} bytes to ${this.label}`;
    if (signal.aborted) throw new CancelledError(doing);
    const sent = Uint8Array.from(bytes);
    await this.#turn(doing, () => this.chip.hostSends(sent, this.#baud));
  }

  async setBaudRate(baud: number): Promise<void> {
    const doing = `set ${this.label} to ${baud} baud`;
    await this.#turn(doing, () => {
      if (!this.can.baudRate) throw this.#unsupported(doing);
      this.#baud = baud;
    });
  }

  async setControlLines(lines: ControlLines): Promise<void> {
    const doing = `set DTR and RTS of ${this.label}`;
    await this.#turn(doing, () => {
      if (!this.can.controlLines) throw this.#unsupported(doing);
      this.chip.setControlLines(lines);
    });
  }

  discardInput(): Promise<void> {
    this.#line.input.clear();
    return Promise.resolve();
  }

  unplug(): void {
    if (this.#line.ended) return;
    this.#line.end("the adapter was unplugged");
    this.chip.hostPresent(false);
  }

  close(): Promise<void> {
    if (!this.#line.ended) {
      this.#line.close();
      this.chip.hostPresent(false);
    }
    return Promise.resolve();
  }

  /**
   * Runs `action` a turn of the event loop later, as a driver would: in order, and never so that host and chip could talk
   * for ever without timers and aborts getting their turn.
   */
  #turn(doing: string, action: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      setImmediate(() => {
        if (this.#line.ended) {
          reject(this.#line.lost(doing));
          return;
        }
        try {
          action();
          resolve();
        } catch (error) {
          reject(asFlasherError(error, doing));
        }
      });
    });
  }

  #unsupported(doing: string): TransportError {
    return new TransportError("command-unsupported", doing, {
      port: this.label,
      detail: "the simulated adapter cannot",
    });
  }
}
