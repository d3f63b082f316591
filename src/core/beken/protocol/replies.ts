/**
 * What a reply says about a request: the status table, echoed fields, and the decision whether a frame answers a
 * request at all. Commands describe their replies with the small vocabulary here; nothing here knows a single command.
 */
import { equalBytes, readU32, toHex } from "../../base/bytes";
import type { FlasherErrorCode } from "../../base/errors";
import { FAULT_REPORTS, STATUS_UNKNOWN_COMMAND, statusWords } from "../../base/statusBytes";
import { words, type Words } from "../../base/words";
import type { ReplyFrame } from "./frames";

const FAULT_CODES: ReadonlySet<number> = new Set(FAULT_REPORTS);

export type ReplyFailureCode = Extract<
  FlasherErrorCode,
  "reply-invalid" | "chip-status" | "command-unsupported" | "baud-change-failed" | "flash-dead"
>;

export interface ReplyFailure {
  readonly code: ReplyFailureCode;
  /** What is wrong with the reply, in words. */
  readonly reason: Words;
  /** The loader's status byte or fault report, where that is what is wrong. */
  readonly status?: number;
  /** What the answer repeats in place of what was sent, where that is what is wrong. */
  readonly echoed?: Uint8Array;
}

export type ReplyMatch<Value> =
  | { readonly kind: "match"; readonly value: Value }
  /** Not an answer to this request: stale, foreign, of another command. To be skipped. */
  | { readonly kind: "other" }
  | { readonly kind: "failure"; readonly failure: ReplyFailure };

/** How the reply to one command looks and is read. Payload: behind the code, in long replies behind the status. */
export interface ReplyRow<Fields, Value> {
  readonly form: "short" | "long";
  readonly code: number;
  /** Exact payload length in bytes. */
  length(fields: Fields): number;
  /** The value, or what is wrong with a payload of the right length. */
  read(payload: Uint8Array, fields: Fields): ReplyMatch<Value>;
  /** Replies of this code with another length belong to another command. */
  readonly sharesCode?: boolean;
}

export function match<Value>(value: Value): ReplyMatch<Value> {
  return { kind: "match", value };
}

/** The value of replies that say nothing but "done". */
export const DONE: ReplyMatch<undefined> = match(undefined);

export function failure(code: ReplyFailureCode, reason: Words, status?: number): ReplyMatch<never> {
  return { kind: "failure", failure: { code, reason, ...(status === undefined ? {} : { status }) } };
}

const OTHER: ReplyMatch<never> = { kind: "other" };

/** The reply repeats `expected` at its start; what follows is turned into the value. */
export function afterEcho<Value>(
  payload: Uint8Array,
  expected: Uint8Array,
  value: (rest: Uint8Array) => ReplyMatch<Value>,
): ReplyMatch<Value> {
  const echoed = payload.subarray(0, expected.length);
  if (!equalBytes(echoed, expected)) {
    const reason = words`the answer repeats ${toHex(echoed)} instead of ${toHex(expected)}`;
    return { kind: "failure", failure: { code: "reply-invalid", reason, echoed } };
  }
  return value(payload.subarray(expected.length));
}

/**
 * Whether the answer to a register read is of that register. The ROM of BK7258 is said to repeat the address one too high (Tuya's
 * tyutool, which takes both); registers are whole words, so no other is meant.
 */
export function repeatsRegister(payload: Uint8Array, address: number): boolean {
  const said = readU32(payload, 0) >>> 0;
  return said === address >>> 0 || (address % 4 === 0 && said === address + 1);
}

/** A reply that repeats what the request said, and nothing else. */
export function echoReply<Fields>(
  form: "short" | "long",
  code: number,
  echo: (fields: Fields) => Uint8Array,
): ReplyRow<Fields, undefined> {
  return {
    form,
    code,
    length: (fields) => echo(fields).length,
    read: (payload, fields) => afterEcho(payload, echo(fields), () => DONE),
  };
}

function statusFailure(status: number): ReplyMatch<never> {
  const code = status === STATUS_UNKNOWN_COMMAND ? "command-unsupported" : "chip-status";
  return failure(code, words`${statusWords(status)} (status ${status})`, status);
}

/**
 * Compares a frame with the reply a request calls for; `reply` is undefined for commands that are never answered.
 * The status is looked at before anything else: refusing loaders change lengths and destroy echoed addresses.
 */
export function compareReply<Fields, Value>(
  reply: ReplyRow<Fields, Value> | undefined,
  fields: Fields,
  frame: ReplyFrame,
): ReplyMatch<Value> {
  if (frame.form === "short" && frame.payload.length === 0 && FAULT_CODES.has(frame.code)) {
    const { code } = frame;
    return failure("chip-status", words`${statusWords(code)} (report ${toHex([code]).toUpperCase()})`, code);
  }
  if (reply === undefined || frame.form !== reply.form || frame.code !== reply.code) return OTHER;
  if (frame.form === "long" && frame.status !== 0) return statusFailure(frame.status);
  const length = reply.length(fields);
  if (frame.payload.length === length) return reply.read(frame.payload, fields);
  if (frame.form === "short" && frame.payload.length === 1) {
    // A ROM answers what it does not know, or got in part, with the code and a bare status.
    const status = frame.payload[0] as number;
    if (status === STATUS_UNKNOWN_COMMAND || (status !== 0 && !reply.sharesCode)) return statusFailure(status);
  }
  if (reply.sharesCode) return OTHER;
  return failure("reply-invalid", words`the answer has ${frame.payload.length} bytes instead of ${length}`);
}
