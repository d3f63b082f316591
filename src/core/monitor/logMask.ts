/** Masks secrets in the lines of a log, one after another as they come: before a line is saved, copied or shown as evidence. */
import { REMOVED, scrub } from "../backup/scrub";

/** Tuya prints keys as hex on the lines behind these. */
const KEY_BEFORE = /\b(?:get|init|dev id|uuid|auth|local|sec)[ _]?key\s*:\s*(?:\d+)?\s*$/i;
const HEX_LINE = /^(?:\s*(?:0x)?[0-9a-f]{2}[\s,]?){8,}$/i;
/** Names of networks and passwords that firmware says once and repeats without their label; a name may have a quote in it. */
const NAMED =
  /\b(?:SSID\d?|Pass(?:word|phrase)?\d?|Connect(?:ing|ed)? to|network|psk|ap)\b[^'"[\]]{0,12}(?:'(.{2,64}?)'(?!\w)|"(.{2,64}?)"(?!\w)|\[(.{2,64}?)\](?!\w))/gi;
/** Networks around, as ESPHome lists them. */
const AROUND = /^\[\w+\]\[wifi[^\]]*\]: - '(.{2,64}?)' /;
/** LibreTiny puts the name of the network last, without quotes. */
const LAST = /^[VDIWEF] \[ *\d+\.\d+\] .*\bconnect(?:ing|ed)? to ([^'"[].{1,31})$/i;
/** OpenBeken prints its settings as `name value`, and Tuya's firmware its keys as `name is value`. */
const SETTING =
  /\b(\w*(?:ssid|pass|passwd|password|pwd|psk|token|secret|user(?:name)?|(?:auz|auth|local|sec|psk|aes|enc|api|ota|noise)_?key)\w*[ :=]+(?:is +)?)(?!\[)([^\s,;'"]+)/gi;
/** The SDK dumps keys in hex behind their name. */
const DUMPED = /(\bhexdump(?:_ascii)?\(len=\d+\):).*/i;
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
    for (const [, ...values] of line.matchAll(NAMED)) this.keep(values.find((part) => part !== undefined));
    this.keep((AROUND.exec(line) ?? LAST.exec(line))?.[1]);
    if (this.known.length > MOST_KNOWN) this.known.splice(0, this.known.length - MOST_KNOWN);
    const isKey = this.afterKey && HEX_LINE.test(line);
    // A key may take several lines.
    this.afterKey = isKey || KEY_BEFORE.test(line);
    return isKey;
  }

  /** The line without its secrets. */
  mask(line: string): string {
    if (this.learn(line)) return REMOVED;
    // What is known goes first, whole: a rule that takes a part of it would hide the rest from later ones.
    const masked = this.known.reduce((text, secret) => text.replaceAll(secret, REMOVED), line);
    return scrub(masked.replace(SETTING, `$1${REMOVED}`).replace(DUMPED, `$1 ${REMOVED}`), this.known);
  }

  private keep(value: string | undefined): void {
    if (value !== undefined && !this.known.includes(value)) this.known.push(value);
  }
}
