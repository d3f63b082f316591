/**
 * What a server of the network says by itself as soon as somebody connects: that its port is in use, a banner, or Telnet's options.
 * Tells by it that a port is not what its address says. Knows no sockets.
 */
import { TransportError } from "../base/errors";
import { words, type Text } from "../base/words";

/** More is no greeting. */
const LONGEST = 120;
const SHOWN = 60;
const IN_USE = /\b(?:in use|busy|already)\b/i;
const REFUSES = /\b(?:fail(?:ed|ure)|denied|refused|not allowed|too many|cannot)\b/i;
/** Telnet's offers begin with IAC and WILL to DONT; options go up to this. Two of them in a row no chip sends. */
const [IAC, WILL, DONT, LAST_OPTION] = [0xff, 0xfb, 0xfe, 0x2f];
const OFFERS = 2;

export class Greeting {
  private text = "";

  /** Takes what came, from the first byte on. */
  heard(bytes: Uint8Array): void {
    if (this.text.length < LONGEST) this.text += String.fromCharCode(...bytes.subarray(0, LONGEST));
  }

  /** Its first line as it can be shown: what is no text is left out. */
  get said(): string {
    const line = this.text.split(/[\r\n]+/).find((part) => part.trim() !== "") ?? "";
    return /^[\x20-\x7e]{3,}$/.test(line) ? line.trim().slice(0, SHOWN) : "";
  }

  get isTelnet(): boolean {
    return Array.from({ length: OFFERS }, (_, nth) => this.text.slice(3 * nth, 3 * nth + 3)).every((offer) => {
      const [iac, verb = 0, option = 0xff] = Array.from(offer, (character) => character.charCodeAt(0));
      return iac === IAC && verb >= WILL && verb <= DONT && option <= LAST_OPTION;
    });
  }

  /** Where it said why it lets nobody in, and nothing besides: `port-busy` or `host-unreachable`. Undefined where it did not. */
  refusal(doing: Text, port: string): TransportError | undefined {
    const { said } = this;
    const code = IN_USE.test(said) ? "port-busy" : REFUSES.test(said) ? "host-unreachable" : undefined;
    if (code === undefined || this.text.length >= LONGEST) return undefined;
    return new TransportError(code, doing, { port, detail: words`the server said "${said}"` });
  }
}
