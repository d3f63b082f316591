/**
 * Journals: what a job appends while it runs, so that the next one can go on after a kill at any point. One line for each
 * fact, each with its own checksum, so that a torn or damaged line is seen. Pure: the caller owns the file and appends.
 * A journal is a hint: what it claims counts only once the chip's own CRC has agreed.
 */
import { hex32 } from "../base/bytes";
import { crc32 } from "../base/checksum";
import { FieldError, fieldsOf, type Fields } from "./untrustedFields";

/** Far more than a journal of the largest flash with all its kept sectors takes. */
const LONGEST = 0x1000000;

/** One fact as a line, its line end included. Appended with one write, and flushed where the order matters. */
export function journalLine(fact: object): string {
  const text = JSON.stringify(fact);
  return `${checksum(text)} ${text}\n`;
}

export interface JournalLines {
  /** In order; undefined where a line is damaged or was cut off. */
  readonly lines: readonly (Fields | undefined)[];
  /** Those of them that are sound. */
  readonly facts: readonly Fields[];
  /** True when a line is damaged or the last one was cut off: something that happened may be missing. */
  readonly incomplete: boolean;
}

/** Reads what of a journal is sound; never throws. */
export function readJournalLines(text: string): JournalLines {
  if (text.length > LONGEST) return { lines: [undefined], facts: [], incomplete: true };
  const whole = text.split("\n");
  const rest = whole.pop() ?? "";
  const lines = [...whole.map(factOf), ...(rest === "" ? [] : [undefined])];
  const facts = lines.filter((fact) => fact !== undefined);
  return { lines, facts, incomplete: facts.length < lines.length };
}

/** `read`, or undefined where the fields are not as they should be: a journal that cannot be used is none. */
export function orNothing<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof FieldError) return undefined;
    throw error;
  }
}

function factOf(line: string): Fields | undefined {
  const text = line.slice(9);
  if (line[8] !== " " || checksum(text) !== line.slice(0, 8)) return undefined;
  try {
    return fieldsOf(JSON.parse(text), "a line");
  } catch {
    return undefined;
  }
}

function checksum(text: string): string {
  return hex32(crc32(new TextEncoder().encode(text)));
}
