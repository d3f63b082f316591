/**
 * Text from outside (names of files, ports, devices, projects; what an operating system or a chip said) made safe to show: what
 * would move a cursor, colour, hide or turn round what stands beside it is written out.
 */

/**
 * Control characters of both sets, the soft hyphen, marks and overrides of direction, line and paragraph separators, characters of no width.
 * Joiners stay: scripts and emoji need them.
 */
const HIDDEN =
  // eslint-disable-next-line no-control-regex -- these are what is looked for
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu;

function writtenOut(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  if (char === "\n") return "\\n";
  if (char === "\r") return "\\r";
  if (char === "\t") return "\\t";
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, "0")}`;
  return code < 0x10000 ? `\\u${code.toString(16).padStart(4, "0")}` : `\\u{${code.toString(16)}}`;
}

/** Without what is hidden in it: for names, in which nobody means it. */
export function withoutHidden(text: string): string {
  return text.replace(HIDDEN, "");
}

/** One line of text in which nothing is hidden. */
export function visible(text: string): string {
  return text.replace(HIDDEN, writtenOut);
}

/** The same with its line ends and tabs kept, for texts that are made of lines. */
export function visibleLines(text: string): string {
  return text.replace(HIDDEN, (char) => (char === "\n" || char === "\t" ? char : writtenOut(char)));
}
