/**
 * The extension speaking Chinese in a test, and what is left of English in what it says. Asking for a text without a translation
 * fails at once; leftovers are words that neither a translation nor the outside world (names, files, figures) brought in.
 */
import { english, useTranslation } from "../../../src/extension/text/l10n";
import { textsOf } from "../../languages";

const bundle = textsOf("zh-cn");

export function speakChinese(): void {
  useTranslation((message, ...values) => {
    const translated = bundle[message];
    // Figures and names alone are the same in every language.
    if (translated === undefined && /[a-z]/i.test(message.replace(/\{\d+\}/g, "")))
      throw new Error(`not in the Chinese bundle: ${message}`);
    return english(translated ?? message, ...values);
  });
}

export function speakEnglish(): void {
  useTranslation(english);
}

/** Every string in `value`, however deep, and nothing that would not survive being posted to a page. */
export function stringsIn(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  const isPlain =
    Array.isArray(value) || value instanceof Uint8Array || Object.getPrototypeOf(value) === Object.prototype;
  if (!isPlain) throw new Error(`no plain data: ${JSON.stringify(value)}`);
  return value instanceof Uint8Array ? [] : Object.values(value).flatMap(stringsIn);
}

/** What a Chinese text has in Latin letters anyway: codes, file names and chips have no space, no comma and no full stop in them. */
const WORD = /(?<![\w./#:<-])[A-Za-z][a-z]+(?![\w/#:.>-])/g;
/** Names of makers, formats and programs. */
const NAMES =
  /^(?:Tuya|Beken|LibreTiny|OpenBeken|Realtek|Bouffalo|Espressif|WinnerMicro|AliOS|Things|ottime|Dreo|Home|End|Puya|GigaDevice|Winbond|eFuse|Wi|Fi|baud)$/;

/** English words among Chinese ones; `known` are names that the test itself brought in. */
export function leftovers(text: string, known: readonly string[] = []): readonly string[] {
  const rest = known.reduce((left, name) => left.replaceAll(name, " "), text);
  return (rest.match(WORD) ?? []).filter((word) => !NAMES.test(word));
}
