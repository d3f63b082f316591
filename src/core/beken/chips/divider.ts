/**
 * Baud rates as the chip really makes them: 26 MHz divided by (field + 1), the field computed from the requested rate
 * in a way each loader family has of its own. Knows rates only; sending and switching is the protocol layer's.
 * Source: docs/protocol.md ("Baud rates"); the divider fields were read from running loaders, `floor` is Beken's bk_idk.
 */
import type { Divider } from "./types";

const UART_CLOCK_HZ = 26_000_000;
/** Loaders clamp the field to this range; the fastest rate is therefore 5.2 Mbaud. */
const MIN_FIELD = 4;
const MAX_FIELD = 8191;
/** What a loader takes a requested rate of 0 for. */
const DEFAULT_BAUD = 115_200;

/** Rates that serial adapters and operating systems commonly offer, from the rate a chip starts at upwards. */
export const STANDARD_RATES: readonly number[] = [
  115_200, 230_400, 460_800, 500_000, 921_600, 1_000_000, 1_500_000, 2_000_000, 3_000_000,
];

/** Deviation that still leaves an adapter its own error before the last bit of a byte is sampled too far off. */
export const MAX_BAUD_ERROR_PERCENT = 2;

export interface BaudRequest {
  /** Rate the host port is opened at. */
  readonly host: number;
  /** Rate to put into the SetBaudRate frame. */
  readonly request: number;
  /** Rate the chip then makes, rounded to whole baud. */
  readonly actual: number;
  /** (actual - host) / host, in percent; for `ceil-or-round` that of the worse of the two dividers. */
  readonly errorPercent: number;
}

type KnownDivider = Exclude<Divider, "ceil-or-round">;

/** Real rate in baud after a request for `requested` (a positive integer, or 0 for the loader's default). */
export function actualBaud(divider: Divider, requested: number): number {
  if (divider !== "ceil-or-round") return Math.round(rateOf(fieldFor(divider, requested)));
  return Math.round(mean(rateOf(fieldFor("ceil", requested)), rateOf(fieldFor("round", requested))));
}

/**
 * What to ask for so that the chip comes nearest to `wantedHostBaud`. Nearest of all fields a whole-number request can reach;
 * for `ceil-or-round` the request whose two possible results deviate least.
 */
export function requestFor(divider: Divider, wantedHostBaud: number): BaudRequest {
  return divider === "ceil-or-round" ? requestForEither(wantedHostBaud) : requestForKnown(divider, wantedHostBaud);
}

/** The standard rates this divider makes within `maxErrorPercent`, slowest first. */
export function usableRates(divider: Divider, maxErrorPercent = MAX_BAUD_ERROR_PERCENT): readonly BaudRequest[] {
  return STANDARD_RATES.map((rate) => requestFor(divider, rate)).filter(
    ({ errorPercent }) => Math.abs(errorPercent) <= maxErrorPercent,
  );
}

function requestForKnown(divider: KnownDivider, wanted: number): BaudRequest {
  const choices = fieldsNear(wanted).flatMap((field) => {
    const request = pickRequest(requestsFor(divider, field), wanted);
    return request === undefined ? [] : [{ request, rate: rateOf(field) }];
  });
  const best = leastBy(choices, ({ rate }) => Math.abs(rate - wanted));
  return {
    host: wanted,
    request: best.request,
    actual: Math.round(best.rate),
    errorPercent: percent(best.rate, wanted),
  };
}

/**
 * The two dividers never agree, but they come closest (neighbouring fields) where 26 MHz / request lies in the upper
 * half between two whole numbers: there `ceil` gives c and `round` gives c - 1.
 */
function requestForEither(wanted: number): BaudRequest {
  const choices = fieldsNear(wanted).flatMap((c) => {
    const range = { from: Math.ceil(UART_CLOCK_HZ / c), to: Math.ceil(UART_CLOCK_HZ / (c - 0.5)) - 1 };
    const request = c > MIN_FIELD ? pickRequest(range, wanted) : undefined;
    return request === undefined ? [] : [{ request, low: rateOf(c), high: rateOf(c - 1) }];
  });
  const best = leastBy(choices, ({ low, high }) => Math.max(Math.abs(low - wanted), Math.abs(high - wanted)));
  const worse = Math.abs(best.low - wanted) > Math.abs(best.high - wanted) ? best.low : best.high;
  return {
    host: wanted,
    request: best.request,
    actual: Math.round(mean(best.low, best.high)),
    errorPercent: percent(worse, wanted),
  };
}

function fieldFor(divider: KnownDivider, requested: number): number {
  const ratio = UART_CLOCK_HZ / (requested === 0 ? DEFAULT_BAUD : requested);
  switch (divider) {
    case "ceil":
      return clampField(Math.ceil(ratio));
    case "round":
      // A ratio of exactly one half goes down, as seen at 4 Mbaud.
      return clampField(Math.ceil(ratio - 0.5) - 1);
    case "floor":
      return clampField(Math.floor(ratio) - 1);
  }
}

interface RequestRange {
  readonly from: number;
  readonly to: number;
}

/** Whole-number requests that lead to this field; `from` above `to` when there are none. */
function requestsFor(divider: KnownDivider, field: number): RequestRange {
  switch (divider) {
    case "ceil":
      return { from: Math.ceil(UART_CLOCK_HZ / field), to: Math.ceil(UART_CLOCK_HZ / (field - 1)) - 1 };
    case "round":
      return { from: Math.ceil(UART_CLOCK_HZ / (field + 1.5)), to: Math.ceil(UART_CLOCK_HZ / (field + 0.5)) - 1 };
    case "floor":
      return { from: Math.floor(UART_CLOCK_HZ / (field + 2)) + 1, to: Math.floor(UART_CLOCK_HZ / (field + 1)) };
  }
}

/** The wanted rate itself where it is in the range, else the roundest number near the middle, far from both edges. */
function pickRequest({ from, to }: RequestRange, wanted: number): number | undefined {
  if (from > to) return undefined;
  if (wanted >= from && wanted <= to) return wanted;
  const middle = (from + to) / 2;
  for (let unit = 100_000; unit > 1; unit /= 10) {
    const candidate = Math.round(middle / unit) * unit;
    if (candidate >= from && candidate <= to) return candidate;
  }
  return Math.floor(middle);
}

/** Fields around the ideal one: at the slow end some have no whole-number request, so a few are looked at. */
function fieldsNear(wanted: number): number[] {
  const ideal = clampField(Math.round(UART_CLOCK_HZ / wanted) - 1);
  const fields: number[] = [];
  for (let field = ideal - 4; field <= ideal + 4; field++) if (field === clampField(field)) fields.push(field);
  return fields;
}

function clampField(field: number): number {
  return Math.min(MAX_FIELD, Math.max(MIN_FIELD, field));
}

function rateOf(field: number): number {
  return UART_CLOCK_HZ / (field + 1);
}

function mean(a: number, b: number): number {
  return (a + b) / 2;
}

function percent(actual: number, wanted: number): number {
  return ((actual - wanted) / wanted) * 100;
}

function leastBy<T>(items: readonly T[], cost: (item: T) => number): T {
  return items.reduce((best, item) => (cost(item) < cost(best) ? item : best));
}
