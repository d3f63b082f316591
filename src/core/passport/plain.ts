/** Passports and settings as plain JSON values. Secrets are dots in it unless it is asked for with them. */
import { Words } from "../base/words";
import { Secret } from "./secret";

/**
 * @param value of anything that a passport holds
 * @param withSecrets only where a person asked to see them
 */
export function plainOf(value: unknown, withSecrets: boolean): unknown {
  if (value instanceof Secret) return withSecrets ? value.reveal() : String(value);
  if (value instanceof Words) return String(value);
  if (value instanceof Uint8Array) return undefined;
  if (Array.isArray(value)) return value.map((item) => plainOf(item, withSecrets));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plainOf(inner, withSecrets)]));
}
