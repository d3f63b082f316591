/**
 * A serial port behind an RFC 2217 server (ser2net, pyserial, a bridge): bytes, rate and, where the server is seen to set them, the
 * control lines. Echoes are awaited only of what every server echoes, each with a deadline; a server that stays silent is told
 * about and used all the same, for the link check finds out what it has done. Knows nothing of what the bytes mean.
 */
import type { Socket } from "node:net";
import { concat } from "../base/bytes";
import { TransportError } from "../base/errors";
import { systemClock, wireTimeMs } from "../base/timing";
import { words, type Text, type Words } from "../base/words";
import { COM_COMMANDS, ComPortStream, comPortCommand, escaped } from "./comPortStream";
import type { Connection } from "./connection";
import { TRANSPORT_LIMITS, writeDeadlineMs } from "./limits";
import { formatPort } from "./portRef";
import { connectSocket, endSocket, lineOver } from "./socket";
import type { ControlLines, OpenOptions, Transport } from "./transport";

const [EIGHT_BITS, NO_PARITY, ONE_STOP_BIT, NO_FLOW_CONTROL] = [8, 1, 1, 1];
const [DTR_ON, DTR_OFF, RTS_ON, RTS_OFF] = [8, 9, 11, 12];
const PURGE_RECEIVED = 1;
/** Servers answer with the rate that they have really set, which a divider rounds. */
const RATE_TOLERANCE = 0.03;

/**
 * Connects and sets 8N1 without flow control, both lines released.
 * Throws `host-unreachable`, also where nothing there speaks RFC 2217; `baud-change-failed`; CancelledError.
 */
