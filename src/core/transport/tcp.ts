/**
 * Raw TCP to a serial bridge (ser2net, ESP-Link, a simulated chip): bytes only, no rate and no control lines.
 * Knows nothing of what the bytes mean.
 */
import type { Socket } from "node:net";
import { TransportError } from "../base/errors";
import { words, type Words } from "../base/words";
import { Connection } from "./connection";
import { writeDeadlineMs } from "./limits";
import { formatPort } from "./portRef";
import { connectSocket } from "./socket";
import type { Transport } from "./transport";

/**
 * Connects to a bridge. `baudRate` is the rate the bridge is taken to run at: only deadlines depend on it.
 * Throws `host-unreachable` or CancelledError.
 */
export async function openTcp(
  ref: { readonly host: string; readonly port: number },
  options: { readonly baudRate: number },
  signal: AbortSignal,
): Promise<Transport> {
  const label = formatPort({ kind: "tcp", ...ref });
  const socket = await connectSocket(ref, label, signal);
  return new TcpTransport(socket, label, options.baudRate);
}

class TcpTransport implements Transport {
  readonly can = { baudRate: false, controlLines: false };
  readonly #line: Connection;
  #outstanding = 0;
  #closing: Promise<void> | undefined;

  constructor(
    private readonly socket: Socket,
    readonly label: string,
    private readonly baudRate: number,
  ) {
    this.#line = new Connection(label, {
      flow: { pause: () => void socket.pause(), resume: () => void socket.resume() },
    });
    socket.on("error", (error) => this.#line.end(error.message, error));
    socket.on("end", () => this.#line.end(words`the other side closed the connection`));
    socket.on("close", () => this.#line.end(words`the connection is closed`));
    socket.on("data", (bytes: Buffer) => {
      this.#line.input.push(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length));
    });
  }

  read(timeoutMs: number, signal: AbortSignal): Promise<Uint8Array> {
    return this.#line.input.read(timeoutMs, signal);
  }

  async write(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    if (bytes.length === 0) return;
    const { length } = bytes;
    this.#outstanding += length;
    await this.#line.call(
      words`write ${length} bytes to ${this.label}`,
      (done) => {
        this.socket.write(Uint8Array.from(bytes), (error) => {
          this.#outstanding -= length;
          done(error);
        });
      },
      { signal, deadlineMs: writeDeadlineMs(this.#outstanding, this.baudRate) },
    );
  }

  setBaudRate(baud: number): Promise<void> {
    return this.#unsupported(words`set ${this.label} to ${baud} baud`, words`a raw TCP bridge keeps its own rate`);
  }

  setControlLines(): Promise<void> {
    return this.#unsupported(words`set DTR and RTS of ${this.label}`, words`raw TCP carries no control lines`);
  }

  #unsupported(doing: Words, detail: Words): Promise<void> {
    return Promise.reject(
      this.#line.ended
        ? this.#line.lost(doing)
        : new TransportError("command-unsupported", doing, { port: this.label, detail }),
    );
  }

  async discardInput(): Promise<void> {
    this.#line.input.clear();
    await new Promise((resolve) => setTimeout(resolve, 0));
    this.#line.input.clear();
  }

  close(): Promise<void> {
    this.#closing ??= new Promise((resolve) => {
      this.#line.close();
      if (this.socket.closed) {
        resolve();
        return;
      }
      this.socket.once("close", () => resolve());
      this.socket.destroy();
    });
    return this.#closing;
  }
}
