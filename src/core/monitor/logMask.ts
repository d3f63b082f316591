/** Masks secrets in the lines of a log, one after another as they come: before a line is saved, copied or shown as evidence. */
import { REMOVED, scrub } from "../backup/scrub";

/** Tuya prints keys as hex on the lines behind these. */
const KEY_BEFORE = /\b(?:get|init|dev id|uuid|auth|local|sec)[ _]?key\s*:\s*(?:\d+)?\s*$/i;
const HEX_LINE = /^(?:\s*(?:0x)?[0-9a-f]{2}[\s,]?){8,}$/i;
/** Names of networks and passwords that firmware says once and repeats without their label. */
const NAMED =
  /\b(?:SSID|Pass(?:word|phrase)?|Connecting to|psk|ap)\b[^'"[\]]{0,12}(?:'([^']{2,64})'|"([^"]{2,64})"|\[(.{2,64})\])/gi;
/** OpenBeken prints its settings as `name value`. */
const SETTING = /\b(\w*(?:pass|passwd|password|pwd|psk|token|secret|user(?:name)?)\w*[ :=]+)(?!\[)([^\s,;]+)/gi;
/** As many are looked for in later lines. */
const MOST_KNOWN = 64;

export class LogMask {
  private readonly known: string[] = [];
  private afterKey = false;

  /**
   * Takes what later lines must not bear from a line that nobody is shown: a small part of what {@link mask} costs.
   * @returns true where the line is a key
   */
  learn(line: string): boolean {
    for (const [, ...values] of line.matchAll(NAMED)) {
      const value = values.find((part) => part !== undefined);
      if (value !== undefined && !this.known.includes(value)) this.known.push(value);
    }
    if (this.known.length > MOST_KNOWN) this.known.splice(0, this.known.length - MOST_KNOWN);
    const isKey = this.afterKey && HEX_LINE.test(line);
    // A key may take several lines.
    this.afterKey = isKey || KEY_BEFORE.test(line);
    return isKey;
  }

  /** The line without its secrets. */
  mask(line: string): string {
    if (this.learn(line)) return REMOVED;
    const masked = scrub(line.replace(SETTING, `$1${REMOVED}`), this.known);
    return this.known.reduce((text, secret) => text.replaceAll(secret, REMOVED), masked);
  }
}
