/**
 * The four envelopes of the download protocol: short and long, request and reply. Owns heads and length fields only;
 * what a code means, and which frames may be sent at all, is decided in commandTable.ts, the only door of the link.
 * Little-endian, no checksum, no escaping, no sequence number (docs/protocol.md, "Frames").
 */
import { concat, u16 } from "../../base/bytes";

/** Every request starts with this: HCI command, vendor opcode FCE0. */
export const REQUEST_HEAD: readonly number[] = [0x01, 0xe0, 0xfc];
/** Every reply starts with this, followed by the length byte and {@link REQUEST_HEAD}. */
export const REPLY_EVENT: readonly number[] = [0x04, 0x0e];
/** In the place of a short length: a long frame, {@link LONG_MARK} and a 16-bit length follow. */
export const LONG_LENGTH = 0xff;
export const LONG_MARK = 0xf4;

/** Bytes before the payload. */
export const SHORT_REQUEST_OVERHEAD = 5;
export const LONG_REQUEST_OVERHEAD = 8;
export const SHORT_REPLY_OVERHEAD = 7;
export const LONG_REPLY_OVERHEAD = 11;
/** The longest reply there is: a 4 KiB read, with its address, in a long reply. */
export const MAX_REPLY = LONG_REPLY_OVERHEAD + 4 + 0x1000;

/** What a decoder found. A short reply has no status byte of its own. */
export type ReplyFrame = (
  | { readonly form: "short"; readonly code: number; readonly payload: Uint8Array }
  | { readonly form: "long"; readonly code: number; readonly status: number; readonly payload: Uint8Array }
) & {
  /** Bytes between the frame before and this one that belong to neither; absent where there were none. */
  readonly skipped?: number;
};

/** `01 E0 FC n code payload`, n = 1 + payload. Throws RangeError from 254 payload bytes: those need the long form. */
export function frameShort(code: number, payload: ArrayLike<number> = []): Uint8Array {
  if (payload.length + 1 >= LONG_LENGTH) throw new RangeError("payload too long for a short frame");
  return concat(REQUEST_HEAD, [payload.length + 1, code], payload);
}

/** `01 E0 FC FF F4 lo hi code payload`, 16-bit length = 1 + payload. Throws RangeError where that does not fit. */
export function frameLong(code: number, payload: ArrayLike<number> = []): Uint8Array {
  if (payload.length + 1 > 0xffff) throw new RangeError("payload too long for a frame");
  return concat(REQUEST_HEAD, [LONG_LENGTH, LONG_MARK], u16(payload.length + 1), [code], payload);
}

/** `04 0E n 01 E0 FC code payload`, n = 4 + payload. Throws RangeError from 251 payload bytes. */
export function replyShort(code: number, payload: ArrayLike<number> = []): Uint8Array {
  if (payload.length + 4 >= LONG_LENGTH) throw new RangeError("payload too long for a short reply");
  return concat(REPLY_EVENT, [payload.length + 4], REQUEST_HEAD, [code], payload);
}

/** `04 0E FF 01 E0 FC F4 lo hi code status payload`, 16-bit length = 2 + payload. Throws RangeError beyond. */
export function replyLong(code: number, status: number, payload: ArrayLike<number> = []): Uint8Array {
  if (payload.length + 2 > 0xffff) throw new RangeError("payload too long for a reply");
  return concat(
    REPLY_EVENT,
    [LONG_LENGTH],
    REQUEST_HEAD,
    [LONG_MARK],
    u16(payload.length + 2),
    [code, status],
    payload,
  );
}
