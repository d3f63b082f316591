/** What stands behind an option, from text to a value within its bounds; what cannot be is told as commander tells it. */
import { InvalidArgumentError } from "commander";

export function number(text: string): number {
  const value = /^(0x[0-9a-f]+|\d+)$/i.test(text) ? Number(text) : NaN;
  if (!Number.isSafeInteger(value)) throw new InvalidArgumentError("Takes a whole number, decimal or 0x hexadecimal.");
  return value;
}

export function baud(text: string): number | "auto" {
  if (text === "auto") return text;
  const value = number(text);
  if (value < 9_600 || value > 4_000_000) throw new InvalidArgumentError("Takes auto, or 9600 to 4000000.");
  return value;
}

export function fixedBaud(text: string): number {
  const rate = baud(text);
  if (rate === "auto") throw new InvalidArgumentError("Takes 9600 to 4000000.");
  return rate;
}

export function seconds(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0 || value > 3_600)
    throw new InvalidArgumentError("Takes seconds, up to 3600.");
  return value;
}

export function latency(text: string): number {
  const value = number(text);
  if (value > 255) throw new InvalidArgumentError("Takes 0 to 255 ms, as adapters do.");
  return value;
}
