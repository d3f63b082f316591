/**
 * Raw TCP to a serial bridge (ser2net, ESP-Link, OpenBeken, a simulated chip): bytes only, no rate and no control lines; where the
 * bridge is known to reset its chip by a command of its own, that.
 * Knows nothing of what the bytes mean.
 */
import type { Socket } from "node:net";
import { TransportError } from "../base/errors";
import { words, type Words } from "../base/words";
import { bridgeSurroundings } from "./bridges";
import { resetThroughBridge } from "./bridgeReset";
import type { Connection } from "./connection";
import { writeDeadlineMs } from "./limits";
import { formatPort } from "./portRef";
import { connectSocket, endSocket, lineOver } from "./socket";
import type { TcpRef, Transport } from "./transport";

/**
 * Connects to a bridge. `baudRate` is the rate the bridge is taken to run at: only deadlines depend on it.
 * Throws `host-unreachable` or CancelledError.
 */
export async function openTcp(
  ref: TcpRef,
  options: { readonly baudRate: number },
  signal: AbortSignal,
): Promise<Transport> {
  const label = formatPort({ kind: "tcp", host: ref.host, port: ref.port });
  const socket = await connectSocket(ref, label, signal).catch((error: unknown) => {
    if (error instanceof TransportError) error.around = bridgeSurroundings(ref);
    throw error;
  });
  return new TcpTransport(socket, label, options.baudRate, ref);
}

class TcpTransport implements Transport {
  readonly can = { baudRate: false, controlLines: false };
  readonly resetByCommand?: (signal: AbortSignal) => Promise<void>;
  readonly #line: Connection;
  #outstanding = 0;

  constructor(
    private readonly socket: Socket,
    readonly label: string,
    private readonly baudRate: number,
    ref: TcpRef,
  ) {
    if (ref.reset !== undefined) this.resetByCommand = (signal) => this.#reset(ref, signal);
    this.#line = lineOver(socket, label, (bytes) => this.#line.input.push(bytes));
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

  async #reset(ref: TcpRef, signal: AbortSignal): Promise<void> {
    if (this.#line.ended) throw this.#line.lost(words`reset the chip behind ${this.label}`);
    await resetThroughBridge(ref, this.label, signal);
  }

  #unsupported(doing: Words, detail: Words): Promise<void> {
    return Promise.reject(
      this.#line.ended
        ? this.#line.lost(doing)
        : new TransportError("command-unsupported", doing, { port: this.label, detail }),
    );
  }

  discardInput(): Promise<void> {
    return this.#line.discard();
  }

  close(): Promise<void> {
    this.#line.close();
    return endSocket(this.socket);
  }
}
