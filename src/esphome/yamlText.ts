/** Writes YAML of maps, lists and scalars in a fixed form, the keys in the order they are given. Reads none. */

/** A value that is written as it stands: a number, a tag with its name. */
export class Raw {
  constructor(readonly text: string) {}
}

/** A key without a value. */
export const EMPTY = new Raw("");

export type YamlValue = string | number | boolean | Raw | YamlList | YamlMap;
export type YamlList = readonly YamlValue[];
export interface YamlMap {
  readonly [key: string]: YamlValue | undefined;
}

/** What a YAML 1.1 parser takes for something else than a text, or what ends one early. */
const NEEDS_QUOTES =
  // eslint-disable-next-line no-control-regex -- they end a text early
  /^$|^[\s\-?:,[\]{}#&*!|>'"%@`]|[\s:]$|: | #|^(?:y|n|yes|no|on|off|true|false|null|~)$|^[-+.]?[\d.][\d_.,:]*(?:e[-+]?\d+)?$|^0[xob][\da-f_]+$|^[-+]?\.(?:inf|nan)$|[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff]/i;

/** Ends a comment, or hides what is in it. */
// eslint-disable-next-line no-control-regex -- these are what is looked for
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g;

function isMap(value: YamlValue): value is YamlMap {
  return typeof value === "object" && !Array.isArray(value) && !(value instanceof Raw);
}

/** A scalar as it is written; texts in quotes where they would be read as something else. */
export function scalar(value: string | number | boolean | Raw): string {
  if (value instanceof Raw) return value.text;
  if (typeof value !== "string") return String(value);
  return NEEDS_QUOTES.test(value) ? JSON.stringify(value) : value;
}

function lines(value: YamlList | YamlMap): string[] {
  if (Array.isArray(value)) return (value as YamlList).flatMap((item) => itemLines(item));
  return Object.entries(value as YamlMap).flatMap(([key, inner]) =>
    inner === undefined ? [] : entryLines(key, inner),
  );
}

function entryLines(key: string, value: YamlValue): string[] {
  const name = scalar(/^\d+$/.test(key) ? new Raw(key) : key);
  if (Array.isArray(value)) return value.length === 0 ? [`${name}: []`] : [`${name}:`, ...indented(lines(value))];
  if (isMap(value)) return Object.keys(value).length === 0 ? [`${name}: {}`] : [`${name}:`, ...indented(lines(value))];
  const text = scalar(value as string | number | boolean | Raw);
  return [text === "" ? `${name}:` : `${name}: ${text}`];
}

function itemLines(value: YamlValue): string[] {
  if (typeof value !== "object" || value instanceof Raw) return [`- ${scalar(value)}`];
  const [first = "", ...rest] = lines(value);
  return [`- ${first}`, ...rest.map((line) => `  ${line}`)];
}

function indented(inner: readonly string[]): string[] {
  return inner.map((line) => `  ${line}`);
}

/** A document: comments first, then the keys with a blank line before each. */
export function yamlDocument(comments: readonly string[], document: YamlMap): string {
  const parts = Object.entries(document).flatMap(([key, value]) =>
    value === undefined ? [] : ["", ...entryLines(key, value)],
  );
  const head = comments.map((comment) => (comment === "" ? "#" : `# ${comment.replace(CONTROL, " ")}`));
  return [...head, ...parts, ""].join("\n");
}
