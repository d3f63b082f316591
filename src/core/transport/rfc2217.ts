/**
 * A serial port behind an RFC 2217 server (ser2net, pyserial, a bridge): bytes, rate and, where the server is seen to set them, the
 * control lines. Echoes are awaited only of what every server echoes, each with a deadline; a server that stays silent is told
 * about and used all the same, for the link check finds out what it has done. Knows nothing of what the bytes mean.
 */
import type { Socket } from "node:net";
import { concat } from "../base/bytes";
import { TransportError, isPortLost } from "../base/errors";
import { systemClock, throwIfAborted, wireTimeMs } from "../base/timing";
import { words, type Text, type Words } from "../base/words";
import { COM_COMMANDS, ComPortStream, comPortCommand, escaped } from "./comPortStream";
import { networkLate, type Connection } from "./connection";
import { TRANSPORT_LIMITS, writeDeadlineMs } from "./limits";
import { formatPort } from "./portRef";
import { Greeting } from "./greeting";
import { connectSocket, endSocket, lineOver, type Connected } from "./socket";
import type { ControlLines, OpenOptions, Transport } from "./transport";

const [EIGHT_BITS, NO_PARITY, ONE_STOP_BIT, NO_FLOW_CONTROL] = [8, 1, 1, 1];
const [DTR_ON, DTR_OFF, RTS_ON, RTS_OFF] = [8, 9, 11, 12];
const PURGE_RECEIVED = 1;
/** How much of it the latest question and answer makes up. */
const SMOOTHING = 0.5;
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
    throwIfAborted(signal, words`connect to ${label}`);
    throw (isPortLost(error) && transport.refusal()) || error;
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/** Waits for an answer of one kind; false where it is another's. */
interface Waiting {
  readonly command: number;
  readonly take: (value: Uint8Array) => boolean;
}

class Rfc2217Transport implements Transport {
  readonly #line: Connection;
  readonly #stream: ComPortStream;
  readonly #waiting = new Set<Waiting>();
  readonly #socket: Socket;
  /** What came before the server took commands. */
  readonly #greeting = new Greeting();
  #onAgreed: () => void = () => undefined;
  #isRefused = false;
  #isOpen = false;
  #hasAnswered = false;
  #controlLines = false;
  /** Answers that did not come in time, of each command: they may yet. A server that owes one is not waited for again. */
  readonly #owed = new Map<number, number>();
  /** What is to be sent once the server has room again; undefined while it has. */
  #whenResumed: (() => void)[] | undefined;
  #roundTripMs: number;
  #outstanding = 0;
  /** When, by {@link systemClock}, everything written so far has left the far serial port. */
  #wireFreeAt = 0;
  #baudRate: number;

