/** Where two dumps differ, in whole sectors, and what lies there. */
import { alignUp } from "../base/bytes";
import { join, type Range } from "../base/ranges";
import { straighten } from "../beken/images/shift";
import type { MapPart } from "./partitionMap";

/** Differences are told in pieces of so many bytes: no flash of these chips changes less at once. */
const UNIT = 0x1000;

export interface Difference extends Range {
  /** Bytes that are not the same; what one file lacks counts. */
  readonly bytes: number;
  /** Parts of the map it lies in. */
  readonly parts: readonly MapPart[];
}

/** @param map of either of them */
export function differencesBetween(a: Uint8Array, b: Uint8Array, map: readonly MapPart[]): readonly Difference[] {
  const [left, right] = [straighten(a), straighten(b)];
  const length = Math.max(left.length, right.length);
  const changed: Range[] = [];
  for (let start = 0; start < length; start += UNIT) {
    const end = Math.min(length, start + UNIT);
    if (countDifferent(left, right, start, end) > 0) changed.push({ start, end: Math.min(length, alignUp(end, UNIT)) });
  }
  return join(changed).map(({ start, end }) => ({
    start,
    end,
    bytes: countDifferent(left, right, start, end),
    parts: map.filter((part) => part.start < end && start < part.end),
  }));
}

function countDifferent(a: Uint8Array, b: Uint8Array, start: number, end: number): number {
  let count = 0;
  for (let at = start; at < end; at++) if (a[at] !== b[at]) count++;
  return count;
}
