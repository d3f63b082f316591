/**
 * What a YAML 1.1 parser, as ESPHome's, makes of an unquoted scalar, and the text that is left of it. The `yaml` package speaks YAML 1.2,
 * so its parsed values say nothing here: only the source and the quoting of a node count.
 * Source: PyYAML's implicit resolvers and Python's `str`; docs/formats.md ("Scalars").
 */
export type Read =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "null" }
  | { readonly kind: "boolean"; readonly text: string }
  | { readonly kind: "number"; readonly text: string };

const NULL = /^(?:~|null|Null|NULL|)$/;
const BOOLEAN = /^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/;
const BINARY = /^[-+]?0b[01_]+$/;
const OCTAL = /^[-+]?0[0-7_]+$/;
const DECIMAL = /^[-+]?(?:0|[1-9][0-9_]*)$/;
const HEX = /^[-+]?0x[0-9a-fA-F_]+$/;
const SEXAGESIMAL = /^[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+$/;
const FLOAT = /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?)$/;
const SEXAGESIMAL_FLOAT = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*$/;
const NO_NUMBER = /^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;

/** @param source an unquoted scalar */
export function readPlain(source: string): Read {
  if (NULL.test(source)) return { kind: "null" };
  if (BOOLEAN.test(source)) return { kind: "boolean", text: source };
  const whole = wholeNumber(source);
  if (whole !== undefined) return { kind: "number", text: whole.toString() };
  if (FLOAT.test(source)) return { kind: "number", text: pythonFloat(Number(source.replaceAll("_", ""))) };
  if (SEXAGESIMAL_FLOAT.test(source) || NO_NUMBER.test(source)) return { kind: "number", text: "" };
  return { kind: "text", text: source };
}

/** Longer digits are no option's value, and take long to convert. */
const MOST_DIGITS = 256;

function wholeNumber(source: string): bigint | undefined {
  const digits = source.replaceAll("_", "").replace(/^[-+]/, "");
  if (digits.length === 0 || digits.length > MOST_DIGITS) return undefined;
  const sign = source.startsWith("-") ? -1n : 1n;
  if (BINARY.test(source)) return digits === "0b" ? undefined : sign * BigInt(digits);
  if (HEX.test(source)) return digits === "0x" ? undefined : sign * BigInt(digits);
  if (DECIMAL.test(source)) return sign * BigInt(digits);
  if (OCTAL.test(source)) return sign * BigInt(`0o${digits.slice(1) || "0"}`);
  if (!SEXAGESIMAL.test(source)) return undefined;
  return sign * digits.split(":").reduce((sum, part) => sum * 60n + BigInt(part), 0n);
}

/** As Python writes a float: at least one digit behind the point. */
function pythonFloat(value: number): string {
  const text = String(value);
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}