  constructor(
    { socket, roundTripMs }: Connected,
    readonly label: string,
    private readonly options: OpenOptions,
  ) {
    this.#socket = socket;
    this.#roundTripMs = roundTripMs;
    this.#baudRate = options.baudRate;
    this.#line = lineOver(socket, label, (bytes) => this.#stream.push(bytes));
    this.#stream = new ComPortStream({
      send: (bytes) => this.#send(bytes),
      data: (bytes) => {
        this.#greeting.heard(bytes);
        this.#line.input.push(bytes);
      },
      answer: (command, value) => this.#answered(command, value),
      echo: () => this.#sentBack(),
      agreed: () => this.#onAgreed(),
      refused: () => (this.#isRefused = true),
    });
  }

  get can(): Transport["can"] {
    return { baudRate: true, controlLines: this.#controlLines };
  }

  /** As answered commands took, the latest counting most. */
  get roundTripMs(): number {
    return this.#roundTripMs;
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
    if (!agreed) throw this.#isNoServer(doing);
    const { size, parity, stop, control } = COM_COMMANDS;
    const settings = [
      [size, EIGHT_BITS],
      [parity, NO_PARITY],
      [stop, ONE_STOP_BIT],
      [control, NO_FLOW_CONTROL],
    ] as const;
    let keepsOthers = false;
    const answers = settings.map(([command, value]) =>
      this.#answerTo(command, ([actual]) => {
        keepsOthers ||= command !== control && actual !== undefined && actual !== value;
        return true;
      }),
    );
    for (const [command, value] of settings) this.#send(comPortCommand(command, Uint8Array.of(value)));
    // Commands are answered in their order.
    await this.setBaudRate(this.options.baudRate);
    for (const release of answers) release();
    if (keepsOthers) {
      const detail = words`the server does not set its port to 8 data bits, no parity and one stop bit`;
      throw new TransportError("command-unsupported", doing, { port: this.label, detail });
    }
    await this.#learnLines();
    this.#isOpen = true;
  }

  /** Whoever gives the client its own commands back, and has answered none, agrees to everything and is no server. */
  #sentBack(): void {
    if (this.#isOpen || this.#hasAnswered) return;
    const doing = words`connect to ${this.label}`;
    const detail = words`it sends back what is sent to it, and answers nothing; a bridge without RFC 2217 is tcp://host:port`;
    const error = new TransportError("host-unreachable", doing, { port: this.label, detail });
    this.#line.end(detail, undefined, error);
  }

  /** What the server said before it closed the connection, where that tells why. */
  refusal(): TransportError | undefined {
    return this.#greeting.refusal(words`connect to ${this.label}`, this.label);
  }

  #isNoServer(doing: Words): TransportError {
    const { said } = this.#greeting;
    const seen = this.#isRefused
      ? words`it speaks Telnet, but refuses RFC 2217: ser2net serves that by telnet(rfc2217)`
      : words`it does not answer as an RFC 2217 server does; a bridge without it is tcp://host:port`;
    const detail = said === "" ? seen : words`${seen}; it said "${said}"`;
    return new TransportError("host-unreachable", doing, { port: this.label, detail });
  }

  /**
   * Lets go of DTR, and learns whether the server does it: some swallow it, some start a reset of their own for RTS. Commands are
   * answered in their order, so when the purge behind it is, no answer to DTR will come.
   */
  async #learnLines(): Promise<void> {
    const release = this.#answerTo(COM_COMMANDS.control, (value) => {
      if (value[0] === DTR_OFF) this.#controlLines = true;
      return true;
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
        const send = (): void => {
          if (signal.aborted) {
            this.#outstanding -= length;
            return;
          }
          this.#socket.write(escaped(bytes), (error) => {
            this.#outstanding -= length;
            done(error);
          });
        };
        if (this.#whenResumed) this.#whenResumed.push(send);
        else send();
      },
      { signal, deadlineMs: writeDeadlineMs(this.#outstanding, this.#baudRate), late: networkLate },
    );
  }

  /** Throws `baud-change-failed` where the server says that it has set another rate; it is told the one before then. */
  async setBaudRate(baud: number): Promise<void> {
    const doing = words`set ${this.label} to ${baud} baud`;
    if (this.#line.ended) throw this.#line.lost(doing);
    await this.#untilOnTheWire(doing);
    const actual = await this.#askRate(doing, baud);
    if (actual !== undefined && !isNear(actual, baud)) {
      if (!isNear(actual, this.#baudRate)) await this.#askRate(doing, this.#baudRate);
      throw new TransportError("baud-change-failed", doing, { port: this.label, actual: words`${actual} baud` });
    }
    this.#baudRate = baud;
  }

  /** @returns what the server says it has set; undefined where it says nothing */
  async #askRate(doing: Words, baud: number): Promise<number | undefined> {
    let actual: number | undefined;
    await this.#asked(doing, COM_COMMANDS.baud, rateBytes(baud), (value) => {
      const rate = rateOf(value);
      if (rate === undefined) return false;
      actual = rate;
      // What came before was received at the old rate.
      this.#line.input.clear();
      return true;
    });
    return actual;
  }

  /** What the server has in hand leaves at the old rate. It does not say when; how long it takes is known. */
  async #untilOnTheWire(doing: Words): Promise<void> {
    if (this.#whenResumed) await this.#within(doing, undefined, (done) => this.#whenResumed?.push(done));
    const left = Math.max(0, this.#wireFreeAt - systemClock.now());
    await new Promise((resolve) => setTimeout(resolve, Math.ceil(left + TRANSPORT_LIMITS.drainMarginMs)));
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
    const doing = words`empty the buffers of ${this.label}`;
    await this.#asked(doing, COM_COMMANDS.purge, Uint8Array.of(PURGE_RECEIVED), () => true).catch(() => undefined);
    this.#line.input.clear();
  }

  close(): Promise<void> {
    this.#line.close();
    return endSocket(this.#socket);
  }

  #send(bytes: Uint8Array): void {
    // What goes wrong ends the connection by its own event.
    if (!this.#line.ended) this.#socket.write(bytes);
  }

  #answerTo(command: number, take: (value: Uint8Array) => boolean): () => void {
    const waiting = { command, take };
    this.#waiting.add(waiting);
    return () => void this.#waiting.delete(waiting);
  }

  #answered(command: number, value: Uint8Array): void {
    this.#hasAnswered = true;
    if (command === COM_COMMANDS.suspend) this.#whenResumed ??= [];
    if (command === COM_COMMANDS.resume) {
      const held = this.#whenResumed ?? [];
      this.#whenResumed = undefined;
      for (const send of held) send();
    }
    const owed = this.#owed.get(command) ?? 0;
    // Answers come in the order of their questions: this is one that came late.
    if (owed > 0) this.#owed.set(command, owed - 1);
    else for (const waiting of [...this.#waiting]) if (waiting.command === command) waiting.take(value);
  }

  /**
   * Sends a command and waits for its answer; one that does not come is told about, and nothing more. A server that is silent about
   * a command is not waited for another time. Throws `port-lost`.
   */
  async #asked(doing: Words, command: number, value: Uint8Array, take: (value: Uint8Array) => boolean): Promise<void> {
    const owed = this.#owed.get(command) ?? 0;
    if (owed > 0) {
      this.#owed.set(command, owed + 1);
      this.#send(comPortCommand(command, value));
      await new Promise((resolve) => setTimeout(resolve, 0));
      return;
    }
    let answered = false;
    let release = (): void => undefined;
    const asked = systemClock.now();
    await this.#within(doing, undefined, (done) => {
      release = this.#answerTo(command, (answer) => {
        if (!take(answer)) return false;
        answered = true;
        done();
        return true;
      });
      this.#send(comPortCommand(command, value));
    }).finally(() => release());
    // A network that stands still for once is no slower one.
    if (answered) this.#roundTripMs += (systemClock.now() - asked - this.#roundTripMs) * SMOOTHING;
    else {
      this.#owed.set(command, 1);
      this.options.warn?.(words`${this.label} did not confirm within ${TRANSPORT_LIMITS.negotiateMs} ms: ${doing}`);
    }
  }

  /** Until it is done or its time is over; a read side that was paused goes on meanwhile. Throws `port-lost`, CancelledError. */
  async #within(doing: Text, signal: AbortSignal | undefined, start: (done: () => void) => void): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    try {
      await this.#line.call(
        doing,
        (done) => {
          timer = setTimeout(() => done(), TRANSPORT_LIMITS.negotiateMs);
          this.#socket.resume();
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

function isNear(actual: number, baud: number): boolean {
  return Math.abs(actual - baud) <= baud * RATE_TOLERANCE;
}

function rateOf(value: Uint8Array): number | undefined {
  if (value.length !== 4) return undefined;
  return new DataView(value.buffer, value.byteOffset).getUint32(0);
}
