/** Speeds of logs, in baud. */

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
