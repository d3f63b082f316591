/**
 * Raw TCP to a serial bridge (ser2net, ESP-Link, OpenBeken, a simulated chip): bytes only, no rate and no control lines; where the
 * bridge is known to reset its chip by a command of its own, that.
 * Knows nothing of what the bytes mean.
 */
import { TransportError } from "../base/errors";
import { words, type Words } from "../base/words";
import { bridgeSurroundings } from "./bridges";
import { resetThroughBridge } from "./bridgeReset";
import { networkLate, type Connection } from "./connection";
import { writeDeadlineMs } from "./limits";
import { Greeting } from "./greeting";
import { formatPort } from "./portRef";
import { connectSocket, endSocket, lineOver, type Connected } from "./socket";
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
  const connected = await connectSocket(ref, label, signal).catch((error: unknown) => {
    if (error instanceof TransportError) error.around = bridgeSurroundings(ref);
    throw error;
  });
  return new TcpTransport(connected, label, options.baudRate, ref);
}

class TcpTransport implements Transport {
  readonly can = { baudRate: false, controlLines: false };
  readonly resetByCommand?: (signal: AbortSignal) => Promise<void>;
  readonly roundTripMs: number;
  readonly #line: Connection;
  readonly #socket: Connected["socket"];
  /** What came before anything was sent. */
  readonly #greeting = new Greeting();
  #outstanding = 0;

  constructor(
    { socket, roundTripMs }: Connected,
    readonly label: string,
    private readonly baudRate: number,
    private readonly ref: TcpRef,
  ) {
    if (ref.reset !== undefined) this.resetByCommand = (signal) => this.#reset(ref, signal);
    this.roundTripMs = roundTripMs;
    this.#socket = socket;
    // Before the line ends with it.
    socket.on("end", () => this.#greeted());
    this.#line = lineOver(socket, label, (bytes) => this.#heard(bytes));
  }

  #heard(bytes: Uint8Array): void {
    this.#greeting.heard(bytes);
    if (this.#greeting.isTelnet) this.#greeted();
    this.#line.input.push(bytes);
  }

  /** Ends the connection to what is no bridge, or one that somebody else has. */
  #greeted(): void {
    const doing = words`connect to ${this.label}`;
    const refusal = this.#greeting.refusal(doing, this.label);
    const { host, port } = this.ref;
    const address = formatPort({ kind: "rfc2217", host, port });
    if (refusal) this.#line.end(refusal.context.detail ?? doing, undefined, refusal);
    else if (this.#greeting.isTelnet) {
      const detail = words`a Telnet server answers there: write ${address} if it serves its port by RFC 2217`;
      this.#line.end(detail, undefined, new TransportError("port-invalid", doing, { port: this.label, detail }));
    }
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
        this.#socket.write(Uint8Array.from(bytes), (error) => {
          this.#outstanding -= length;
          done(error);
        });
      },
      { signal, deadlineMs: writeDeadlineMs(this.#outstanding, this.baudRate), late: networkLate },
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
    return endSocket(this.#socket);
  }
}
