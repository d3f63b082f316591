/** The answer frames of chips, flash loader and ROM alike. Source: docs/protocol.md ("Frames"). */
import { concat, u16 } from "../../core/base/bytes";

/** `04 0E n 01 E0 FC code payload`. */
export function shortAnswer(code: number, payload: ArrayLike<number>): Uint8Array {
  return concat([0x04, 0x0e, 4 + payload.length, 0x01, 0xe0, 0xfc, code], payload);
}

/** `04 0E FF 01 E0 FC F4 lo hi code status payload`. */
export function longAnswer(code: number, status: number, payload: ArrayLike<number>): Uint8Array {
  return concat([0x04, 0x0e, 0xff, 0x01, 0xe0, 0xfc, 0xf4], u16(2 + payload.length), [code, status], payload);
}

/** The answer to a link check, the only one whose code is another than the request's. */
export const LINK_ANSWER = shortAnswer(0x01, [0x00]);