export async function openRfc2217(
  ref: { readonly host: string; readonly port: number },
  options: OpenOptions,
  signal: AbortSignal,
): Promise<Transport> {
  const label = formatPort({ kind: "rfc2217", ...ref });
  const transport = new Rfc2217Transport(await connectSocket(ref, label, signal), label, options);
  const stop = (): void => void transport.close();
  signal.addEventListener("abort", stop);
  try {
    await transport.agree(signal);
    return transport;
  } catch (error) {
    await transport.close();
    throw error;
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/** Waits for an answer of one kind. */
interface Waiting {
  readonly command: number;
  readonly take: (value: Uint8Array) => void;
}

class Rfc2217Transport implements Transport {
  readonly #line: Connection;
  readonly #stream: ComPortStream;
  readonly #waiting = new Set<Waiting>();
  #onAgreed: () => void = () => undefined;
  #controlLines = false;
  /** Whether this server answers a purge; one that has not once is not asked again. */
  #answersPurge = true;
  #outstanding = 0;
  /** When, by {@link systemClock}, everything written so far has left the far serial port. */
  #wireFreeAt = 0;
  #baudRate: number;

  constructor(
    private readonly socket: Socket,
    readonly label: string,
    private readonly options: OpenOptions,
  ) {
    this.#baudRate = options.baudRate;
    this.#line = lineOver(socket, label, (bytes) => this.#stream.push(bytes));
    this.#stream = new ComPortStream({
      send: (bytes) => this.#send(bytes),
      data: (bytes) => this.#line.input.push(bytes),
      answer: (command, value) => this.#answered(command, value),
      agreed: () => this.#onAgreed(),
    });
  }

  get can(): Transport["can"] {
    return { baudRate: true, controlLines: this.#controlLines };
  }

  /** Negotiates and sets the port up. */
  async agree(signal: AbortSignal): Promise<void> {
    const doing = words`connect to ${this.label}`;
    let agreed = false;
    const agreeing = this.#within(doing, signal, (done) => {
      this.#onAgreed = () => {
        agreed = true;
        done();
      };
      this.#stream.start();
    });
    await agreeing;
    if (!agreed) {
      const detail = words`it does not answer as an RFC 2217 server does; a bridge without it is tcp://host:port`;
      throw new TransportError("host-unreachable", doing, { port: this.label, detail });
    }
    const { size, parity, stop, control } = COM_COMMANDS;
    const settings = [
      [size, EIGHT_BITS],
      [parity, NO_PARITY],
      [stop, ONE_STOP_BIT],
      [control, NO_FLOW_CONTROL],
    ] as const;
    for (const [command, value] of settings) this.#send(comPortCommand(command, Uint8Array.of(value)));
    await this.setBaudRate(this.options.baudRate);
    await this.#learnLines();
  }

  /**
   * Lets go of DTR, and learns whether the server does it: some swallow it, some start a reset of their own for RTS. Commands are
   * answered in their order, so when the purge behind it is, no answer to DTR will come.
   */
  async #learnLines(): Promise<void> {
    const release = this.#answerTo(COM_COMMANDS.control, (value) => {
      if (value[0] === DTR_OFF) this.#controlLines = true;
    });
    this.#send(comPortCommand(COM_COMMANDS.control, Uint8Array.of(DTR_OFF)));
    await this.discardInput();
    release();
    if (this.#controlLines) this.#send(comPortCommand(COM_COMMANDS.control, Uint8Array.of(RTS_OFF)));
  }

  read(timeoutMs: number, signal: AbortSignal): Promise<Uint8Array> {
    return this.#line.input.read(timeoutMs, signal);
  }

  async write(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    if (bytes.length === 0) return;
    const { length } = bytes;
    this.#outstanding += length;
    this.#wireFreeAt = Math.max(systemClock.now(), this.#wireFreeAt) + wireTimeMs(length, this.#baudRate);
    await this.#line.call(
      words`write ${length} bytes to ${this.label}`,
      (done) => {
        this.socket.write(escaped(bytes), (error) => {
          this.#outstanding -= length;
          done(error);
        });
      },
      { signal, deadlineMs: writeDeadlineMs(this.#outstanding, this.#baudRate) },
    );
  }

  /** Throws `baud-change-failed` where the server says that it has set another rate. */
  async setBaudRate(baud: number): Promise<void> {
    const doing = words`set ${this.label} to ${baud} baud`;
    if (this.#line.ended) throw this.#line.lost(doing);
    await this.#untilOnTheWire();
    let actual: number | undefined;
    await this.#asked(doing, COM_COMMANDS.baud, rateBytes(baud), (value) => {
      actual = rateOf(value);
    });
    if (actual !== undefined && Math.abs(actual - baud) > baud * RATE_TOLERANCE)
      throw new TransportError("baud-change-failed", doing, { port: this.label, actual: words`${actual} baud` });
    this.#baudRate = baud;
  }

  /** What the server has in hand leaves at the old rate. It does not say when; how long it takes is known. */
  #untilOnTheWire(): Promise<void> {
    const left = Math.max(0, this.#wireFreeAt - systemClock.now());
    return new Promise((resolve) => setTimeout(resolve, Math.ceil(left + TRANSPORT_LIMITS.drainMarginMs)));
  }

  setControlLines({ dtr, rts }: ControlLines): Promise<void> {
    const doing = words`set DTR and RTS of ${this.label}`;
    if (this.#line.ended) return Promise.reject(this.#line.lost(doing));
    if (!this.#controlLines) {
      const detail = words`the server does not set the lines of its port`;
      return Promise.reject(new TransportError("command-unsupported", doing, { port: this.label, detail }));
    }
    const values = [dtr ? DTR_ON : DTR_OFF, rts ? RTS_ON : RTS_OFF];
    this.#send(concat(...values.map((value) => comPortCommand(COM_COMMANDS.control, Uint8Array.of(value)))));
    return Promise.resolve();
  }

  /** The server's buffer is emptied too; what it had sent before is here when it says so. */
  async discardInput(): Promise<void> {
    this.#line.input.clear();
    if (this.#answersPurge && !this.#line.ended) {
      const doing = words`empty the buffers of ${this.label}`;
      let answered = false;
      await this.#asked(doing, COM_COMMANDS.purge, Uint8Array.of(PURGE_RECEIVED), () => {
        answered = true;
      }).catch(() => undefined);
      this.#answersPurge = answered;
    } else await new Promise((resolve) => setTimeout(resolve, 0));
    this.#line.input.clear();
  }

  close(): Promise<void> {
    this.#line.close();
    return endSocket(this.socket);
  }

  #send(bytes: Uint8Array): void {
    // What goes wrong ends the connection by its own event.
    if (!this.#line.ended) this.socket.write(bytes);
  }

  #answerTo(command: number, take: (value: Uint8Array) => void): () => void {
    const waiting = { command, take };
    this.#waiting.add(waiting);
    return () => void this.#waiting.delete(waiting);
  }

  #answered(command: number, value: Uint8Array): void {
    for (const waiting of [...this.#waiting]) if (waiting.command === command) waiting.take(value);
  }

  /** Sends a command and waits for its answer; one that does not come is told about, and nothing more. Throws `port-lost`. */
  async #asked(doing: Words, command: number, value: Uint8Array, take: (value: Uint8Array) => void): Promise<void> {
    let answered = false;
    let release = (): void => undefined;
    await this.#within(doing, undefined, (done) => {
      release = this.#answerTo(command, (answer) => {
        answered = true;
        take(answer);
        done();
      });
      this.#send(comPortCommand(command, value));
    }).finally(() => release());
    if (!answered)
      this.options.warn?.(words`${this.label} did not confirm within ${TRANSPORT_LIMITS.negotiateMs} ms: ${doing}`);
  }

  /** Until it is done or its time is over; a read side that was paused goes on meanwhile. Throws `port-lost`, CancelledError. */
  async #within(doing: Text, signal: AbortSignal | undefined, start: (done: () => void) => void): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    try {
      await this.#line.call(
        doing,
        (done) => {
          timer = setTimeout(() => done(), TRANSPORT_LIMITS.negotiateMs);
          this.socket.resume();
          start(() => done());
        },
        { deadlineMs: 2 * TRANSPORT_LIMITS.negotiateMs, ...(signal && { signal }) },
      );
    } finally {
      clearTimeout(timer);
    }
  }
}

/** As the wire has it: u32, big-endian. */
function rateBytes(baud: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, baud);
  return bytes;
}

function rateOf(value: Uint8Array): number | undefined {
  if (value.length !== 4) return undefined;
  return new DataView(value.buffer, value.byteOffset).getUint32(0);
}
