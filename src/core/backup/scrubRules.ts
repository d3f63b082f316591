/**
 * What in a text looks like a secret: values under telling names, and shapes such as keys, addresses, e-mails. As patterns;
 * the order in which they are used, and what they are replaced by, is in scrub.ts.
 */

/** Parts of a name that make its value secret, wherever they stand in it. */
const TELLING =
  "e?ssid|passw|passphrase|passcode|pwd|psk|pmk|secret|token|credential|authoriz|cookie|uuid|login|user[_-]?name|e-?mail|hostname|serial" +
  "|api[_-]?key|auth[_-]?key|local[_-]?key|sec[_-]?key|mac[_-]?addr|account|device[_-]?id|dev[_-]?id|gw[_-]?id";
/** Names that tell only when they stand alone or end one. */
const ENDING = String.raw`(?:\w{0,30}(?:key|[_-]id|_mac|_iv|_pw|_user|_pass)|key|pass|user|mac|iv|nonce|uid|auth|host)(?![A-Za-z0-9])`;
const PART = "[A-Za-z0-9_.-]{0,40}";

/** From a name to the start of its value: `"ssid":`, `ssid =`, `\"ssid\":`, `ssid%3D`, `["ssid"] = `. Group 1: the quote after the name. */
export const NAMED = new RegExp(
  String.raw`(?<![A-Za-z0-9])(?:${PART}(?:${TELLING})${PART}|${ENDING})(\\*["'](?:\])?)?\s{0,3}(?:=>|[:=]|%3A|%3D)\s{0,8}`,
  "gi",
);

