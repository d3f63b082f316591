/**
 * The last lines of the log, for diagnostics that people paste into reports: nothing that names a person's network or
 * opens their devices may be in them. Pure.
 *
 * Of bytes on the wire only the start of each frame is kept, up to the address: what follows may be flash content
 * (Wi-Fi credentials) or an eFuse (keys). Chunks that do not start with a frame may be either, and only their length stays.
 */
const FRAME_HEAD = 11;

export type LineLevel = "debug" | "info" | "warning" | "error";

export class RecentLines {
  private readonly lines: string[] = [];

  constructor(private readonly limit: number) {}

  add(level: LineLevel, line: string): void {
    this.push(`${level.padEnd(7)} ${redact(line)}`);
  }

  addWire(prefix: string, direction: "tx" | "rx", bytes: Uint8Array, elapsedMs: number): void {
    this.push(`wire    ${redact(prefix)}: ${elapsedMs.toFixed(1).padStart(9)} ${direction} ${frameHead(bytes)}`);
  }

  get text(): string {
    return this.lines.join("\n");
  }

  private push(line: string): void {
    this.lines.push(line);
    if (this.lines.length > this.limit) this.lines.splice(0, this.lines.length - this.limit);
  }
}

/** Hosts send `01 E0 FC`, chips answer `04 0E`: frame starts of docs/protocol.md. */
function frameHead(bytes: Uint8Array): string {
  const isFrame = (bytes[0] === 0x01 && bytes[1] === 0xe0) || (bytes[0] === 0x04 && bytes[1] === 0x0e);
  const size = `(${bytes.length} bytes)`;
  if (!isFrame) return size;
  const head = Array.from(bytes.subarray(0, FRAME_HEAD), (byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${head} ${size}`;
}

const SECRETS: readonly (readonly [RegExp, string])[] = [
  // MAC addresses.
  [/\b(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}\b/gi, "[mac]"],
  // Four key words, in a row or one hexadecimal text.
  [/\b(?:(?:0x)?[0-9a-f]{8}[ ,]+){3}(?:0x)?[0-9a-f]{8}\b/gi, "[key]"],
  [/\b[0-9a-f]{32}\b/gi, "[key]"],
  // What firmware logs while it joins a network.
  [/\b(ssid|password|passphrase|psk|key|pwd)(["']?\s*[:=]\s*)(?:"[^"]*"|'[^']*'|[^\s,;]+)/gi, "$1$2[removed]"],
  // Names of people in paths.
  [/(\/(?:home|Users)\/)[^/\s:]+/g, "$1[user]"],
  [/([A-Za-z]:\\Users\\)[^\\\s:]+/g, "$1[user]"],
  // The places of network ports.
  [/\b(tcp|socket):\/\/(?!127\.0\.0\.1|localhost)[^\s:/]+/g, "$1://[host]"],
];

/** Takes out what a report does not need and its reader should not have. */
export function redact(text: string): string {
  return SECRETS.reduce((cleaned, [pattern, replacement]) => cleaned.replace(pattern, replacement), text);
}
