/**
 * Names of what lies beside a file on a file system that knows whole files only: what was added to it since it was written, each
 * addition a file of its own, and what it was before while it is being replaced. Killed anywhere, nothing that was there is gone.
 */
import { hex32 } from "../../core/index";

/** One addition to a file: bytes at an offset, or behind all that came before. */
export interface Addition {
  readonly name: string;
  /** Of which file. */
  readonly of: string;
  /** CRC-32 of the file as it was written whole: what was added to an earlier one of its name is nothing to it. */
  readonly base: string;
  /** Counts up. */
  readonly number: number;
  /** Offset in bytes; undefined: the end. */
  readonly at: number | undefined;
}

/** A file that was moved out of the way of the one that takes its name. */
interface Former {
  readonly name: string;
  readonly of: string;
}

const RUN = "[\\da-f]{8}-[\\da-f]{4}";
const ADDITION = new RegExp(`^\\.(.+)\\.([\\dA-F]{8})-(\\d{6})-(end|[\\dA-F]{8})-${RUN}\\.add$`, "s");
const FORMER = new RegExp(`^\\.(.+)\\.${RUN}\\.old$`, "s");

/** @param run tells it from what others add at the same time */
export function additionName({ of, base, number, at }: Omit<Addition, "name">, run: string): string {
  return `.${of}.${base}-${String(number).padStart(6, "0")}-${at === undefined ? "end" : hex32(at)}-${run}.add`;
}

export function formerName(of: string, run: string): string {
  return `.${of}.${run}.old`;
}

export function readAddition(name: string): Addition | undefined {
  const [, of, base, number, at] = ADDITION.exec(name) ?? [];
  if (of === undefined || base === undefined) return undefined;
  return {
    name,
    of,
    base,
    number: Number(number),
    at: at === "end" || at === undefined ? undefined : parseInt(at, 16),
  };
}

export function readFormer(name: string): Former | undefined {
  const [, of] = FORMER.exec(name) ?? [];
  return of === undefined ? undefined : { name, of };
}

/** The names of whole files among those of a folder. */
export function wholeNames(names: readonly string[]): readonly string[] {
  const whole = new Set<string>();
  for (const name of names) {
    if (readAddition(name) === undefined) whole.add(readFormer(name)?.of ?? name);
  }
  return [...whole];
}

/** What the additions make of a file, one after the other. */
export function withAdditions(
  base: Uint8Array,
  additions: readonly { readonly at: number | undefined; readonly bytes: Uint8Array }[],
): Uint8Array {
  let length = base.length;
  const places = additions.map(({ at, bytes }) => {
    const start = at ?? length;
    length = Math.max(length, start + bytes.length);
    return start;
  });
  const all = new Uint8Array(length);
  all.set(base);
  for (const [i, { bytes }] of additions.entries()) all.set(bytes, places[i]);
  return all;
}
