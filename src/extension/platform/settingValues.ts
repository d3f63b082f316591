/** What a setting's raw value means: settings.json is typed by hand, so anything may stand there. Pure. */
import { SETTING_BOUNDS, type Bounds } from "./contributions";

/** `auto`, or a rate within bounds; anything else counts as `auto`. */
export function parseBaudRate(value: unknown): number | "auto" {
  const baud = typeof value === "string" && /^\d+$/.test(value.trim()) ? Number(value) : value;
  if (typeof baud !== "number" || !Number.isInteger(baud)) return "auto";
  const { minimum, maximum } = SETTING_BOUNDS.baudRate;
  return baud >= minimum && baud <= maximum ? baud : "auto";
}

/** The number moved into its bounds; `fallback` when it is none. */
export function boundedNumber(value: unknown, fallback: number, { minimum, maximum }: Bounds): number {
  if (typeof value !== "number" || !Number.isFinite(value)) return fallback;
  return Math.min(maximum, Math.max(minimum, value));
}

/** A flash address or length as people type it: decimal, `0x` hexadecimal, with `k` or `M` for 1024 and 1024 squared. */
export function parseNumber(text: string): number | undefined {
  const match = /^(?:0x([0-9a-f]{1,8})|(\d{1,9})\s*(k|m)?i?b?)$/i.exec(text.trim().replaceAll("_", ""));
  if (match === null) return undefined;
  const [, hex, decimal, unit] = match;
  if (hex !== undefined) return parseInt(hex, 16);
  const factor = unit === undefined ? 1 : unit.toLowerCase() === "k" ? 1024 : 1024 * 1024;
  return Number(decimal) * factor;
}

/** Names of `wanted` that stand in the text of a settings file. */
export function settingsNamedIn(settings: string, wanted: readonly string[]): readonly string[] {
  const text = settings.replace(/^\s*\/\/.*$/gm, "").replace(/\/\*[\s\S]*?\*\//g, "");
  return wanted.filter((name) => new RegExp(`"${name.replaceAll(".", String.raw`\.`)}"\\s*:`).test(text));
}
