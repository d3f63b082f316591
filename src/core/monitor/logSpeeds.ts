/** Speeds of logs, in baud: those there are, and which one a log that is no text at another is likely of. */
import { measureRate } from "./measuredRate";
import { likelySpeed } from "./textSpeed";

/** Of every firmware for these chips unless its build says otherwise. */
export const USUAL_SPEED = 115_200;

/** What logs are printed at, the usual first; the fast ones are of firmware that prints much. */
export const LOG_SPEEDS: readonly number[] = [
  USUAL_SPEED,
  9_600,
  921_600,
  1_500_000,
  460_800,
  230_400,
  57_600,
  38_400,
  19_200,
];

/**
 * The speed that bytes were likely sent at which are no text at the one they were heard at; undefined where they tell of none.
 * A slower sender shows by where its bits begin, whatever it sends; of a faster one what is left of text tells.
 */
export function otherSpeed(bytes: Uint8Array, heardAt: number): number | undefined {
  return measureRate(bytes, heardAt)?.baud ?? likelySpeed(bytes, heardAt, LOG_SPEEDS);
}