/** Names that are followed by their value without a sign between: log lines of firmware. */
export const SPOKEN =
  /\b(?:e?ssid|password|passwd|psk|passphrase|token|secret|connect(?:ed|ing)?\s+to(?:\s+(?:wi-?fi|ap|network))?|joining)\s{1,3}(?:is\s+)?(?=["'`[(<])/gi;
export const SPOKEN_BARE =
  /\b(?:e?ssid|pass|password|passwd|passcode|pwd|psk|passphrase|secret)[ \t]{1,3}(?:is[ \t]+)?(?=[^\s:="'`[(<])/gi;

/** In the name of a file: `wifi-password-hunter2.txt`. Group 1: what stands behind the telling word. */
export const FILED =
  /(?:e?ssid|passw(?:or)?d|pass|psk|pwd|secret|token)[-_]([^\s/\\"'<>|:*?]{1,80}?)(?=\.(?:bin|uf2|rbl|crc|ya?ml|json|txt|log|zip|gz|img|conf|ini|env|pem|key)\b)/gi;

/** A value in quotes (escaped ones included) or brackets, at the start of what follows a name. */
export const QUOTED = /^(\\{0,7})(["'`])(.{0,400}?)(?<!\\)\1\2/;
/** More of a quoted value: the other half of a doubled quote, or a piece joined to it. Group 1: what joins, 3: the quote, 4: the piece. */
export const MORE = /^(\s{0,4}(?:[+.]{1,2}|\\)?\s{0,16}(?=["'`\\])|)(\\{0,7})(["'`])(.{0,200}?)(?<!\\)\2\3/;
/** A block of YAML: the value is on the indented lines that follow. */
export const YAML_BLOCK = /^[|>][+-]?\d?[ \t]{0,8}\r?\n((?:[ \t]{1,40}[^\r\n]{0,200}\r?\n?){1,4})/;
export const BRACKETED = /^(?:\[([^\]\n]{0,200})\]|\(([^)\n]{0,200})\)|<([^>\n]{0,200})>)/;

/** Values that are no secrets under any name: kinds of keys, answers, small numbers, what was removed before. */
export const HARMLESS =
  /^(?:|(?:tuya|zero|none|other|unknown)(?: \((?:as|from|by) [a-z' ]{1,50}\))?|null|undefined|true|false|yes|no|on|off|\d{1,3}|\ue002+)$/i;

const H = "[0-9a-f]";
const NOT_IN_HEX = "(?<![0-9a-z])";

/** Shapes that go wherever they stand. The first that fits wins, so the longest come first. */
export const SHAPES: readonly RegExp[] = [
  /\beyJ[\w-]{4,}(?:\.[\w-]*){1,2}/g,
  /\b(?:Bearer|Basic|Digest)[ \t]+[\w+/=.~-]{4,}/gi,
  /\b[a-z][a-z0-9+.-]{1,10}:\/\/[^\s"'<>]+/gi,
  /[\w.+%-]{1,64}(?:@|%40)[\w-]{1,63}(?:\.[\w-]{1,63})+/g,
  // Base64 over several lines: the last one may be short.
  /(?<![A-Za-z0-9+/])(?:[A-Za-z0-9+/]{60,}\s{1,8}){1,200}[A-Za-z0-9+/]{1,}={0,2}/g,
  // A line of a hex dump, with its column of text.
  new RegExp(String.raw`^[ \t]*(?:0x)?${H}{6,8}:?[ \t]+(?:${H}{2}[ \t]{1,3}){1,}\|.*$`, "gim"),
  new RegExp(String.raw`^[ \t]*(?:0x)?${H}{3,8}:?[ \t]+(?:${H}{2}[ \t]{1,3}){3,}.*$`, "gim"),
  new RegExp(String.raw`^[ \t]*(?:0x)?${H}{3,8}:?[ \t]+(?:${H}{4}[ \t]{1,3}){3,}.*$`, "gim"),
  // Bytes in hex, six and more; five and fewer are times and versions.
  new RegExp(
    String.raw`${NOT_IN_HEX}(?:(?:0x|\\{1,4}x)?${H}{2}(?:[\s,;]{1,3}|[:_-])){5,}(?:0x|\\{1,4}x)?${H}{2}(?![0-9a-z])`,
    "gi",
  ),
  new RegExp(String.raw`(?:\\{1,4}x${H}{2}){4,}`, "gi"),
  new RegExp(String.raw`(?:%${H}{2}){4,}`, "gi"),
  new RegExp(String.raw`(?:\\{1,4}u${H}{4}){3,}`, "gi"),
  new RegExp(String.raw`${NOT_IN_HEX}${H}{2}(?:%3a${H}{2}){5}`, "gi"),
  new RegExp(String.raw`${NOT_IN_HEX}${H}{4}\.${H}{4}\.${H}{4}(?![0-9a-z])`, "gi"),
  new RegExp(String.raw`${NOT_IN_HEX}${H}{8}(?:-${H}{4}){3}-${H}{12}`, "gi"),
  new RegExp(String.raw`${NOT_IN_HEX}(?:(?:0x)?${H}{8}[\s,]{1,3}){3,}(?:0x)?${H}{8}`, "gi"),
  new RegExp(String.raw`(?:0x)?${H}{12,}`, "gi"),
  // Bytes in decimal: lists, and byte arrays as JSON writes them.
  /(?<!\d)(?:\d{1,3}\s{0,3},\s{0,12}){5,}\d{1,3}(?!\d)/g,
  /(?:"\d{1,5}"\s?:\s?\d{1,3}\s{0,2},?\s{0,12}){4,}/g,
  // fe80::1 and 2001:db8:0:0:0:0:0:1; a time has two colons.
  new RegExp(
    String.raw`(?<![\w:])(?:${H}{1,4}:){1,7}(?::${H}{1,4}){1,7}(?![\w:])|(?<![\w:])(?:${H}{1,4}:){7}${H}{1,4}(?![\w:])`,
    "gi",
  ),
  /(?<![\w.])(?!127\.0\.0\.1|0\.0\.0\.0)(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\w.]*\w)/g,
];

/** The start of a key or certificate. */
export const ARMOUR = /-----BEGIN [A-Z ]{3,40}-----/g;

/** The person's name in paths: with blanks where a separator comes after it, as on Windows. */
export const HOME =
  /((?:\/|\\{1,4})(?:home|Users|Documents and Settings)(?:\/|\\{1,4}))(?:[^/\\\n\r"'<>:|?*\ue000-\ue002]{1,64}(?=[/\\])|[^/\\\s"'\ue000-\ue002]+)/gi;
/** Names of accounts that are no person's. */
export const COMMON_USERS =
  /^(?:user|users|public|default|all users|admin|administrator|root|home|runner|vscode|node|pi|ubuntu|guest|test)$/i;

/** Runs of letters and digits that could be keys, tokens or base64. */
export const TOKEN = /(?<![A-Za-z0-9+/=_.-])[A-Za-z0-9+/_-]{16,}={0,2}/g;

/** Whether a {@link TOKEN} is one: a long run of mixed characters, as no word and no file name has. */
export function looksRandom(token: string): boolean {
  const run = token.split(/[-_]/).reduce((most, { length }) => Math.max(most, length), 0);
  if (run < 16) return false;
  const digit = /\d/.test(token);
  return token.endsWith("=") || (digit && /[A-Za-z]/.test(token)) || /[+/]/.test(token.slice(1));
}
