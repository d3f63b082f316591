/** Figures as people of this field write them; the same in every surface. Words come from the tables of strings. */

import { hexAddress } from "../core/base/bytes";

export { hex32, hexAddress } from "../core/base/bytes";

/** A half-open range `[start, end)` of addresses. */
export function hexRange(start: number, end: number): string {
  return `${hexAddress(start)}\u2013${hexAddress(end)}`;
}

/** Bytes below 10 KiB exactly, more of them in the unit that fits; whole units without a fraction. */
export function formatBytes(count: number): string {
  if (count < 10 * 1024) return count >= 1024 && count % 1024 === 0 ? `${count / 1024} KiB` : `${count} B`;
  if (count < 1024 * 1024) return `${trim(count / 1024)} KiB`;
  return `${trim(count / (1024 * 1024))} MiB`;
}

function trim(value: number): string {
  return value >= 100 || Number.isInteger(value) ? String(Math.round(value)) : String(Number(value.toFixed(1)));
}

export function formatSpeed(bytesPerSecond: number): string {
  const kib = bytesPerSecond / 1024;
  return `${kib < 10 ? kib.toFixed(1) : Math.round(kib)} KiB/s`;
}

/** Milliseconds as `8 s`, `1 min 30 s` or `1 h 2 min`; never shows a fraction, so that a running figure does not flicker. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds <= 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  const parts =
    minutes < 60
      ? ([
          [minutes, "min"],
          [seconds % 60, "s"],
        ] as const)
      : ([
          [Math.floor(minutes / 60), "h"],
          [minutes % 60, "min"],
        ] as const);
  return parts
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(" ");
}

/** What something took: as {@link formatDuration}, and what is over within a second in tenths of it, never as nothing. */
export function formatTook(ms: number): string {
  return ms < 950 ? `${Math.max(0.1, ms / 1000).toFixed(1)} s` : formatDuration(ms);
}

/** Whole percent, rounded down: 100 only when all is done. */
export function formatPercent(share: number): string {
  return `${Math.floor(100 * Math.min(1, Math.max(0, share)) + 1e-9)}%`;
}

/** Puts `args` into the `{0}`, `{1}` of a localised text. */
export function fill(template: string, ...args: readonly (string | number)[]): string {
  return template.replace(/\{(\d+)\}/g, (whole, index: string) => String(args[Number(index)] ?? whole));
}
