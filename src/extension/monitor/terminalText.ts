/**
 * What a device prints, made fit for a terminal: colours stay, line ends become the terminal's, and everything else that would move a
 * cursor, set a title or reach the clipboard is written out. Pure; takes bytes cut anywhere.
 */
import { visible } from "../../core/index";

/** Colours and weights alone. */
// eslint-disable-next-line no-control-regex -- ESC begins what is kept
const COLOUR = /^\u001b\[[0-9;]*m/;
/** What may become a colour with more bytes. */
// eslint-disable-next-line no-control-regex -- ESC begins what is waited for
const BEGUN = /^\u001b(?:\[[0-9;]{0,16})?$/;
const RESET = "\u001b[0m";

export class TerminalText {
  private readonly decoder = new TextDecoder();
  private held = "";
  private atStart = true;
  private afterCr = false;

  /** @param stamp what stands before each line; asked when the line begins */
  constructor(private readonly stamp: () => string) {}

  /** Text for the terminal. */
  push(bytes: Uint8Array): string {
    const text = this.held + this.decoder.decode(bytes, { stream: true });
    this.held = "";
    let out = "";
    for (let i = 0; i < text.length;) {
      const char = text.charAt(i);
      if (char === "\u001b") {
        const rest = text.slice(i, i + 20);
        const colour = COLOUR.exec(rest)?.[0];
        if (colour === undefined && BEGUN.test(rest)) {
          this.held = text.slice(i);
          break;
        }
        out += colour ?? visible(char);
        i += colour?.length ?? 1;
        continue;
      }
      out += this.one(char);
      i++;
    }
    return out;
  }

  /** Ends a line that is under way, so that something else can be told. */
  freshLine(): string {
    if (this.atStart) return "";
    this.atStart = true;
    return `${RESET}\r\n`;
  }

  /** CR, LF and any mixture of them end one line. */
  private one(char: string): string {
    if (char === "\r" || char === "\n") {
      const isSecond = this.afterCr;
      this.afterCr = char === "\r" || (isSecond && char === "\n");
      if (this.atStart) return "";
      this.atStart = true;
      return `${RESET}\r\n`;
    }
    this.afterCr = false;
    const begins = this.atStart ? this.stamp() : "";
    this.atStart = false;
    return begins + (char === "\t" ? char : visible(char));
  }
}
