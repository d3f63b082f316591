/**
 * RFC 2217 over a stream of bytes: Telnet's options, escapes and the commands of the COM-PORT option, from the client's side. Pure: knows
 * no sockets and no clocks. Whatever the far end sends, what is answered is bounded, and an option that is as it was is never answered.
 */
import { concat } from "../base/bytes";

const IAC = 0xff;
const [SE, SB, WILL, WONT, DO, DONT] = [0xf0, 0xfa, 0xfb, 0xfc, 0xfd, 0xfe];
const [BINARY, ECHO, SGA, COM_PORT] = [0x00, 0x01, 0x03, 0x2c];

/** Commands of the COM-PORT option; answers bear the number plus {@link ANSWER}. */
export const COM_COMMANDS = {
  baud: 1,
  size: 2,
  parity: 3,
  stop: 4,
  control: 5,
  /** The server's buffer is full, and has room again: said by the server alone. */
  suspend: 8,
  resume: 9,
  purge: 12,
} as const;
const ANSWER = 100;

/** What the client does itself, and what it lets the server do. */
const OURS: ReadonlySet<number> = new Set([BINARY, SGA, COM_PORT]);
const THEIRS: ReadonlySet<number> = new Set([BINARY, ECHO, SGA, COM_PORT]);

/** No answer is longer; of what is, the rest is dropped. */
const LONGEST_ANSWER = 64;
/** Options are settled after a dozen answers. Whoever asks on and on hears no more. */
const MOST_ANSWERS = 100;

type Option = "off" | "asked" | "on" | "refused";

export interface ComPortEvents {
  /** To the server, at once. */
  readonly send: (bytes: Uint8Array) => void;
  /** What the serial port received. */
  readonly data: (bytes: Uint8Array) => void;
  /** @param command as in {@link COM_COMMANDS} */
  readonly answer: (command: number, value: Uint8Array) => void;
  /** One of the commands that only clients give has come: what was sent is sent back. */
  readonly echo: () => void;
  /** The server takes COM-PORT commands from now on. Told once. */
  readonly agreed: () => void;
  /** The server speaks Telnet, and will not have the COM-PORT option. */
  readonly refused: () => void;
}

type State = "data" | "command" | "option" | "answer" | "answer-command";

export class ComPortStream {
  private state: State = "data";
  private verb = 0;
  private readonly answerBytes: number[] = [];
  private readonly ours = new Map<number, Option>();
  private readonly theirs = new Map<number, Option>();
  private answers = 0;
  private isAgreed = false;

  constructor(private readonly events: ComPortEvents) {}

  /** Offers what a serial port needs: eight bits both ways, and the COM-PORT option. */
  start(): void {
    for (const option of OURS) this.ours.set(option, "asked");
    for (const option of [BINARY, SGA]) this.theirs.set(option, "asked");
    const offers = [...OURS].map((option) => Uint8Array.of(IAC, WILL, option));
    this.events.send(concat(...offers, Uint8Array.of(IAC, DO, BINARY), Uint8Array.of(IAC, DO, SGA)));
  }

  /** Takes what the server sends, cut anywhere. */
  push(bytes: Uint8Array): void {
    const data = new Uint8Array(bytes.length);
    let [told, length] = [0, 0];
    const tell = (): void => {
      if (length > told) this.events.data(data.subarray(told, length));
      told = length;
    };
    for (const byte of bytes) {
      if (this.state === "data" && byte !== IAC) data[length++] = byte;
      else if (this.state === "command" && byte === IAC) {
        data[length++] = IAC;
        this.state = "data";
      } else {
        // An answer tells of what came before it: at which rate that was received.
        if (this.state === "answer-command" && byte === SE) tell();
        this.control(byte);
      }
    }
    tell();
  }

  /** A byte that is no data. */
  private control(byte: number): void {
    switch (this.state) {
      case "data":
        this.state = "command";
        break;
      case "command":
        if (byte === SB) {
          this.answerBytes.length = 0;
          this.state = "answer";
        } else if (byte >= WILL) {
          this.verb = byte;
          this.state = "option";
        } else this.state = "data";
        break;
      case "option":
        this.state = "data";
        this.negotiate(this.verb, byte);
        break;
      case "answer":
        if (byte === IAC) this.state = "answer-command";
        else this.keep(byte);
        break;
      case "answer-command":
        if (byte === IAC) {
          this.keep(byte);
          this.state = "answer";
        } else {
          // Whatever ends it: one that was cut off is none.
          this.state = "data";
          if (byte === SE) this.takeAnswer();
          else {
            this.state = "command";
            this.control(byte);
          }
        }
    }
  }

  private keep(byte: number): void {
    if (this.answerBytes.length < LONGEST_ANSWER) this.answerBytes.push(byte);
  }

  private takeAnswer(): void {
    const [option, code = 0, ...value] = this.answerBytes;
    if (option !== COM_PORT) return;
    if (code >= ANSWER) this.events.answer(code - ANSWER, Uint8Array.from(value));
    else this.events.echo();
  }

  private negotiate(verb: number, option: number): void {
    const isAboutUs = verb === DO || verb === DONT;
    const wanted = verb === DO || verb === WILL;
    const options = isAboutUs ? this.ours : this.theirs;
    const allowed = (isAboutUs ? OURS : THEIRS).has(option);
    const now = options.get(option) ?? "off";
    const [yes, no] = isAboutUs ? [WILL, WONT] : [DO, DONT];
    if (wanted && allowed) {
      if (now !== "on") options.set(option, "on");
      // What was offered is accepted by this; what is on already needs no word.
      if (now === "off" || now === "refused") this.reply(yes, option);
      if (option === COM_PORT) this.agree();
    } else if (wanted) {
      if (now === "refused") return;
      options.set(option, "refused");
      this.reply(no, option);
    } else {
      options.set(option, "off");
      if (now === "on") this.reply(no, option);
      // What it does itself is no matter: the commands are ours.
      if (option === COM_PORT && isAboutUs && !this.isAgreed) this.events.refused();
    }
  }

  private reply(verb: number, option: number): void {
    if (++this.answers <= MOST_ANSWERS) this.events.send(Uint8Array.of(IAC, verb, option));
  }

  private agree(): void {
    if (this.isAgreed) return;
    this.isAgreed = true;
    this.events.agreed();
  }
}

/** Data, or a value inside a command: each 0xFF twice. */
export function escaped(bytes: Uint8Array): Uint8Array {
  const extra = bytes.reduce((count, byte) => count + (byte === IAC ? 1 : 0), 0);
  if (extra === 0) return Uint8Array.from(bytes);
  const out = new Uint8Array(bytes.length + extra);
  let length = 0;
  for (const byte of bytes) {
    out[length++] = byte;
    if (byte === IAC) out[length++] = IAC;
  }
  return out;
}

/** @param value u8, or u32 big-endian */
export function comPortCommand(command: number, value: Uint8Array): Uint8Array {
  return concat(Uint8Array.of(IAC, SB, COM_PORT, command), escaped(value), Uint8Array.of(IAC, SE));
}
