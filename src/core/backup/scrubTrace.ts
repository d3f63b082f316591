/**
 * Wire traces without what travelled: of each frame its head stays (command, status, address, length), every payload goes,
 * because flash holds Wi-Fi passwords and cloud keys. Bytes that are no known head go whole, as text of firmware does.
 * The form of a line is that of base/coreLog.ts; frames are those of docs/protocol.md ("Frames").
 */
import { fromHex, toHex } from "../base/bytes";

const TRACE = /\b(tx|rx)(\s+)([0-9a-f]{2,})(?:\.\. \((\d+) bytes\))?/gi;

/** Short commands without any content of flash or eFuse: link check, register write, reboot, rate, CRC, version, reset, stay. */
const PLAIN_SHORT: ReadonlySet<number> = new Set([0x00, 0x01, 0x0e, 0x0f, 0x10, 0x11, 0x70, 0xaa]);
/** Register read: request and reply with its address; the value may be a byte of the key in eFuse. */
const READ_REGISTER = 0x03;
/** The registers whose value is wanted: those of the chip id, 0x800000 and 0x44010004, as they are on the wire. */
const CHIP_ID_REGISTERS: readonly string[] = ["00008000", "04000144"];

/** Bytes of a long frame up to and with its flash address. */
const LONG_REQUEST_HEAD = 12;
const LONG_REPLY_HEAD = 15;
/** Commands whose address is at the front of the payload; others keep no payload at all. */
const ADDRESSED: ReadonlySet<number> = new Set([0x06, 0x07, 0x08, 0x09, 0x0b]);

/** @param keep called with what stays of each run of wire bytes; its answer is put into the text */
export function scrubTraces(text: string, keep: (head: string) => string): string {
  return text.replace(
    TRACE,
    (whole: string, direction: string, space: string, hex: string, total: string | undefined) => {
      if (hex.length % 2 !== 0) return whole;
      const bytes = fromHex(hex);
      const length = total === undefined ? bytes.length : Number(total);
      const head = headOf(bytes, direction.toLowerCase() === "tx");
      const tail = head.length < length ? `.. (${length} bytes)` : "";
      return `${direction}${space}${keep(`${toHex(head)}${tail}`)}`;
    },
  );
}

/** The longest start of `bytes` that is frames without payloads worth hiding. */
function headOf(bytes: Uint8Array, request: boolean): Uint8Array {
  let end = 0;
  for (;;) {
    const frame = bytes.subarray(end);
    const kept = request ? requestHead(frame) : replyHead(frame);
    end += kept.length;
    if (kept.last || end >= bytes.length) return bytes.subarray(0, end);
  }
}

interface Kept {
  readonly length: number;
  /** Something was left out: what follows is not looked at. */
  readonly last: boolean;
}

const NOTHING: Kept = { length: 0, last: true };

function requestHead(frame: Uint8Array): Kept {
  const [a, b, c, length = 0, code] = frame;
  if (a !== 0x01 || b !== 0xe0 || c !== 0xfc || code === undefined) return NOTHING;
  if (length === 0xff) return longHead(frame, 7, 8, LONG_REQUEST_HEAD);
  return shortHead(frame, code, 4 + length, 5);
}

function replyHead(frame: Uint8Array): Kept {
  const [a, b, length = 0, c, d, e, code] = frame;
  if (a !== 0x04 || b !== 0x0e || c !== 0x01 || d !== 0xe0 || e !== 0xfc || code === undefined) return NOTHING;
  if (length === 0xff) return longHead(frame, 9, 11, LONG_REPLY_HEAD);
  return shortHead(frame, code, 3 + length, 7);
}

function longHead(frame: Uint8Array, codeAt: number, overhead: number, addressed: number): Kept {
  const code = frame[codeAt];
  return {
    length: Math.min(frame.length, code !== undefined && ADDRESSED.has(code) ? addressed : overhead),
    last: true,
  };
}

function shortHead(frame: Uint8Array, code: number, end: number, overhead: number): Kept {
  if (code === READ_REGISTER && !CHIP_ID_REGISTERS.includes(toHex(frame.subarray(overhead, overhead + 4)))) {
    return { length: Math.min(frame.length, overhead + 4), last: end > overhead + 4 };
  }
  if (code !== READ_REGISTER && !PLAIN_SHORT.has(code)) return { length: Math.min(frame.length, overhead), last: true };
  return { length: Math.min(frame.length, end), last: false };
}
