/**
 * Reading plain data that another program or person may have written: every field is checked for kind and size before it is used.
 * Shared by manifests and journals; knows neither.
 */
import { english, words, type Text } from "../base/words";

/** Nothing here is about flashes larger than this. */
export const LARGEST_FLASH = 64 * 0x100000;

/** Paths have 4096 bytes at most, on Windows 32767 characters. */
const LONGEST_TEXT = 0x8000;

/** Why a value was not taken; callers turn it into an error of the family, or into "start over". */
export class FieldError extends Error {
  constructor(readonly why: Text) {
    super(english(why));
  }
}

export type Fields = Readonly<Record<string, unknown>>;

/** @throws FieldError unless `value` is an object (no array) */
export function fieldsOf(value: unknown, name: Text): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new FieldError(words`${name} is no object`);
  return value as Fields;
}

/** @throws FieldError unless the field is text that fits `shape` whole */
export function textField(fields: Fields, name: string, shape: RegExp = /^[^\p{Cc}]{0,200}$/u): string {
  const value = own(fields, name);
  if (typeof value !== "string" || value.length > 200 || !shape.test(value))
    throw new FieldError(words`${name} is not as it should be`);
  return value;
}

/** Text of any characters, as names of files and ports may have. @throws FieldError unless it is text no longer than a path can be */
export function freeTextField(fields: Fields, name: string): string {
  const value = own(fields, name);
  if (typeof value !== "string" || value.length > LONGEST_TEXT)
    throw new FieldError(words`${name} is not as it should be`);
  return value;
}

/** @throws FieldError unless the field is a whole number of `[min, max]` */
export function numberField(fields: Fields, name: string, min: number, max: number): number {
  const value = own(fields, name);
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < min || value > max) {
    throw new FieldError(words`${name} is no whole number of ${min} to ${max}`);
  }
  return value;
}

/** null for a field that is null or absent. */
export function optional<T>(fields: Fields, name: string, read: (fields: Fields, name: string) => T): T | null {
  const value = own(fields, name);
  return value === null || value === undefined ? null : read(fields, name);
}

/** @throws FieldError unless the field is an array of at most `most` */
export function listField(fields: Fields, name: string, most: number): readonly unknown[] {
  const value = own(fields, name);
  if (!Array.isArray(value) || value.length > most) throw new FieldError(words`${name} is no list of at most ${most}`);
  return value;
}

function own(fields: Fields, name: string): unknown {
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}
