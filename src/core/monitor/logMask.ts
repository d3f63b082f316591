/** Masks secrets in the lines of a log, one after another as they come: before a line is saved, copied or shown as evidence. */
import { REMOVED, scrub } from "../backup/scrub";

/** Tuya prints keys as hex on the lines behind these. */
const KEY_BEFORE = /\b(?:get|init|dev id|uuid|auth|local|sec)[ _]?key\s*:\s*(?:\d+)?\s*$/i;
const HEX_LINE = /^(?:\s*(?:0x)?[0-9a-f]{2}[\s,]?){8,}$/i;
/** Names of networks and passwords that firmware says once and repeats without their label; a name may have a quote in it. */
const NAMED =
  /\b(?:SSID\d?|Pass(?:word|phrase)?\d?|Connect(?:ing|ed)? to|network|psk|ap)\b[^'"[\]]{1,12}(?:'(?!')(.{2,64}?)'(?!\w)|"(?!")(.{2,64}?)"(?!\w)|\[(.{2,64}?)\](?!\w))/gi;
/** The same where a quote and a blank are in it: to what ESPHome writes behind the last quote. */
const NAMED_WHOLE =
  /(?:\b(?:SSID|Pass(?:word|phrase)?|Username|Connect(?:ing|ed)? to)\b[^'"[\]]{1,12}|: - )'((?:(?![\s=(]').){2,64})'(?=$|\.{3}$|\s+(?:\(|hidden\b|b?ssid\b|channel=))/gi;
/** OpenBeken's, with any brackets in it. */
const BRACKETED = /\bUsing (?:SSID|Pass)\d?\s+\[(.{2,64})\]$/i;
const IN_JSON = /"\w*(?:ssid|pass|passwd|pwd|psk|token|key)"\s?:\s?"((?:[^"\\]|\\.){4,64})"/gi;
/** Networks around, as ESPHome lists them. */
const AROUND = /^\[\w+\]\[wifi[^\]]*\]: - '(.{2,64}?)' /;
/** ESPHome's sensor of the network it is in, or a text that is a secret, under the name that somebody gave it. */
const SENSED =
  /'[^']*\b(?:ssid|(?:wi-?fi|wlan|network|netzwerk)(?:[- ]?(?:name|network))?|passw\w*|psk|token|key)'(?:: S\w+ (?:state|value)| >>) '(.{2,64}?)'$/i;
/** What may follow "connect to" and is no name of a network: the words of a sentence. */
const NO_NAME =
  /(?:wi-?fi|wlan|lan|network|ap|ssid|access|station|mqtt|server|broker|host|home|api|client|cloud|internet|peer|device|ble|bluetooth|port|socket|the|an?|my|your|this|it|new|next|saved|known|best|last|strongest|hidden|in|with|on|at|via|using|failed|timed|again|after|now)\b/;
const CONNECTS =
  /(?:\b(?:connect(?:ing|ed)? to|best ap for|(?:select|connect|join)(?:ing)? ap:?)\s+(?:(?:wi-?fi|wlan|ap|network|ssid)\s+)?|\bap:\s?(?=.*\b(?:psk|pwd|pass\w*|rssi|key)\b))/;
const NAME_ENDS = /(?=\.{2,}|[,:;(]|\s+(?:with|using|via|rssi|key|psk|pwd|pass\w*|failed|on|at|by|in)\b|\s*$)/;
/** A name without quotes behind what is said of connecting. */
const UNQUOTED = new RegExp(`${CONNECTS.source}(?!${NO_NAME.source})([^'"[\\](),:;/]{2,40}?)${NAME_ENDS.source}`, "i");
/** LibreTiny puts the name of the network last, without quotes. */
const LAST = /^[VDIWEF] \[ *\d+\.\d+\] .*\bconnect(?:ing|ed)? to ([^'"[].{1,31})$/i;
/** `ssid:NAME` without quotes: to the next label, or the end. */
const LABELLED = /\b\w*(?<!\bb)ssid\d?\s?[:=]\s?([^'"[\],;]{2,32}?)(?=\s+\w+\s?[:=]|[,;]|\s*$)/gi;
/** OpenBeken prints its settings as `name value`, and Tuya's firmware its keys as `name is value`; a page's address has them encoded. */
const SETTING =
  /\b(\w*(?:(?<!\bb)ssid|pass(?!ed|es\b|ing)|passwd|password|passwort|kennwort|pwd|psk|token|secret|user(?:name)?|(?:auz|auth|local|sec|psk|aes|enc|api|ota|noise)_?key)\w*(?:[ :=+]|%20|%3A|%3D)+(?:is +)?)(?!\[)([^\s,;'"]+)/gi;
/** Commands and settings of OpenBeken, whose value may have anything in it. */
const COMMAND =
  /\b((?:(?:SSID|Password)\d|(?:Mqtt|Web)(?:Password|User)|mqtt_(?:pass|userName))(?:[ +]|%20)+)(.{2,})/gi;
/** The same as a name, in other languages. */
const SETTING_ABROAD =
  /((?:\u5bc6\u7801|\u5bc6\u78bc|\u5bc6\u94a5|\u53e3\u4ee4|\u70ed\u70b9|[Ss]chl\u00fcssel|\u043f\u0430\u0440\u043e\u043b\u044c)[ :=\uff1a\u4e3a\u662f]+)([^,;'"\uff0c]+)/gi;
/** The SDK names the key of a network right behind its name. */
const KEY_OF_NETWORK = /(\b(?:ssid|ap)\b.{1,80}\bkey[ :=]+)([^\s,;'"]+)/gi;
/** The SDK dumps keys in hex behind their name. */
const DUMPED = /(\bhexdump(?:_ascii)?\(len=\d+\):).*/i;
/** Written without a sign between, as a rule takes all for a name that stands behind `ssid=`: the reason behind it is none. */
const ACCESS_POINT = /\bbssid=(?:[0-9a-f]{2}:){5}[0-9a-f]{2}/gi;
/** Says that the value of a {@link SETTING} is one, and no next word of a sentence. */
const IS_VALUE = /[:=]|%3[AD]/i;
const BARE_SETTING = /^(?:\w+:\w+:)?\w+ \S+$/;
/** Values that are none; masked behind their label, but no later line is searched for them. */
const NO_SECRET =
  /^(?:none|null|nil|true|false|yes|no|invalid|wrong|fail(?:ed|ure)?|expired|missing|empty|errors?|ok|not|set|unset|received|valid|connect(?:ed|ing)?|admin|user|default|unknown|hidden|open|[\d.]+|0x[0-9a-f]+|.{1,3}|\W+)$/i;
/** What ESPHome puts before its words: no secret, however a network is called. */
const TAG = /^\[(?:[EWICDV]|VV)\]\[[\w.]+(?::\d+)?\]:?/;
/** Most lines have none of these, and nothing to learn. */
const TELLS = /ssid|pass|psk|pwd|key|token|secret|user|kennwort|connect|join|network|netzwerk|wlan|wi-?fi|\bap\b/i;
/** As many are looked for in later lines. */
const MOST_KNOWN = 64;

export class LogMask {
  /** The latest last. */
  private readonly known: string[] = [];
  private afterKey = false;

  /**
   * Takes what later lines must not bear from a line that nobody is shown: a small part of what {@link mask} costs.
   * @returns true where the line is a key
   */
  learn(line: string): boolean {
    if (TELLS.test(line)) this.learnFrom(line);
    const isKey = this.afterKey && HEX_LINE.test(line);
    // A key may take several lines.
    this.afterKey = isKey || KEY_BEFORE.test(line);
    return isKey;
  }

  private learnFrom(line: string): void {
    for (const [, ...values] of line.matchAll(NAMED)) this.keep(values.find((part) => part !== undefined));
    for (const [, name] of line.matchAll(NAMED_WHOLE)) this.keep(name);
    this.keep((BRACKETED.exec(line) ?? AROUND.exec(line) ?? SENSED.exec(line) ?? UNQUOTED.exec(line))?.[1]);
    this.keep(LAST.exec(line)?.[1]);
    for (const rule of [IN_JSON, LABELLED]) for (const [, value] of line.matchAll(rule)) this.keepValue(value);
    for (const [, , key] of line.matchAll(KEY_OF_NETWORK)) this.keepValue(key);
    for (const [, label = "", value] of line.matchAll(SETTING))
      if (IS_VALUE.test(label) || BARE_SETTING.test(line)) this.keepValue(value);
    if (this.known.length > MOST_KNOWN) this.known.splice(0, this.known.length - MOST_KNOWN);
  }

  /** The line without its secrets. */
  mask(line: string): string {
    if (this.learn(line)) return REMOVED;
    const tag = TAG.exec(line)?.[0] ?? "";
    // What is known goes first, whole, the longest first: what takes a part of it would hide the rest from later ones.
    const known = [...this.known].sort((a, b) => b.length - a.length);
    const named = known.reduce(
      (text, secret) => text.replaceAll(secret, REMOVED),
      line.slice(tag.length).replace(COMMAND, `$1${REMOVED}`),
    );
    const masked = named
      .replace(ACCESS_POINT, `bssid ${REMOVED}`)
      .replace(KEY_OF_NETWORK, `$1${REMOVED}`)
      .replace(SETTING, `$1${REMOVED}`)
      .replace(SETTING_ABROAD, `$1${REMOVED}`)
      .replace(DUMPED, `$1 ${REMOVED}`);
    return tag + scrub(masked, known);
  }

  private keepValue(value = ""): void {
    const [word = ""] = value.split("&");
    if (!NO_SECRET.test(word)) this.keep(word);
  }

  private keep(value: string | undefined): void {
    if (value === undefined) return;
    const at = this.known.indexOf(value);
    if (at >= 0) this.known.splice(at, 1);
    this.known.push(value);
  }
}
