/**
 * MAC addresses that are no device's own: what vendors' software falls back on, and what stands in examples and templates.
 * Two devices that have one of these are not told apart by it.
 * Source: `DEFAULT_MAC_ADDR` of Beken's SDKs (C8:47:8C with 42:00:48, 42:88:48, 00:00:18, 00:00:48; its Bluetooth one higher).
 */

/** Beken's own prefix. */
const BEKEN = "C8:47:8C:";
/** In Beken's SDKs the last byte alone differs, or 42, a byte, 48. */
const BEKEN_DEFAULTS = /^(?:00:00:[0-9A-F]{2}|42:[0-9A-F]{2}:48|47:47:48)$/;

/** Typed by people as an example: counting up, counting down, words. */
const EXAMPLES: ReadonlySet<string> = new Set([
  "00:01:02:03:04:05",
  "00:11:22:33:44:55",
  "02:03:04:05:06:07",
  "02:11:22:33:44:55",
  "02:12:34:56:78:9A",
  "12:34:56:78:90:AB",
  "12:34:56:78:9A:BC",
  "12:34:56:78:91:23",
  "22:33:44:55:66:77",
  "66:55:44:33:22:11",
  "AA:BB:CC:DD:EE:FF",
  "AA:BB:CC:11:22:33",
  "CA:FE:BA:BE:00:00",
  "DE:AD:BE:EF:CA:FE",
  "DE:AD:BE:EF:00:00",
]);

/** Last three bytes that makers count from or fill in by default, whatever prefix stands before them. */
const FILLED_ENDS = /:(?:00:00:00|00:00:01|FF:FF:FF|12:34:56|11:22:33|AA:BB:CC)$/;

/**
 * True for an address (`AA:BB:CC:DD:EE:FF`) that can be one device's own: not a default, not an example, not filled in, none of
 * many receivers.
 */
export function isOwnMac(mac: string): boolean {
  const bytes = mac.split(":").map((byte) => parseInt(byte, 16));
  if (((bytes[0] ?? 1) & 1) !== 0 || new Set(bytes).size === 1) return false;
  if (bytes.slice(0, 5).every((byte) => byte === 0) || EXAMPLES.has(mac) || FILLED_ENDS.test(mac)) return false;
  return !(mac.startsWith(BEKEN) && BEKEN_DEFAULTS.test(mac.slice(BEKEN.length)));
}
