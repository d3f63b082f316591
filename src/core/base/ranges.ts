/** Half-open address ranges `[start, end)` in bytes of physical flash, and the little algebra plans need. */
import { alignDown, alignUp, hexAddress } from "./bytes";

export interface Range {
  readonly start: number;
  readonly end: number;
}

export function rangeOf(start: number, length: number): Range {
  return { start, end: start + length };
}

export function lengthOf(ranges: readonly Range[]): number {
  return ranges.reduce((sum, range) => sum + range.end - range.start, 0);
}

export function overlaps(a: Range, b: Range): boolean {
  return a.start < b.end && b.start < a.end;
}

export function contains(outer: Range, inner: Range): boolean {
  return inner.start >= outer.start && inner.end <= outer.end;
}

/** Grows a range to whole units (sectors, pages). */
export function widen(range: Range, unit: number): Range {
  return { start: alignDown(range.start, unit), end: alignUp(range.end, unit) };
}

/** Sorted, with touching and overlapping ranges joined and empty ones dropped. */
export function join(ranges: readonly Range[]): Range[] {
  const sorted = ranges.filter((range) => range.end > range.start).sort((a, b) => a.start - b.start);
  const out: Range[] = [];
  for (const range of sorted) {
    const last = out[out.length - 1];
    if (last && range.start <= last.end)
      out[out.length - 1] = { start: last.start, end: Math.max(last.end, range.end) };
    else out.push(range);
  }
  return out;
}

/** What is left of `from` without `holes`. */
export function subtract(from: readonly Range[], holes: readonly Range[]): Range[] {
  let left = join(from);
  for (const hole of join(holes)) {
    left = left.flatMap((range) =>
      overlaps(range, hole)
        ? [
            { start: range.start, end: Math.min(range.end, hole.start) },
            { start: Math.max(range.start, hole.end), end: range.end },
          ].filter((part) => part.end > part.start)
        : [range],
    );
  }
  return left;
}

/** Cuts ranges into pieces of at most `unit` bytes that do not cross multiples of `unit`. */
export function split(ranges: readonly Range[], unit: number): Range[] {
  const out: Range[] = [];
  for (const range of ranges) {
    for (let start = range.start; start < range.end;) {
      const end = Math.min(range.end, alignDown(start, unit) + unit);
      out.push({ start, end });
      start = end;
    }
  }
  return out;
}

export function describeRange(range: Range): string {
  return `${hexAddress(range.start)}-${hexAddress(range.end)}`;
}
