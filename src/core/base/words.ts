/**
 * Texts for people as data: an English sentence with places to fill in, and what goes there. Whoever shows one puts it into
 * the reader's language; logs, JSON and files get it in English by themselves. Knows no language but English.
 */

/** What fills a place: the same in every language (an address, a name, a count), or a text of its own. */
export type WordsValue = string | number | Words;

/** A string is the same in every language: figures, names of chips and files, what the operating system said. */
export type Text = string | Words;

/** Puts a text into the reader's language. */
export type Say = (text: Text) => string;

/** Made by {@link words} alone, so that every sentence there is can be found in the sources. */
export class Words {
  /**
   * @param template the English sentence with `{0}`, `{1}` for the values, as translations are keyed
   */
  constructor(
    readonly template: string,
    readonly values: readonly WordsValue[],
  ) {}

  /** In English. */
  toString(): string {
    return fillIn(this.template, this.values);
  }

  /** In English, so that what is printed or stored as JSON holds plain sentences. */
  toJSON(): string {
    return this.toString();
  }
}

/** Tag of a sentence for people: words`block ${index} does not hold` can be translated, a plain template cannot. */
export function words(parts: TemplateStringsArray, ...values: readonly WordsValue[]): Words {
  return new Words(
    parts.reduce((before, part, index) => `${before}{${index - 1}}${part}`),
    values,
  );
}

export function english(text: Text): string {
  return text.toString();
}

/**
 * Puts texts, and the texts in them, into another language; strings are the same in every language.
 * @param translate called with each English template and its values, which are in that language already
 */
export function sayBy(translate: (template: string, ...values: readonly (string | number)[]) => string): Say {
  const say: Say = (text) =>
    typeof text === "string"
      ? text
      : translate(text.template, ...text.values.map((value) => (typeof value === "number" ? value : say(value))));
  return say;
}

/** What two texts of one meaning have in common, whatever the language they are shown in. */
export function sameText(a: Text, b: Text): boolean {
  return english(a) === english(b);
}

/** Values one after another, such as ranges or chips; `separator` stands between two of them in every language. */
export function listed(values: readonly WordsValue[], separator = ", "): Words {
  return new Words(values.map((_, index) => `{${index}}`).join(separator), values);
}

/** Any of several, in words: "BK7231T or BK7231S". */
export function oneOf(values: readonly string[]): Text {
  const [first = "", ...rest] = values;
  return rest.reduce<Text>((before, value) => words`${before} or ${value}`, first);
}

/** Fills `{0}`, `{1}` ... of a sentence; a place without a value stays as it is. */
export function fillIn(template: string, values: readonly WordsValue[]): string {
  return template.replace(/\{(\d+)\}/g, (place, index: string) => String(values[Number(index)] ?? place));
}
